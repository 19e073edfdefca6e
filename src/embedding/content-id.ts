/** Content ids: a hash of all that a file of ours holds stands in it, so that a flipped bit is seen when it is read. */
import { InputError } from '../checks.js';
import { fingerprint, type FingerprintPart } from '../numerics/fingerprint.js';
import type { Attribute, Embedding } from './embedding.js';

/** Name of the content id in the metadata of an embedding's file. */
export const contentIdName = 'content_id';

/** What is hashed of an embedding; keys and vectors by their version. */
export type HashedEmbedding = Pick<Embedding, 'version' | 'dimension' | 'vocabulary' | 'outputVectors' | 'attributes'>;

/**
 * The content id of an embedding's file.
 *
 * @param metadata - all other key-value metadata of the file
 * @returns 16 hexadecimal digits
 */
export function contentIdOf(embedding: HashedEmbedding, metadata: Iterable<readonly [string, string]>): string {
  const { version, dimension, vocabulary, outputVectors, attributes } = embedding;
  const pairs = [...metadata].filter(([name]) => name !== contentIdName).sort(([a], [b]) => (a < b ? -1 : 1));
  return fingerprint(
    [version, String(dimension)],
    vocabulary.counts,
    outputVectors,
    pairs.flat().map(wellFormed),
    ...Array.from(attributes, ([name, values]) => [[wellFormed(name)], ...partsOf(values)]).flat(),
  );
}

/**
 * Whether a file is as `writeEmbedding` or the explorer has written it. Another program that writes a file anew keeps
 * its metadata, and changes columns with every right: its files are not asked for the content id.
 */
export function isOwnFile(createdBy: string): boolean {
  return /^(DuckDB\b|category2vec$)/.test(createdBy);
}

/**
 * Checks what was read of a file against the content id that it holds; files of before, without one, pass.
 *
 * @param metadata - key-value metadata of the file
 * @throws InputError where they differ
 */
export function checkContent(embedding: HashedEmbedding, metadata: ReadonlyMap<string, string>): void {
  const id = metadata.get(contentIdName);
  if (id === undefined || id === contentIdOf(embedding, metadata)) return;
  throw new InputError(
    `it is damaged: it does not hold what was written (its ${contentIdName} is ${JSON.stringify(id)}); make ` +
      'it again, or take a copy',
  );
}

/** Texts, numbers or truth values as parts of a fingerprint. */
function partsOf(values: Attribute): FingerprintPart[] {
  if (values.every((value) => value === null || typeof value === 'string')) {
    return [values.map((value) => (value === null ? missing : wellFormed(value)))];
  }
  // + 0, as text formats have no −0
  const isMissing = Uint32Array.from(values, (value) => Number(value === null));
  return [isMissing, Float64Array.from(values, (value) => Number(value ?? 0) + 0)];
}

/** U+FFFF, which Unicode keeps out of texts. */
const missing = '\uFFFF';

/** As UTF-8 holds it. */
function wellFormed(text: string): string {
  return /\p{Surrogate}/u.test(text) ? text.replace(/\p{Surrogate}/gu, '\uFFFD') : text;
}
