/** The native file of an embedding: Parquet, one row per category, how it was made in the key-value metadata. */
import { anEmbedding, type Attribute, type Embedding } from '../../embedding/embedding.js';
import { checkEmbeddingFile } from '../../embedding/check-file.js';
import { contentIdName, contentIdOf } from '../../embedding/content-id.js';
import { metadataFromEmbedding } from '../../embedding/provenance.js';
import { writeOutputFile, type OutputHooks } from '../../files/atomic-file.js';
import {
  booleanColumn,
  matrixColumn,
  numberColumn,
  textColumn,
  writeParquet,
  type OutputColumn,
} from '../engine/write-parquet.js';
import { checkCall, optionsKind, path as aPath, signalOnly } from '../../step.js';

/** What is written beside an embedding. */
export interface WriteEmbeddingOptions {
  /** more keys and values, which `readEmbedding` passes over; default none */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export { readEmbedding } from './read-embedding.js';

/**
 * Writes an embedding to its native file.
 *
 * Columns: `category` (text), `count` (BIGINT, or DOUBLE where a count is not whole), `vector` (FLOAT[]),
 * `output_vector` (FLOAT[], where kept), then one column per attribute (text, BIGINT, DOUBLE or BOOLEAN). The key-value
 * metadata holds `format`,
 * `format_version`, `dimension`, `provenance` (JSON), and ids: of this version, of its space, and of all that the file
 * holds. Rows stand in vocabulary order. The same embedding gives the same bytes.
 *
 * @param path - file to write; replaced whole, or left as it was
 * @throws InputError for an attribute with a reserved name, for a key or count that the file cannot hold, and for what
 *   `writeOutputs` says
 */
export async function writeEmbedding(
  path: string,
  embedding: Embedding,
  options: WriteEmbeddingOptions = {},
  hooks: OutputHooks = {},
): Promise<void> {
  checkCall('writeEmbedding(path, embedding, options, hooks)', {
    path: [path, aPath],
    embedding: [embedding, anEmbedding],
    options: [options, optionsKind<WriteEmbeddingOptions>({ metadata: true })],
    hooks: [hooks, signalOnly],
  });
  const { metadata = {} } = options;
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
  const known = { ...metadata, ...metadataFromEmbedding(embedding) };
  const pairs = { ...known, [contentIdName]: contentIdOf(embedding, Object.entries(known)) };
  const write = (temporaryPath: string): Promise<void> =>
    writeParquet(temporaryPath, columns, { rows: vocabulary.size, metadata: pairs, valuesPerRow });
  await writeOutputFile(path, write, hooks);
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
