/** Where events come from: paths, globs, standard input or a query → a relation that DuckDB can select from. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../checks.js';
import { closestSpellings } from '../embedding/closest-spellings.js';
import { withEngine, type Engine } from './connection.js';
import { checkCsvOptions, decoderOf, readDialect, type CsvOptions } from './csv-dialect.js';
import { copyAsUtf8, readOnce, spool } from './file-copies.js';
import { readFileStart, type FileStart } from './file-start.js';
import { queryRows } from './query-rows.js';
import { quoteName, quotePath, quoteText } from './sql-text.js';
import { partParquet, unionAll, uniteParts, type Union } from './union-parts.js';
import { checkWhole } from '../files/whole-file.js';

/** Paths or globs, `-` for standard input, or any query. */
export type Source = string | readonly string[] | { readonly sql: string; /** for messages */ readonly name?: string };

/** A relation and what is known of it. */
export interface EventSource {
  /** as the caller named it */
  readonly name: string;
  /** what can follow FROM */
  readonly relation: string;
  /** column name → DuckDB's type */
  readonly columns: ReadonlyMap<string, string>;
  /** the same relation with columns typed by their content, for conditions on numbers; undefined where types are known */
  readonly typedRelation: string | undefined;
  /** what became of columns that files hold as different types */
  readonly mixedNumbers: Union['mixedNumbers'];
  readonly respelled: Union['respelled'];
  /** whether scanning it again is cheap and gives the same rows */
  readonly isRepeatable: boolean;
  /** does some reading and, at its end, fails if a compressed file turns out to be cut, which DuckDB takes for its end */
  readonly checked: <Result>(reading: Promise<Result>) => Promise<Result>;
}

/** How a source is called in messages. */
export function nameOfSource(source: Source): string {
  if (typeof source === 'object' && 'sql' in source) return source.name ?? 'the result of the query';
  const paths = typeof source === 'string' ? [source] : source;
  return paths.map((path) => (path === '-' ? 'standard input' : path)).join(', ');
}

/**
 * Opens an event log.
 *
 * CSV, TSV and JSONL come out as text throughout; Parquet and queries keep their types.
 *
 * @throws InputError for a missing file, a glob without a match, a folder, or content that is not what the name says
 */
export async function openSource(source: Source, options: CsvOptions, engine: Engine): Promise<EventSource> {
  checkCsvOptions(options);
  const name = nameOfSource(source);
  if (typeof source === 'object' && 'sql' in source) {
    const query = source.sql.trim().replace(/;+$/, '');
    if (query === '') throw new InputError('sql must be a query such as SELECT user, item FROM …, got nothing');
    const relation = `(${query}\n)`;
    const columns = await describe(engine, relation);
    return {
      name,
      relation,
      typedRelation: undefined,
      mixedNumbers: new Map(),
      respelled: new Set(),
      isRepeatable: false,
      checked: (reading) => reading,
      columns,
    };
  }
  const paths = typeof source === 'string' ? [source] : source;
  if (paths.length === 0) throw new InputError('the event log must be at least one file, got none');
  if (paths.indexOf('-') !== paths.lastIndexOf('-'))
    throw new InputError('- is standard input, which can be read once; got it twice');
  const found = (await Promise.all(paths.map((path) => findFiles(path, engine)))).flat();
  const files: OpenFile[] = [];
  for (const path of found) files.push(await openFile(path, options, engine));
  const parts: (Relation & { readonly name: string })[] = [];
  const parquet = files.filter(({ start }) => start.format === 'parquet').map(({ path }) => path);
  const partOf = await partParquet(parquet, engine);
  for (const group of groupBy(files, ({ path, part }) => partOf.get(path) ?? part)) {
    parts.push({ ...(await relationOf(group, options, engine)), name: group[0]?.name ?? name });
  }
  const [only] = parts;
  const { relation, ...differences } = await uniteParts(parts, (each) => describe(engine, each));
  return {
    name,
    relation,
    ...differences,
    typedRelation: only?.typedRelation && unionAll(parts.map((part) => part.typedRelation ?? part.relation)),
    isRepeatable: files.every(({ start }) => start.format === 'parquet'),
    columns: await describe(engine, relation),
    checked: (reading) => readWhole(reading, files, engine),
  };
}

