/** An embedding as its native file, written in the browser: the same columns and metadata as in Node. */
import type { Attribute, Embedding } from 'category2vec/browser';
import { checkEmbeddingFile, contentIdName, contentIdOf, metadataFromEmbedding } from 'category2vec/page';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, parquetWrite, type ColumnSource } from 'hyparquet-writer';

interface Column {
  readonly schema: readonly SchemaElement[];
  readonly source: ColumnSource;
}

/**
 * Writes an embedding; `category2vec` and any reader of Parquet open it.
 *
 * @throws InputError for an attribute with a reserved name, and a key or count that the file cannot hold
 */
export async function embeddingToParquet(embedding: Embedding): Promise<Uint8Array<ArrayBuffer>> {
  checkEmbeddingFile(embedding);
  const { vocabulary, dimension, vectors, outputVectors, attributes } = embedding;
  const columns = [
    textColumn('category', vocabulary.keys, 'REQUIRED'),
    numberColumn('count', Array.from(vocabulary.counts), 'REQUIRED'),
    matrixColumn('vector', vectors, dimension),
    ...(outputVectors === undefined ? [] : [matrixColumn('output_vector', outputVectors, dimension)]),
    ...Array.from(attributes, ([name, values]) => attributeColumn(name, values)),
  ];
  const known = Object.entries(metadataFromEmbedding(embedding));
  const metadata = [...known, [contentIdName, contentIdOf(embedding, known)] as const];
  const writer = new ByteWriter();
  await parquetWrite({
    writer,
    schema: [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(({ schema }) => schema)],
    columnData: columns.map(({ source }) => source),
    kvMetadata: metadata.map(([key, value]) => ({ key, value })),
    createdBy: 'category2vec',
  });
  return new Uint8Array(writer.getBuffer());
}

type Repetition = 'REQUIRED' | 'OPTIONAL';

function textColumn(name: string, data: readonly (string | null)[], repetition_type: Repetition): Column {
  return {
    schema: [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' }, repetition_type }],
    source: { name, data: [...data] },
  };
}

/** BIGINT where every number is whole, else DOUBLE. */
function numberColumn(name: string, data: readonly (number | null)[], repetition_type: Repetition): Column {
  if (data.every((value) => value === null || Number.isSafeInteger(value))) {
    const whole = data.map((value) => (value === null ? null : BigInt(value)));
    return { schema: [{ name, type: 'INT64', repetition_type }], source: { name, data: whole } };
  }
  return { schema: [{ name, type: 'DOUBLE', repetition_type }], source: { name, data: [...data] } };
}

/** Lists of floats, as the format's annotation LIST wants them. */
function matrixColumn(name: string, matrix: Float32Array, dimension: number): Column {
  const rows = Array.from({ length: matrix.length / dimension }, (_, row) =>
    Array.from(matrix.subarray(row * dimension, (row + 1) * dimension)),
  );
  return {
    schema: [
      { name, converted_type: 'LIST', logical_type: { type: 'LIST' }, repetition_type: 'OPTIONAL', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
    ],
    source: { name, data: rows, codec: 'UNCOMPRESSED', statistics: false },
  };
}

function attributeColumn(name: string, values: Attribute): Column {
  const texts = values.filter((value) => value === null || typeof value === 'string');
  if (texts.length === values.length) return textColumn(name, texts, 'OPTIONAL');
  const flags = values.filter((value) => value === null || typeof value === 'boolean');
  if (flags.length === values.length) {
    return { schema: [{ name, type: 'BOOLEAN', repetition_type: 'OPTIONAL' }], source: { name, data: flags } };
  }
  return numberColumn(
    name,
    values.map((value) => (typeof value === 'number' ? value : null)),
    'OPTIONAL',
  );
}
