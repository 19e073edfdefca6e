/** An embedding from any Parquet file that has its columns, whatever their types and compression. */
import { InputError } from '../../checks.js';
import { Embedding, type Attribute } from '../../embedding/embedding.js';
import { checkContent, contentIdName, isOwnFile } from '../../embedding/content-id.js';
import { isReservedColumn } from '../../embedding/check-file.js';
import { descriptionFromMetadata } from '../../embedding/provenance.js';
import { Vocabulary } from '../../vocabulary.js';
import { openParquet, type ParquetFile } from '../engine/open-parquet.js';
import type { EmbeddingFile } from '../../formats/native-embedding.js';
import { readMatrix } from './read-matrix.js';

/** Reads an embedding through DuckDB. @throws InputError as `readEmbedding` */
export async function embeddingFromTable(path: string): Promise<EmbeddingFile> {
  const file = await openParquet(path);
  try {
    return { embedding: await embeddingFromFile(file), metadata: file.metadata };
  } catch (error) {
    throw file.explain(error);
  } finally {
    file.close();
  }
}

async function embeddingFromFile(file: ParquetFile): Promise<Embedding> {
  const description = descriptionFromMetadata(file.metadata);
  checkColumns(file);
  const keys = (await file.readText('category')).map((key, row) => {
    if (key === null) throw new InputError(`expected a category in every row, got none in row ${row + 1}`);
    return key;
  });
  const vocabulary = new Vocabulary(keys, await readCounts(file, keys));
  const dimension = description?.dimension ?? (await file.firstListLength('vector'));
  if (dimension < 1) throw new InputError('expected vector to hold at least 1 number, got none in row 1');
  const vectors = await readMatrix(file, 'vector', { dimension, keys });
  const hasOutput = file.columns.has('output_vector');
  const outputVectors = hasOutput ? await readMatrix(file, 'output_vector', { dimension, keys }) : undefined;
  const attributes = new Map<string, Attribute>();
  for (const name of file.columns.keys()) {
    if (!isReservedColumn(name)) attributes.set(name, await file.readAttribute(name));
  }
  vocabulary.rowOf(''); // a repeated key is found now, not at the first question
  const provenance = description?.provenance;
  const embedding = new Embedding({ vocabulary, dimension, vectors, outputVectors, attributes, provenance });
  const { metadata } = file;
  if (metadata.has(contentIdName) && isOwnFile(await file.createdBy())) checkContent(embedding, metadata);
  return embedding;
}

function checkColumns({ columns }: ParquetFile): void {
  const category = columns.get('category');
  const vector = columns.get('vector');
  if (category === undefined || vector === undefined) {
    const found = [...columns.keys()].slice(0, 8).join(', ') + (columns.size > 8 ? ', …' : '');
    throw new InputError(`it is not an embedding: expected columns category and vector, got ${found}`);
  }
  for (const name of ['vector', 'output_vector']) {
    const type = columns.get(name);
    if (type !== undefined && !/^(FLOAT|DOUBLE)\[\d*\]$/.test(type)) {
      throw new InputError(`it is not an embedding: expected ${name} to hold lists of FLOAT, got ${type}`);
    }
  }
}

async function readCounts(file: ParquetFile, keys: readonly string[]): Promise<Float64Array> {
  if (!file.columns.has('count')) return new Float64Array(keys.length);
  const counts = await file.readAttribute('count');
  return Float64Array.from(counts, (count, row) => {
    if (typeof count === 'number' && Number.isFinite(count) && count >= 0) return count;
    throw new InputError(`expected count to be a number ≥ 0 in every row, got ${String(count)} in row ${row + 1}`);
  });
}