/** What is wrong with a compressed file says more than what its last row lacks. */
async function readWhole<Result>(
  reading: Promise<Result>,
  files: readonly OpenFile[],
  { signal }: Engine,
): Promise<Result> {
  const checks = files.map(({ path, name, start }) =>
    checkWhole({ path, name, compression: start.compression }, signal),
  );
  const [result, ...checked] = await Promise.allSettled([reading, ...checks]);
  for (const check of checked) if (check.status === 'rejected') throw check.reason;
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/**
 * The files that patterns match.
 *
 * @param paths - as `openSource` takes them; those that are no patterns are left out
 */
export async function matchFiles(paths: readonly string[]): Promise<string[]> {
  const patterns = paths.filter((path) => /[*?[]/.test(path));
  if (patterns.length === 0) return [];
  return withEngine({}, { source: patterns.join(', ') }, async ({ connection }) => {
    const found = await Promise.all(patterns.map((pattern) => glob(pattern, connection)));
    return found.flat();
  });
}

/** @throws InputError that lists the columns there are, the closest first */
export function checkColumn(source: EventSource, option: string, column: string): string {
  if (source.columns.has(column)) return column;
  const names = [...source.columns.keys()];
  const [closest] = closestSpellings(column, names);
  const hint = closest === undefined ? '' : `; did you mean ${JSON.stringify(closest)}?`;
  const shown = names.slice(0, 30).join(', ') + (names.length > 30 ? ` and ${names.length - 30} more` : '');
  throw new InputError(
    `${option} must be a column of ${source.name} (${shown}), got ${column === '' ? 'nothing' : JSON.stringify(column)}${hint}`,
  );
}

interface OpenFile {
  readonly path: string;
  /** as the caller typed it */
  readonly name: string;
  readonly start: FileStart;
  /** files that can be read by one call of a table function share it */
  readonly part: string;
  readonly dialect?: ReturnType<typeof readDialect> | undefined;
}

async function findFiles(path: string, { connection, folder, signal }: Engine): Promise<string[]> {
  if (path === '-') return [await spool(process.stdin, join(folder, 'standard-input'), signal)];
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) {
    throw new InputError(`${path} is a folder; name its files, such as ${JSON.stringify(join(path, '*.parquet'))}`);
  }
  // a pipe can be read once only
  if (info !== undefined && !info.isFile())
    return [await spool(readOnce(path), join(folder, `pipe-${info.ino}`), signal)];
  if (info !== undefined) return [path];
  if (!/[*?[]/.test(path)) throw new InputError(`there is no file ${path === '' ? '""' : path}`);
  const files = await glob(path, connection);
  if (files.length === 0) throw new InputError(`no file matches ${path}`);
  return files;
}

async function glob(pattern: string, connection: Engine['connection']): Promise<string[]> {
  const rows = await queryRows(connection, `SELECT file FROM glob(${quoteText(pattern)}) ORDER BY file`);
  return rows.map(([file]) => String(file));
}

async function openFile(path: string, options: CsvOptions, engine: Engine): Promise<OpenFile> {
  const name = path.startsWith(engine.folder) ? path.slice(engine.folder.length + 1).replace('-', ' ') : path;
  const start = await readFileStart(path, name);
  if (start.format === 'parquet') return { path, name, start, part: 'parquet' };
  const encoding = decoderOf(options.encoding ?? 'utf-8').encoding;
  if (encoding !== 'utf-8') {
    const copy = await copyAsUtf8({ path, name, encoding, compression: start.compression }, engine.folder);
    return openText(copy, name, { ...(await readFileStart(copy, name)), format: start.format }, options, engine);
  }
  return openText(path, name, start, options, engine);
}

async function openText(
  path: string,
  name: string,
  start: FileStart,
  options: CsvOptions,
  engine: Engine,
): Promise<OpenFile> {
  if (start.format === 'jsonl') return { path, name, start, part: `jsonl ${start.compression}` };
  const text = start.text?.toString('utf8') ?? (await firstLine(path, engine));
  const dialect = readDialect(name, text, { ...options, isTsv: start.format === 'tsv' });
  return { path, name, start, dialect, part: JSON.stringify(['csv', start.compression, dialect]) };
}

/** The first line of a file that only DuckDB can decompress. */
async function firstLine(path: string, { connection }: Engine): Promise<string> {
  const sql = `SELECT line FROM read_csv(${quotePath(path)}, auto_detect = false, header = false, delim = '\u0001', quote = '', escape = '',
    columns = {'line': 'VARCHAR'}, compression = 'zstd', ${csvBuffers}) LIMIT 1`;
  const rows = await queryRows(connection, sql);
  return String(rows[0]?.[0] ?? '');
}

/** A line may be as long as this. DuckDB's own limit for CSV, 2 MB, would stop at a long text. */
const maxLineBytes = 16_777_216;

/** DuckDB reads CSV in buffers of 16 times the longest line unless told otherwise, which a small memory limit does not allow. */
const csvBuffers = `max_line_size = ${maxLineBytes}, buffer_size = ${2 * maxLineBytes}`;

/** Files of one kind as one relation. */
async function relationOf(
  files: readonly OpenFile[],
  { hasHeader = true }: CsvOptions,
  engine: Engine,
): Promise<Relation> {
  const paths = `[${files.map(({ path }) => quotePath(path)).join(', ')}]`;
  const [first] = files;
  if (first?.start.format === 'parquet') {
    return { relation: `read_parquet(${paths}, union_by_name = true)`, typedRelation: undefined };
  }
  const compression = `compression = '${first?.start.compression ?? 'uncompressed'}'`;
  if (first?.dialect === undefined) {
    const common = `read_json(${paths}, format = 'newline_delimited', ${compression}, maximum_object_size = ${maxLineBytes}`;
    const typedRelation = `${common}, records = true, sample_size = 200000, union_by_name = true)`;
    const columns = await describe(engine, typedRelation);
    return { relation: `${common}, ${asText([...columns.keys()])})`, typedRelation };
  }
  const { delimiter, columns } = first.dialect;
  const common = `read_csv(${paths}, delim = ${quoteText(delimiter)}, quote = '"', escape = '"', header = ${hasHeader}, ${compression}, ${csvBuffers}`;
  return {
    relation: `${common}, auto_detect = false, ${asText(columns)})`,
    typedRelation: `${common}, names = [${columns.map(quoteText).join(', ')}])`,
  };
}

function asText(columns: readonly string[]): string {
  return `columns = {${columns.map((column) => `${quoteName(column)}: 'VARCHAR'`).join(', ')}}`;
}

interface Relation {
  readonly relation: string;
  readonly typedRelation: string | undefined;
}

/** Column names and types of a relation. */
export async function describe({ connection }: Engine, relation: string): Promise<Map<string, string>> {
  const rows = await queryRows(connection, `DESCRIBE SELECT * FROM ${relation}`);
  return new Map(rows.map(([name, type]) => [String(name), String(type)]));
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
