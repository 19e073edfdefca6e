/**
 * A click model's description, which a person can read: what it reads, its layers, how it was made; all but tables and
 * weights.
 */
import { InputError } from '../checks.js';
import type { Embedding, Json } from '../embedding/embedding.js';
import { provenanceFromJson, type Provenance } from '../embedding/provenance.js';
import { FieldReader } from '../embedding/json-fields.js';
import { readingFromJson, readingToJson, type ModelReading } from '../impressions/model-reading.js';
import type {
  CategoricalInput,
  ClickEncoder,
  ClickModel,
  ClickNetwork,
  DenseLayer,
  ListInput,
  NumericInput,
} from '../click-network/model.js';

/** Name of a saved click model's format, in its description. */
export const clickModelFormat = 'category2vec click model';

/** Version of the format. It rises when an older reader would misread a newer folder. */
export const clickModelVersion = 1;

/** What stands in a click model's folder. */
export const clickModelFiles = { description: 'model.json', weights: 'dense.safetensors', tables: 'tables' } as const;

/** A click model with how its tables are read, and how it was made. */
export interface SavedClickModel extends ClickModel {
  /** how the table that it was trained on was read; undefined where nobody said. A file holds it within the provenance. */
  readonly reading?: ModelReading | undefined;
  /** options, seed, source, versions, measures. No clock, duration, thread count or absolute path. */
  readonly provenance: Provenance;
}

/** What the description says of a table, whose rows lie in a file of their own. */
export interface DescribedTable {
  readonly domain: string;
  /** path within the model's folder */
  readonly file: string;
  /** V, without the unknown category */
  readonly categories: number;
  readonly dimension: number;
}

/** Shape of a dense layer, whose weights lie in a file of their own. */
export type LayerShape = Pick<DenseLayer, 'inputs' | 'outputs'>;

/** A checked description: the whole model but for vectors and weights. */
export interface ModelDescription {
  readonly tables: readonly DescribedTable[];
  readonly layers: readonly LayerShape[];
  readonly encoder: Omit<ClickEncoder, 'tables'>;
  readonly network: Pick<ClickNetwork, 'products' | 'logitOffset'>;
  readonly reading: ModelReading | undefined;
  readonly provenance: Provenance;
}

/**
 * Describes a model as JSON. Columns name their table by its domain; products name their columns.
 *
 * @param files - path of each table within the model's folder
 */
export function descriptionFromModel(
  model: SavedClickModel,
  files: readonly string[],
): { readonly [name: string]: Json } {
  const { encoder, network } = model;
  const { tables, categorical, lists, numeric } = encoder;
  const domainOf = (table: number) => tables[table]?.domain ?? '';
  return {
    format: clickModelFormat,
    format_version: clickModelVersion,
    tables: tables.map(({ domain, vocabulary }, i) => ({
      domain,
      file: files[i] ?? '',
      categories: vocabulary.size,
      dimension: network.tables[i]?.dimension ?? 0,
    })),
    categorical: categorical.map(({ name, table, predictedAs }) => ({
      name,
      domain: domainOf(table),
      ...(predictedAs === undefined ? {} : { predictedAs }),
    })),
    lists: lists.map(({ name, table, halfLifeSeconds }) => ({
      name,
      domain: domainOf(table),
      ...(halfLifeSeconds === undefined ? {} : { halfLifeSeconds }),
    })),
    numeric: numeric.map(({ name, mean, deviation, isMarked, predictedAs }) => ({
      name,
      mean,
      deviation,
      isMarked,
      ...(predictedAs === undefined ? {} : { predictedAs }),
    })),
    products: network.products.map((product) => ({
      categorical: categorical[product.categorical]?.name ?? '',
      list: lists[product.list]?.name ?? '',
    })),
    layers: network.layers.map(({ inputs, outputs }, i) => ({
      inputs,
      outputs,
      activation: i + 1 < network.layers.length ? 'relu' : 'none',
    })),
    logitOffset: network.logitOffset,
    provenance: provenanceWithReading(model),
  };
}

