/** An embedding from any Parquet file that has its columns, whatever their types and compression. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../checks.js';
import { clickModelFiles } from '../../click-model/model-description.js';
import { Embedding, type Attribute } from '../../embedding/embedding.js';
import { checkContent, contentIdName, isOwnFile } from '../../embedding/content-id.js';
import { isReservedColumn } from '../../embedding/check-file.js';
import { descriptionFromMetadata } from '../../embedding/provenance.js';
import { Vocabulary } from '../../vocabulary.js';
import { isPrepared } from '../prepared/names.js';
import { openParquet, type ParquetFile } from '../engine/open-parquet.js';
import type { EmbeddingFile } from '../../formats/native-embedding.js';
import { readMatrix } from './read-matrix.js';

/** Reads an embedding through DuckDB. @throws InputError as `readEmbedding` */
export async function embeddingFromTable(path: string): Promise<EmbeddingFile> {
  await refuseFolder(path);
  const file = await openParquet(path, advice);
  try {
    return { embedding: await embeddingFromFile(file), metadata: file.metadata };
  } catch (error) {
    throw file.explain(error);
  } finally {
    file.close();
  }
}

const advice = 'train makes an embedding of a log, import of vectors of another program';

/** Folders of ours hold no embedding, or hold it elsewhere. */
async function refuseFolder(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) return;
  const tables = join(path, clickModelFiles.tables);
  const got = existsSync(join(path, clickModelFiles.description))
    ? `a click model, whose vectors are the files in ${JSON.stringify(tables)}`
    : isPrepared(path)
      ? 'a prepared log, of which train makes an embedding'
      : 'a folder';
  throw new InputError(`cannot read ${JSON.stringify(path)}: expected the file of an embedding, got ${got}`);
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
    throw new InputError(`it is not an embedding: expected columns category and vector, got ${found}; ${advice}`);
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
