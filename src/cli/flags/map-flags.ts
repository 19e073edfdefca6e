/** What `map` and `report` share: their flags, reading one embedding or two, and drawing them in the plane. */
import { InputError } from '../../checks.js';
import { readToldEmbedding } from '../print/odd-vectors.js';
import { Embedding } from '../../embedding/embedding.js';
import { withAttributes } from '../../embedding/join-attributes.js';
import { meetEither } from '../../embedding/key-match.js';
import { selectRows, sharedRows } from '../../embedding/select-rows.js';
import { projectionOptions } from '../../projection/options.js';
import { attributeFlags, joinHooks, readAttributeFlags } from './attribute-flags.js';
import type { FlagGroups, FlagsOf } from './flag-table.js';
import type { Progress } from '../print/progress.js';
import { countOf, formatCount } from '../print/text.js';

/** The flags of attributes and of the projection. */
export const mapFlags = {
  Options: {
    separator: { kind: 'text', isCommon: true, help: 'splits a label into several: | in Crime|Drama' },
    most: {
      kind: 'integer',
      min: 0,
      default: 0,
      value: 'count',
      isCommon: true,
      help: 'only the most frequent categories; 0 for all',
    },
  },
  Map: projectionOptions,
  Attributes: attributeFlags,
} as const satisfies FlagGroups;

/** What these flags parse to. */
export type MapFlags = FlagsOf<typeof mapFlags>;

/** An embedding that is drawn. */
export interface NamedEmbedding {
  readonly path: string;
  readonly embedding: Embedding;
}

/**
 * Reads one embedding, or two and of both the categories they share, with the attributes of both and those joined.
 *
 * @throws InputError for more than two, two that share no category, and for what reading says
 */
export async function readEmbeddings(
  paths: readonly string[],
  flags: MapFlags,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<readonly [NamedEmbedding, ...NamedEmbedding[]]> {
  const [path = '', otherPath, ...rest] = paths;
  if (rest.length > 0) throw new InputError(`expected one embedding or two to compare, got ${paths.length}`);
  const table = await readAttributeFlags(flags, { progress, signal });
  const joined = async (file: string) => {
    const read = await readToldEmbedding(file, progress);
    return table === undefined
      ? read
      : withAttributes(read, table, { ...joinHooks(flags, progress), keys: `categories of ${file}` });
  };
  const first = await joined(path);
  if (otherPath === undefined) return [{ path, embedding: mostFrequent(first, flags.most) }];
  const other = await joined(otherPath);
  const side = (partner: string, { vocabulary }: Embedding) => ({
    keys: `categories of ${partner}`,
    partner,
    own: vocabulary.keys,
  });
  meetEither(side(path, first), side(otherPath, other), progress);
  const { ofA, ofB } = sharedRows(first, other);
  if (ofA.length === 0) throw new InputError(`${path} and ${otherPath} must share a category, got none`);
  const left = first.vocabulary.size - ofA.length;
  const leftOther = other.vocabulary.size - ofB.length;
  if (left + leftOther > 0) {
    progress.note(
      `${countOf(ofA.length, 'category', 'categories')} in both; ${formatCount(left)} only in ${path}, ` +
        `${formatCount(leftOther)} only in ${otherPath}`,
    );
  }
  const most = flags.most === undefined || flags.most === 0 ? ofA.length : flags.most;
  return withSharedAttributes(
    { path, embedding: selectRows(first, ofA.subarray(0, most)) },
    { path: otherPath, embedding: selectRows(other, ofB.subarray(0, most)) },
  );
}

function mostFrequent(embedding: Embedding, most = 0): Embedding {
  const { size } = embedding.vocabulary;
  return most === 0 || most >= size
    ? embedding
    : selectRows(
        embedding,
        Int32Array.from({ length: most }, (_, i) => i),
      );
}

/** Both with the attributes of both; where both have one, the first one's. */
function withSharedAttributes(first: NamedEmbedding, other: NamedEmbedding): readonly [NamedEmbedding, NamedEmbedding] {
  const attributes = new Map([...other.embedding.attributes, ...first.embedding.attributes]);
  const withBoth = ({ path, embedding }: NamedEmbedding): NamedEmbedding => ({
    path,
    embedding: new Embedding({ ...partsOf(embedding), attributes }),
  });
  return [withBoth(first), withBoth(other)];
}

function partsOf({ vocabulary, dimension, vectors, outputVectors, provenance }: Embedding) {
  return { vocabulary, dimension, vectors, outputVectors, provenance };
}