/** The provenance of a model as its files hold it, the reading behind version and source. */
export function provenanceWithReading({
  reading,
  provenance,
}: Pick<SavedClickModel, 'reading' | 'provenance'>): SavedClickModel['provenance'] {
  if (reading === undefined) return provenance;
  const { version, source, reading: _, ...others } = provenance;
  return {
    ...(version === undefined ? {} : { version }),
    ...(source === undefined ? {} : { source }),
    reading: readingToJson(reading),
    ...others,
  };
}

/**
 * Reads a description and checks that its parts fit together.
 *
 * @param value - parsed JSON
 * @throws InputError for anything that is not a description, for a newer version, and for parts that do not fit
 */
export function modelFromDescription(value: unknown): ModelDescription {
  const all = new FieldReader(value, 'it');
  if (all.optional('format') !== clickModelFormat) {
    throw new InputError(`it is not a click model: expected "format" to be ${JSON.stringify(clickModelFormat)}`);
  }
  const version = all.integer('format_version', { min: 1 });
  if (version > clickModelVersion) {
    throw new InputError(
      `it has format version ${version}, expected at most ${clickModelVersion}; a newer category2vec opens it`,
    );
  }
  const tables = all.list('tables').map(describedTable);
  const domains = tables.map(({ domain }) => domain);
  if (new Set(domains).size < domains.length) throw new InputError('its tables must have distinct domains');
  const categorical = all.list('categorical').map((field) => categoricalInput(field, domains));
  const lists = all.list('lists').map((field) => listInput(field, domains));
  const numeric = all.list('numeric').map(numericInput);
  const products = all
    .list('products')
    .map((field) => ({
      categorical: field.indexIn('categorical', categorical.map(nameOf)),
      list: field.indexIn('list', lists.map(nameOf)),
    }));
  const layers = all
    .list('layers')
    .map((field) => ({ inputs: field.integer('inputs', { min: 1 }), outputs: field.integer('outputs', { min: 1 }) }));
  const provenance = provenanceFromJson(all.optional('provenance'));
  const description: ModelDescription = {
    tables,
    layers,
    encoder: { categorical, lists, numeric },
    network: { products, logitOffset: all.number('logitOffset', { min: -1000, max: 0 }) },
    reading: provenance.reading === undefined ? undefined : readingFromJson(provenance.reading),
    provenance,
  };
  checkShapes(description);
  return description;
}

/**
 * Numbers that the first layer reads: one vector for each categorical column, list and product, then the numbers of
 * each numeric column.
 *
 * @param dimensions - D of each table
 */
export function inputWidth(
  { categorical, lists, numeric }: Omit<ClickEncoder, 'tables'>,
  products: ClickNetwork['products'],
  dimensions: readonly number[],
): number {
  const widthOf = (table: number | undefined) => dimensions[table ?? -1] ?? 0;
  const vectors = [...categorical, ...lists, ...products.map((product) => categorical[product.categorical])];
  const numbers = numeric.reduce((sum, { isMarked }) => sum + (isMarked ? 2 : 1), 0);
  return vectors.reduce((sum, input) => sum + widthOf(input?.table), numbers);
}

/** A file name for each domain: its own name, with what file systems do not take escaped; unique also where case is ignored. */
export function tableFiles(domains: readonly string[]): string[] {
  const taken = new Set<string>();
  return domains.map((domain) => {
    const name = encodeURIComponent(Array.from(domain).slice(0, 60).join(''))
      .replaceAll('*', '%2A')
      .replace(/^\./, '%2E');
    let stem = name;
    for (let i = 2; taken.has(stem.toLowerCase()); i++) stem = `${name}-${i}`;
    taken.add(stem.toLowerCase());
    return `tables/${stem}.parquet`;
  });
}

/** The metadata key of a table's file that holds row 0, and its value: a JSON list that keeps every bit. */
export function unknownVectorMetadata(row: Float32Array): Readonly<Record<string, string>> {
  return {
    unknown_vector: `[${Array.from(row, (value) => (Object.is(value, -0) ? '-0' : String(value))).join(', ')}]`,
  };
}

