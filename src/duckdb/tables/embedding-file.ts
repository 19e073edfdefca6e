/** The native file of an embedding: Parquet, one row per category, how it was made in the key-value metadata. */
import { InputError } from '../../checks.js';
import { Embedding, type Attribute } from '../../embedding/embedding.js';
import { checkEmbeddingFile, isReservedColumn } from '../../embedding/check-file.js';
import { descriptionFromMetadata, metadataFromEmbedding } from '../../embedding/provenance.js';
import { Vocabulary } from '../../vocabulary.js';
import { writeOutputFile, type OutputHooks } from '../../files/atomic-file.js';
import { openParquet, type ParquetFile } from '../engine/open-parquet.js';
import { readMatrix } from './read-matrix.js';
import {
  booleanColumn,
  matrixColumn,
  numberColumn,
  textColumn,
  writeParquet,
  type OutputColumn,
} from '../engine/write-parquet.js';

/**
 * Writes an embedding to its native file.
 *
 * Columns: `category` (text), `count` (BIGINT, or DOUBLE where a count is not whole), `vector` (FLOAT[]), `output_vector` (FLOAT[],
 * where kept), then one column per attribute (text, BIGINT, DOUBLE or BOOLEAN). The key-value metadata holds `format`,
 * `format_version`, `dimension` and `provenance` (JSON). Rows stand in vocabulary order. The same embedding gives the same bytes.
 *
 * @param path - file to write; replaced whole, or left as it was
 * @param metadata - more keys and values, which `readEmbedding` passes over; default none
 * @throws InputError for an attribute with a reserved name, for a key or count that the file cannot hold, and for what
 *   `writeOutputs` says
 */
export async function writeEmbedding(
  path: string,
  embedding: Embedding,
  { metadata = {}, signal }: { readonly metadata?: Readonly<Record<string, string>> } & OutputHooks = {},
): Promise<void> {
  const { vocabulary, dimension, vectors, outputVectors, attributes } = embedding;
  checkEmbeddingFile(embedding);
  const columns = [
    textColumn('category', vocabulary.keys),
    numberColumn('count', vocabulary.counts),
    matrixColumn('vector', vectors, dimension),
    ...(outputVectors === undefined ? [] : [matrixColumn('output_vector', outputVectors, dimension)]),
    ...Array.from(attributes, ([name, values]) => attributeColumn(name, values)),
  ];
  const valuesPerRow = dimension * (outputVectors === undefined ? 1 : 2);
  const pairs = { ...metadata, ...metadataFromEmbedding(embedding) };
  const write = (temporaryPath: string): Promise<void> =>
    writeParquet(temporaryPath, columns, { rows: vocabulary.size, metadata: pairs, valuesPerRow });
  await writeOutputFile(path, write, { signal });
}

/**
 * Reads an embedding from its native file, or from any Parquet file with a text column `category` and a column `vector` of lists of
 * numbers, such as one that pandas has written back without our metadata (then with empty provenance, and counts of 0 where there is
 * no `count`).
 *
 * @throws InputError, one sentence, for a file that is missing, truncated, damaged, of a newer format version, not Parquet, not an
 *   embedding; for vectors of unequal length, numbers that are not finite, missing and repeated keys
 */
export async function readEmbedding(path: string): Promise<Embedding> {
  const file = await openParquet(path);
  try {
    return await embeddingFromFile(file);
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
  return new Embedding({ vocabulary, dimension, vectors, outputVectors, attributes, provenance });
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

/** The column of an attribute of an embedding: text, truth values, or numbers. */
export function attributeColumn(name: string, values: Attribute): OutputColumn {
  if (values.every((value) => value === null || typeof value === 'string')) return textColumn(name, values);
  if (values.every((value) => value === null || typeof value === 'boolean')) return booleanColumn(name, values);
  return numberColumn(
    name,
    values.map((value) => (typeof value === 'number' ? value : null)),
  );
}
