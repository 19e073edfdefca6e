/**
 * What an embedding file says about itself beside its columns: format, version, dimension, and how it was made; typed,
 * and checked once.
 */
import { InputError } from '../checks.js';
import { FieldReader, type Json } from './json-fields.js';

/** Name of the native format, in every file's key-value metadata. */
export const formatName = 'category2vec embedding';

/**
 * Version of the native format. It rises when an older reader would misread a newer file; a new metadata key or column that an
 * older reader may ignore leaves it alone.
 */
export const formatVersion = 1;

/** Names that an attribute cannot have, because a column of the file or of a map has them; case is ignored. */
export const reservedColumns: readonly string[] = ['category', 'count', 'vector', 'output_vector', 'x', 'y'];

/**
 * How an embedding was made. What is named here has the type that it says; whatever else a caller notes stands beside
 * it, untouched and in its order. No clock, duration, thread count or absolute path.
 */
export interface Provenance {
  /** of category2vec */
  readonly version?: string | undefined;
  /** the log that it was learned from: its files or query and its columns; or a name */
  readonly source?: string | SourceProvenance | undefined;
  /** what was left out of the log, see `filterOptions` */
  readonly filters?: { readonly [name: string]: Json | undefined } | undefined;
  /** those of training that its model reads */
  readonly options?: OptionsProvenance | undefined;
  readonly measures?: Measures | undefined;
  /** time of the newest click, in seconds since 1970 */
  readonly maxTime?: number | undefined;
  /** whether all times were days, so that the log went on to the end of the last one */
  readonly timesAtMidnight?: boolean | undefined;
  /**
   * the first moment at which all clicks had happened, in seconds since 1970, where times were rounded to anything but
   * days in UTC: the end of the newest hour, week, month …
   */
  readonly endTime?: number | undefined;
  /** what `center` subtracted from every vector, shape [D] */
  readonly mean?: readonly number[] | undefined;
  /** attribute whose values negative samples shared with their positive ones */
  readonly negativesWithin?: string | undefined;
  /** file of what was shown and not clicked, from which negative samples were drawn */
  readonly negativesFrom?: string | undefined;
  /** whether negative samples were drawn from what was shown and not clicked */
  readonly hasShownNegatives?: boolean | undefined;
  /** the rule that finds next clicks best, see `nextClickScores` */
  readonly scoringRule?: string | undefined;
  /** what chance gives to categories of such counts, see `Chance`; what cannot be read counts as not measured */
  readonly chance?: Json | undefined;
  /** how it was turned onto another embedding, see `align` */
  readonly aligned?: AlignedProvenance | undefined;
  /** versions that it was aligned along, the first one first, its own left out */
  readonly chain?: readonly string[] | undefined;
  /** how many categories began with the vectors of an earlier embedding */
  readonly start?: StartProvenance | undefined;
  /** of a click model: the column of what was shown */
  readonly candidate?: string | undefined;
  /** of a click model: weighted share of training rows that were clicked, in [0, 1] */
  readonly trainingRate?: number | undefined;
  /** of a click model: how the rows that it was made from were split, and which they were */
  readonly split?: SplitProvenance | undefined;
  /** of a click model, whose own reader checks it: see `ModelReading` */
  readonly reading?: Json | undefined;
  /** of a click model, whose own reader checks them: see `ModelSpace` */
  readonly spaces?: Json | undefined;
  readonly [extra: string]: Json | undefined;
}

/** Where clicks came from. */
export interface SourceProvenance {
  /** names without folders */
  readonly files?: readonly string[] | undefined;
  /** the query, paths without their folders */
  readonly sql?: string | undefined;
  readonly history?: string | undefined;
  readonly category?: string | undefined;
  readonly time?: string | undefined;
  readonly [extra: string]: Json | undefined;
}

/** Options that others ask for; all others stand beside them. */
export interface OptionsProvenance {
  readonly negatives?: number | undefined;
  readonly negativesWithin?: string | undefined;
  readonly [extra: string]: Json | undefined;
}

/** What training measured: of skip-gram, CBOW and pooled, of the spectral model, or of a click model. */
export interface Measures {
  /** positive pairs whose gradient was computed, over all epochs */
  readonly pairs?: number | undefined;
  /** mean loss per pair of the last epoch */
  readonly loss?: number | undefined;
  readonly epochs?: number | undefined;
  /** how often the learning rate was cut */
  readonly rateCuts?: number | undefined;
  /** of the spectral model, over all clicks */
  readonly passes?: number | undefined;
  /** of the spectral model: estimated angle between the subspace and the one sought, in radians */
  readonly angle?: number | undefined;
  /** of the spectral model, greatest first, shape [D] or as many as there are categories */
  readonly singularValues?: readonly number[] | undefined;
  /** of a click model */
  readonly bestEpoch?: number | undefined;
  /** of a click model: log loss of the rows that it was trained on */
  readonly trainingLogLoss?: number | undefined;
  readonly [extra: string]: Json | undefined;
}

/** Rows that a click model was made from. */
export interface SplitProvenance {
  /** time, user or row */
  readonly by?: string | undefined;
  /** rows of each part */
  readonly training?: number | undefined;
  readonly validation?: number | undefined;
  readonly test?: number | undefined;
  /** fingerprint of the labels of all rows, and of the training rows alone, so that a table that is given again is known */
  readonly labels?: string | undefined;
  readonly trainingLabels?: string | undefined;
  readonly [extra: string]: Json | undefined;
}

