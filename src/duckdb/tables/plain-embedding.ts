/** An embedding's own file read without DuckDB: exactly the columns that `writeEmbedding` writes, or nothing. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Embedding, type Attribute } from '../../embedding/embedding.js';
import { isReservedColumn } from '../../embedding/check-file.js';
import { descriptionFromMetadata } from '../../embedding/provenance.js';
import { readFooter, type ParquetColumn } from '../../formats/parquet/footer.js';
import { readMatrixColumn, readValues } from '../../formats/parquet/pages.js';
import { Vocabulary } from '../../vocabulary.js';

/** An embedding and what its file says beside its columns. */
export interface EmbeddingFile {
  readonly embedding: Embedding;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes of a file that is held in memory beside its embedding; larger ones take long enough for DuckDB's start not to matter. */
const largestFile = 2 ** 26;
/** Rows that a file of such a size has at most, so that a damaged count takes no memory. */
const mostRows = 2 ** 22;

/**
 * Reads a file that `writeEmbedding` wrote.
 *
 * @returns undefined for every other file, and for a missing, damaged or large one: DuckDB reads it, or says what is wrong with it
 */
export async function readPlainEmbedding(path: string): Promise<EmbeddingFile | undefined> {
  const bytes = await readSmallFile(path);
  return bytes && plainEmbeddingFromBytes(bytes);
}

/** The same of the bytes of a file. */
export function plainEmbeddingFromBytes(bytes: Uint8Array): EmbeddingFile | undefined {
  try {
    return embeddingFromBytes(bytes);
  } catch {
    return undefined;
  }
}

async function readSmallFile(path: string): Promise<Uint8Array | undefined> {
  try {
    // a pipe, which would wait for whoever writes into it, is left to those who ask what it is
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      return status.isFile() && status.size <= largestFile ? await file.readFile() : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

function embeddingFromBytes(bytes: Uint8Array): EmbeddingFile | undefined {
  const { rows, columns, metadata } = readFooter(bytes);
  const description = descriptionFromMetadata(metadata);
  if (description === undefined || rows > mostRows) return undefined;
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
