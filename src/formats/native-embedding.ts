/** An embedding from the bytes of its native file: exactly the columns that `writeEmbedding` writes, in Node and in browsers. */
import { InputError } from '../checks.js';
import { Embedding, type Attribute } from '../embedding/embedding.js';
import { checkContent, isOwnFile } from '../embedding/content-id.js';
import { isReservedColumn } from '../embedding/check-file.js';
import { descriptionFromMetadata } from '../embedding/provenance.js';
import { checkCall } from '../step.js';
import { Vocabulary } from '../vocabulary.js';
import { readFooter, type ParquetColumn } from './parquet/footer.js';
import { readMatrixColumn, readValues } from './parquet/pages.js';
import { UnreadParquet } from './parquet/thrift.js';

/** An embedding and what its file says beside its columns. */
export interface EmbeddingFile {
  readonly embedding: Embedding;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads the native file of an embedding, the Parquet that `writeEmbedding`, `train` and the explorer write, from its
 * bytes. It needs no DuckDB and runs in browsers; Parquet that another program has written is for `readEmbedding`.
 *
 * @param bytes - the whole file, such as `new Uint8Array(await response.arrayBuffer())`
 * @throws InputError, one sentence, for other bytes, damaged ones and a newer format version
 */
export function embeddingFromParquet(bytes: Uint8Array): Embedding {
  checkCall('embeddingFromParquet(bytes)', { bytes: [bytes, someBytes] });
  return nativeEmbedding(bytes).embedding;
}

/** Rows that a small file has at most, so that a damaged count takes no memory. */
const mostRows = 2 ** 22;

/** The bytes of a file, as an argument. */
export const someBytes = {
  what: 'the bytes of a file, a Uint8Array',
  is: (value: unknown): boolean => value instanceof Uint8Array,
};

/** The same with the metadata of the file. @throws InputError as `embeddingFromParquet` */
export function nativeEmbedding(bytes: Uint8Array): EmbeddingFile {
  let file: EmbeddingFile | undefined;
  try {
    file = readNativeEmbedding(bytes);
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (!(error instanceof UnreadParquet || error instanceof RangeError || error instanceof TypeError)) throw error;
    throw new InputError(`cannot read it as an embedding's own Parquet: it is damaged or another program wrote it`, {
      cause: error,
    });
  }
  if (file !== undefined) return file;
  throw new InputError(
    'expected the Parquet file of an embedding, with the metadata of category2vec and the columns category, count and vector',
  );
}

/** Reads the bytes of a native file; undefined for other Parquet. Throws whatever damage leads to. */
export function readNativeEmbedding(bytes: Uint8Array): EmbeddingFile | undefined {
  const { rows, columns, metadata, createdBy } = readFooter(bytes);
  const description = descriptionFromMetadata(metadata);
  if (description === undefined || rows > Math.max(mostRows, bytes.length)) return undefined;
  const { dimension, provenance } = description;
  const named = new Map(columns.map((column) => [column.name, column]));
  const keys = named.get('category');
  const counts = named.get('count');
  const vector = named.get('vector');
  const output = named.get('output_vector');
  if (keys?.kind !== 'text' || counts === undefined || vector === undefined) return undefined;
  const vocabulary = new Vocabulary(
    readValues(bytes, keys, rows).map(text),
    Float64Array.from(readValues(bytes, counts, rows), count),
  );
  vocabulary.rowOf(''); // a repeated key is found now, not at the first question
  const matrix = (column: ParquetColumn) => readMatrixColumn(bytes, column, { rows, dimension });
  const attributes = columns
    .filter(({ name }) => !isReservedColumn(name))
    .map((column): [string, Attribute] => [column.name, readValues(bytes, column, rows)]);
  const embedding = new Embedding({
    vocabulary,
    dimension,
    vectors: matrix(vector),
    outputVectors: output && matrix(output),
    attributes: new Map(attributes),
    provenance,
  });
  if (isOwnFile(createdBy)) checkContent(embedding, metadata);
  return { embedding, metadata };
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('expected text');
  return value;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0)) throw new TypeError('expected a count');
  return value;
}
