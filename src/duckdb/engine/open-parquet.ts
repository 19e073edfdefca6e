/** One Parquet file, opened for reading: its columns, its metadata, and what goes wrong with it in one sentence. */
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { open, stat } from 'node:fs/promises';
import { InputError, sentence } from '../../checks.js';
import { describeContent } from '../../files/known-content.js';
import { isRemote, remoteError } from '../../files/remote-path.js';
import { readFailure } from '../../files/system-errors.js';
import type { Attribute } from '../../embedding/embedding.js';
import { columnOf, doublesIn, isValid, stringsIn, validityIn } from './raw-vectors.js';
import { connectToRead } from './reading-instance.js';
import { isList, jsonOfList } from './column-types.js';
import { keyText } from './key-sql.js';
import { quoteName, quotePath } from './sql-text.js';

/** A Parquet file open for reading. */
export interface ParquetFile {
  /** number of rows, as the file says */
  readonly rows: number;
  /** column name → DuckDB type, in file order */
  readonly columns: ReadonlyMap<string, string>;
  /** key-value metadata; of a repeated key the last */
  readonly metadata: ReadonlyMap<string, string>;
  /** the program that wrote the file; empty where it does not say */
  readonly createdBy: () => Promise<string>;
  /** a column as text, in row order; null where missing */
  readonly readText: (name: string) => Promise<(string | null)[]>;
  /**
   * a column as booleans, numbers or text, whichever its type is; whole numbers beyond 2⁵³ and all other types become
   * text, lists JSON
   */
  readonly readAttribute: (name: string) => Promise<Attribute>;
  /** length of the list in the first row; 1 where there are no rows */
  readonly firstListLength: (name: string) => Promise<number>;
  /** runs a visitor over the chunks of one column, in row order */
  readonly visit: (expression: string, visitor: (chunk: DuckDBDataChunk) => void) => Promise<void>;
  /** the same chunks, each read when it is asked for */
  readonly chunks: (expression: string) => AsyncGenerator<DuckDBDataChunk, void>;
  /** turns an InputError or what DuckDB throws into an InputError that names the file; anything else is given back */
  readonly explain: (error: unknown) => unknown;
  readonly close: () => void;
}

/**
 * Opens a Parquet file.
 *
 * @param advice - what to do where it is a file of another kind
 * @throws InputError where there is no such file, or it is not Parquet, truncated or damaged
 */
export async function openParquet(path: string, advice?: string): Promise<ParquetFile> {
  await checkMagic(path, advice);
  const { connection, close } = await connectToRead();
  try {
    return await describe(path, connection, close);
  } catch (error) {
    close();
    throw explain(path, error);
  }
}

async function describe(path: string, connection: DuckDBConnection, close: () => void): Promise<ParquetFile> {
  const literal = quotePath(path);
  const table = `read_parquet(${literal}, hive_partitioning = false)`;
  const chunks: ParquetFile['chunks'] = (expression) => readChunks(connection, expression, table);
  const visit: ParquetFile['visit'] = async (expression, visitor) => {
    for await (const chunk of chunks(expression)) visitor(chunk);
  };
  const columns = await readPairs(connection, `SELECT column_name, column_type FROM (DESCRIBE FROM ${table})`);
  const rows = (await readDoubles(visit, 'count(*)'))[0] ?? 0;
  const file: Omit<ParquetFile, 'readAttribute'> = {
    rows,
    columns,
    metadata: await readPairs(
      connection,
      `SELECT try(decode(key)), try(decode(value)) FROM parquet_kv_metadata(${literal})`,
    ),
    createdBy: async () => {
      const query = `SELECT '', created_by FROM parquet_file_metadata(${literal})`;
      return (await readPairs(connection, query)).get('') ?? '';
    },
    readText: (name) => readStrings(visit, keyText(quoteName(name), columns.get(name))),
    firstListLength: async (name) => (await readDoubles(visit, `coalesce(first(len(${quoteName(name)})), 1)`))[0] ?? 1,
    visit,
    chunks,
    explain: (error) => explain(path, error),
    close,
  };
  return { ...file, readAttribute: (name) => readAttribute(file, name) };
}

async function* readChunks(
  connection: DuckDBConnection,
  expression: string,
  table: string,
): AsyncGenerator<DuckDBDataChunk, void> {
  const result = await connection.stream(`SELECT ${expression} FROM ${table}`);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}

