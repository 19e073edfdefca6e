/** An embedding from its native file, in the browser. */
import { Embedding, InputError, Vocabulary, type Attribute } from 'category2vec/browser';
import { descriptionFromMetadata } from 'category2vec/page';
import { parquetMetadataAsync, parquetReadObjects, parquetSchema, type AsyncBuffer } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/**
 * Reads a Parquet file with the columns `category` and `vector`, and where they are there `count` and attributes.
 *
 * @throws InputError for a file that is cut short or no embedding
 */
export async function embeddingFromParquet(source: Blob): Promise<Embedding> {
  const file: AsyncBuffer = {
    byteLength: source.size,
    slice: (start, end) => source.slice(start, end ?? source.size).arrayBuffer(),
  };
  const { rows, columns, metadata, outputRows } = await readRows(file);
  const description = descriptionFromMetadata(metadata);
  const keys = rows.map(({ category }, row) => {
    if (category === null || category === undefined)
      throw new InputError(`expected a category in every row, got none in row ${row + 1}`);
    return textOf(category);
  });
  const counts = Float64Array.from(rows, ({ count }) => (count === undefined || count === null ? 0 : Number(count)));
  const dimension = description?.dimension ?? listOf(rows[0]?.['vector']).length;
  if (dimension < 1) throw new InputError('expected vector to hold at least 1 number, got none in row 1');
  const vectors = matrixOf(rows, 'vector', dimension);
  const outputVectors = outputRows && matrixOf(outputRows, 'output_vector', dimension);
  const attributes = new Map<string, Attribute>();
  for (const name of columns) {
    if (!reserved.has(name.toLowerCase()))
      attributes.set(
        name,
        rows.map((row) => valueOf(row[name])),
      );
  }
  const vocabulary = new Vocabulary(keys, counts);
  vocabulary.rowOf(''); // a repeated key is found now
  return new Embedding({
    vocabulary,
    dimension,
    vectors,
    outputVectors,
    attributes,
    provenance: description?.provenance,
  });
}

function matrixOf(rows: ParquetTable['rows'], name: string, dimension: number): Float32Array {
  const matrix = new Float32Array(rows.length * dimension);
  rows.forEach(({ [name]: list }, row) => {
    const numbers = listOf(list);
    if (numbers.length !== dimension) {
      throw new InputError(`expected ${dimension} numbers in every ${name}, got ${numbers.length} in row ${row + 1}`);
    }
    matrix.set(numbers, row * dimension);
  });
  return matrix;
}

const reserved = new Set(['category', 'count', 'vector', 'output_vector']);

interface ParquetTable {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** the column output_vector, where it is there */
  readonly outputRows: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly columns: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
}

async function readRows(file: AsyncBuffer): Promise<ParquetTable> {
  const footer = await reading(() => parquetMetadataAsync(file));
  const columns = parquetSchema(footer).children.map(({ element }) => element.name);
  if (!columns.includes('category') || !columns.includes('vector')) {
    throw new InputError(
      `it is not an embedding: expected columns category and vector, got ${columns.slice(0, 8).join(', ')}`,
    );
  }
  const wanted = columns.filter((name) => name !== 'output_vector');
  const read = (names: string[]) =>
    reading(() => parquetReadObjects({ file, metadata: footer, columns: names, compressors }));
  const rows = await read(wanted);
  const outputRows = columns.includes('output_vector') ? await read(['output_vector']) : undefined;
  const pairs = (footer.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ''] as const);
  return { rows, outputRows, columns: wanted, metadata: new Map(pairs) };
}

/** Whatever the reader stumbles over is the file's fault. */
async function reading<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`the Parquet file is cut short or damaged (${reason})`);
  }
}

function listOf(value: unknown): ArrayLike<number> {
  if (Array.isArray(value) && value.every((number) => typeof number === 'number')) return value;
  if (value instanceof Float32Array || value instanceof Float64Array) return value;
  throw new InputError('it is not an embedding: expected vector to hold lists of numbers');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : String(value);
}

function valueOf(value: unknown): Attribute[number] {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  // a list, as `labelValues` takes it apart
  if (Array.isArray(value)) return JSON.stringify(value.filter((member) => valueOf(member) !== null).map(textOf));
  return textOf(value);
}