/**
 * Row 0 of a table, from its file's metadata.
 *
 * @throws InputError where it is missing or damaged
 */
export function unknownVectorFromMetadata(metadata: ReadonlyMap<string, string>, dimension: number): Float32Array {
  const text = metadata.get('unknown_vector') ?? '';
  const numbers: unknown = /^\[[-+.,e\d\s]*\]$/i.test(text) ? parseOrUndefined(text) : undefined;
  if (!Array.isArray(numbers) || numbers.length !== dimension || !numbers.every(isFloat)) {
    throw new InputError(
      `it is not a table of a click model: expected its metadata to hold unknown_vector, a list of ${dimension} numbers`,
    );
  }
  return Float32Array.from(numbers as readonly number[]);
}

/**
 * Puts a table together: row 0, then the rows of its embedding.
 *
 * @returns shape [V + 1, D]
 */
export function tableRows(unknown: Float32Array, { vectors, dimension }: Embedding): Float32Array {
  const rows = new Float32Array(dimension + vectors.length);
  rows.set(unknown);
  rows.set(vectors, dimension);
  return rows;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a float of 32 bits holds it. */
function isFloat(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(Math.fround(value));
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function describedTable(field: FieldReader): DescribedTable {
  const file = field.text('file');
  if (!/^tables\/[^/\\]+\.parquet$/.test(file)) {
    throw new InputError(`${field.name}.file must be a Parquet file in tables/, got ${JSON.stringify(file)}`);
  }
  return {
    domain: field.text('domain'),
    file,
    categories: field.integer('categories', { min: 0 }),
    dimension: field.integer('dimension', { min: 1 }),
  };
}

function categoricalInput(field: FieldReader, domains: readonly string[]): CategoricalInput {
  const predictedAs = field.optionalNumber('predictedAs');
  const input = { name: field.text('name'), table: field.indexIn('domain', domains) };
  return predictedAs === undefined ? input : { ...input, predictedAs: field.integer('predictedAs', { min: 0 }) };
}

function listInput(field: FieldReader, domains: readonly string[]): ListInput {
  const halfLifeSeconds = field.optionalNumber('halfLifeSeconds', { min: 0, isMinExcluded: true });
  const input = { name: field.text('name'), table: field.indexIn('domain', domains) };
  return halfLifeSeconds === undefined ? input : { ...input, halfLifeSeconds };
}

function numericInput(field: FieldReader): NumericInput {
  const predictedAs = field.optionalNumber('predictedAs');
  const input = {
    name: field.text('name'),
    mean: field.number('mean'),
    deviation: field.number('deviation', { min: 0, isMinExcluded: true }),
    isMarked: field.flag('isMarked'),
  };
  return predictedAs === undefined ? input : { ...input, predictedAs };
}

function checkShapes({ tables, layers, encoder, network }: ModelDescription): void {
  const width = inputWidth(
    encoder,
    network.products,
    tables.map(({ dimension }) => dimension),
  );
  let inputs = width;
  for (const [i, layer] of layers.entries()) {
    if (layer.inputs !== inputs) {
      throw new InputError(`layers[${i}].inputs must be ${inputs}, as what it reads is, got ${layer.inputs}`);
    }
    inputs = layer.outputs;
  }
  if (layers.length === 0 || inputs !== 1) throw new InputError('its last layer must have 1 output');
  for (const { categorical, list } of network.products) {
    if (encoder.categorical[categorical]?.table === encoder.lists[list]?.table) continue;
    throw new InputError('the columns of a product must read the same table');
  }
  for (const { name, table, predictedAs = 0 } of encoder.categorical) {
    const { categories } = tables[table] ?? { categories: 0 };
    if (predictedAs > categories) {
      throw new InputError(
        `predictedAs of ${JSON.stringify(name)} must be from 0 to ${categories}, got ${predictedAs}`,
      );
    }
  }
}