/** The rows of two text columns, without those that miss a value. */
async function readPairs(connection: DuckDBConnection, query: string): Promise<Map<string, string>> {
  const pairs = new Map<string, string>();
  const result = await connection.run(query);
  for (const chunk of await result.fetchAllChunks()) {
    const values = stringsIn(columnOf(chunk, 1), chunk.rowCount);
    stringsIn(columnOf(chunk, 0), chunk.rowCount).forEach((name, i) => {
      const value = values[i];
      if (typeof name === 'string' && typeof value === 'string') pairs.set(name, value);
    });
  }
  return pairs;
}

async function readStrings(visit: ParquetFile['visit'], expression: string): Promise<(string | null)[]> {
  const strings: (string | null)[] = [];
  await visit(expression, (chunk) => {
    for (const string of stringsIn(columnOf(chunk, 0), chunk.rowCount)) strings.push(string);
  });
  return strings;
}

async function readDoubles(visit: ParquetFile['visit'], expression: string): Promise<(number | null)[]> {
  const numbers: (number | null)[] = [];
  await visit(`(${expression})::DOUBLE`, (chunk) => {
    const vector = columnOf(chunk, 0);
    const validity = validityIn(vector, chunk.rowCount);
    doublesIn(vector, chunk.rowCount).forEach((value, i) => numbers.push(isValid(validity, i) ? value : null));
  });
  return numbers;
}

async function readAttribute({ columns, visit }: Omit<ParquetFile, 'readAttribute'>, name: string): Promise<Attribute> {
  const type = columns.get(name) ?? '';
  const column = quoteName(name);
  if (type === 'BOOLEAN')
    return (await readDoubles(visit, column)).map((value) => (value === null ? null : value === 1));
  if (/^(FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type)) return readDoubles(visit, column);
  if (/^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT))$/.test(type)) {
    const numbers = await readDoubles(visit, column);
    if (numbers.every((value) => value === null || Number.isSafeInteger(value))) return numbers;
  }
  if (isList(type)) return readStrings(visit, jsonOfList(column, type));
  return readStrings(visit, type === 'BLOB' ? keyText(column, type) : `${column}::VARCHAR`);
}

/** A Parquet file begins and ends with PAR1, so that one cut short is known without reading it. */
async function checkMagic(path: string, advice: string | undefined): Promise<void> {
  const refuse = (error: unknown): never => {
    throw new InputError(`cannot read ${JSON.stringify(path)}: ${readFailure(error)}`);
  };
  // before it is opened: that of a pipe would wait for whoever writes into it
  const status = await stat(path).catch((error: unknown) => {
    if (isRemote(path)) throw remoteError(path);
    return refuse(error);
  });
  if (!status.isFile())
    throw new InputError(`cannot read ${JSON.stringify(path)}: expected a file, got a folder, a pipe or a device`);
  const file = await open(path, 'r').catch(refuse);
  try {
    const head = Buffer.alloc(4);
    const tail = Buffer.alloc(4);
    await file.read(head, 0, 4, 0);
    await file.read(tail, 0, 4, Math.max(0, status.size - 4));
    if (head.toString('latin1') !== 'PAR1') {
      const start = Buffer.alloc(Math.min(4096, status.size));
      await file.read(start, 0, start.length, 0);
      const content = describeContent(start);
      if (content !== undefined) {
        throw new InputError(`cannot read ${JSON.stringify(path)}: expected a Parquet file, got ${content}`);
      }
      throw new InputError(
        `cannot read ${JSON.stringify(path)}: expected a Parquet file, got ${describeHead(head, status.size)}` +
          (advice === undefined ? '' : `; ${advice}`),
      );
    }
    if (status.size < 12 || tail.toString('latin1') !== 'PAR1') {
      throw new InputError(
        `cannot read ${JSON.stringify(path)}: it begins as Parquet and its end is missing; it is truncated`,
      );
    }
  } finally {
    await file.close();
  }
}

function describeHead(head: Buffer, size: number): string {
  if (size === 0) return 'an empty file';
  return `one that begins with ${JSON.stringify(head.toString('latin1').slice(0, size))}`;
}

function explain(path: string, error: unknown): unknown {
  const start = `cannot read ${JSON.stringify(path)}: `;
  if (error instanceof InputError) {
    return error.message.startsWith(start)
      ? error
      : new InputError(sentence`${start}${error.sentence}`, { cause: error });
  }
  // DuckDB's faults are plain Errors; ours are TypeErrors, RangeErrors and their kin.
  if (!(error instanceof Error) || error.constructor !== Error) return error;
  const said = (error.message.split('\n')[0] ?? '').replace(/\p{Cc}/gu, '?');
  if (/out of memory/i.test(said))
    return new InputError(`${start}it does not fit into memory (${said})`, { cause: error });
  return new InputError(`${start}it is damaged or not what it seems (${said})`, { cause: error });
}