/** How near an embedding came to the one that it was turned onto. */
export interface AlignedProvenance {
  /** categories of both */
  readonly shared: number;
  /** mean cosine of those with themselves */
  readonly meanBefore?: number | undefined;
  readonly meanAfter?: number | undefined;
  readonly [extra: string]: Json | undefined;
}

/** Categories that began with an earlier embedding's vectors, and those that were new. */
export interface StartProvenance {
  readonly known: number;
  readonly added: number;
  readonly [extra: string]: Json | undefined;
}

const readers = {
  numbers: (from: FieldReader, field: string) => from.numbers(field),
  texts: (from: FieldReader, field: string) => from.texts(field),
  number: (from: FieldReader, field: string) => from.number(field),
  text: (from: FieldReader, field: string) => from.text(field),
  flag: (from: FieldReader, field: string) => from.flag(field),
};

type Kind = keyof typeof readers;

/** Field → what it must hold where it is there; fields of objects by their path. */
const kinds: Readonly<Record<string, Kind>> = {
  version: 'text',
  maxTime: 'number',
  timesAtMidnight: 'flag',
  endTime: 'number',
  mean: 'numbers',
  negativesWithin: 'text',
  negativesFrom: 'text',
  hasShownNegatives: 'flag',
  scoringRule: 'text',
  chain: 'texts',
  candidate: 'text',
  trainingRate: 'number',
};

const kindsWithin: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  source: { files: 'texts', sql: 'text', history: 'text', category: 'text', time: 'text' },
  filters: {},
  options: { negatives: 'number', negativesWithin: 'text' },
  measures: {
    pairs: 'number',
    loss: 'number',
    epochs: 'number',
    rateCuts: 'number',
    passes: 'number',
    angle: 'number',
    singularValues: 'numbers',
    bestEpoch: 'number',
    trainingLogLoss: 'number',
  },
  split: {
    by: 'text',
    training: 'number',
    validation: 'number',
    test: 'number',
    labels: 'text',
    trainingLabels: 'text',
  },
  aligned: { shared: 'number', meanBefore: 'number', meanAfter: 'number' },
  start: { known: 'number', added: 'number' },
};

/** Fields that an object cannot lack. */
const needed: Readonly<Record<string, readonly string[]>> = { aligned: ['shared'], start: ['known', 'added'] };

/** Names of the fields that have a type of their own. */
export const provenanceFields: readonly string[] = [
  ...Object.keys(kinds),
  ...Object.keys(kindsWithin),
  'reading',
  'spaces',
];

/**
 * Checks what a file says of how something was made; nobody else looks at its JSON.
 *
 * @param value - parsed JSON
 * @returns the same, its order kept
 * @throws InputError for anything but an object, and for a field of another type than `Provenance` says
 */
export function provenanceFromJson(value: unknown): Provenance {
  const all = new FieldReader(value, 'provenance');
  checkKinds(all, kinds);
  for (const [field, within] of Object.entries(kindsWithin)) {
    const inner = all.optional(field);
    if (inner === undefined || (field === 'source' && typeof inner === 'string')) continue;
    checkKinds(all.object(field), within, needed[field]);
  }
  const { trainingRate } = all.json;
  if (trainingRate !== undefined) all.number('trainingRate', { min: 0, max: 1 });
  return all.json;
}

function checkKinds(from: FieldReader, kinds: Readonly<Record<string, Kind>>, needed: readonly string[] = []): void {
  for (const [field, kind] of Object.entries(kinds)) {
    if (from.optional(field) !== undefined || needed.includes(field)) readers[kind](from, field);
  }
}

/** What provenance says beside its files: every field with its value, for pages that show all of it. */
export function provenanceEntries(provenance: Provenance): readonly (readonly [name: string, value: Json])[] {
  return Object.entries(provenance).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** What the metadata of a file says, checked. */
export interface FileDescription {
  readonly dimension: number;
  readonly provenance: Provenance;
}

/** What the metadata of a file holds of an embedding. */
export interface DescribedEmbedding extends FileDescription {
  readonly version: string;
  readonly alignment: string;
}

/** The key-value metadata of an embedding's file, all of it text. */
export function metadataFromEmbedding({
  dimension,
  provenance,
  version,
  alignment,
}: DescribedEmbedding): Readonly<Record<string, string>> {
  return {
    format: formatName,
    format_version: String(formatVersion),
    dimension: String(dimension),
    version_id: version,
    alignment_id: alignment,
    provenance: JSON.stringify(provenance),
  };
}

/**
 * Reads a file's key-value metadata.
 *
 * @param metadata - keys and values found in the file
 * @returns undefined where the file does not say that it is an embedding of ours
 * @throws InputError for a newer format version and for damaged metadata
 */
export function descriptionFromMetadata(metadata: ReadonlyMap<string, string>): FileDescription | undefined {
  if (metadata.get('format') !== formatName) return undefined;
  const version = wholeNumber('format_version', metadata.get('format_version'));
  if (version > formatVersion) {
    throw new InputError(
      `it has format version ${version}, expected at most ${formatVersion}; a newer category2vec opens it`,
    );
  }
  const dimension = wholeNumber('dimension', metadata.get('dimension'));
  return { dimension, provenance: provenanceFromText(metadata.get('provenance') ?? '{}') };
}

function wholeNumber(name: string, text: string | undefined): number {
  if (text === undefined || !/^[1-9][0-9]{0,9}$/.test(text)) {
    throw new InputError(`its metadata is damaged: expected ${name} to be a whole number, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

function provenanceFromText(text: string): Provenance {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError('its metadata is damaged: expected provenance to be JSON');
  }
  try {
    return provenanceFromJson(value);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`its metadata is damaged: ${error.message}`, { cause: error });
  }
}
