/** Where events come from: paths, globs, standard input or a query → a relation that DuckDB can select from. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { InputError, named, sentence } from '../../checks.js';
import { mergeBadRows, type BadRows } from '../../histories/bad-rows.js';
import { missingFileHint } from '../../files/missing-file.js';
import { isRemote, pathOfFileAddress } from '../../files/remote-path.js';
import { decodeBytes, jsonColumns } from '../engine/column-types.js';
import { provideForQuery, type ExtensionOptions } from '../engine/extensions.js';
import { withEngine, type Engine } from '../engine/connection.js';
import { checkCsvOptions, decoderOf, readDialect, type CsvReading } from './csv-dialect.js';
import { copyAsUtf8, readOnce, spool } from './file-copies.js';
import { readFileStart, type FileStart } from './file-start.js';
import { queryRows } from '../engine/query-rows.js';
import { checkQuery } from '../engine/single-query.js';
import { columnsAs, quotePath, quoteText } from '../engine/sql-text.js';
import { findRemote, glob, remoteParquet } from './matched-files.js';
import { sampledLines } from '../text/inspect-text.js';
import { isMisread } from '../text/late-lists.js';
import { judgeCompressed } from '../text/judge-compressed.js';
import { judgeFailure, judgeReading, refuseBadRows } from '../text/judge-text.js';
import { copyGoodRows, pathOfCopy, type RowFile } from '../text/read-rows.js';
import { maxLineBytes } from '../text/text-lines.js';
import { partParquet, unionAll, uniteParts, type Union } from './union-parts.js';
import { lackingColumns, type LackingFile } from './lacking-columns.js';
import { renamingNotes, sameContentWarnings, twiceNotes } from './source-notes.js';
import { filesWithRows, isBlankFile } from './zero-row-files.js';

/** Paths or globs, `-` for standard input, or any query. */
export type Source = string | readonly string[] | { readonly sql: string; /** for messages */ readonly name?: string };

/** A relation and what is known of it. */
export interface EventSource {
  /** as the caller named it */
  readonly name: string;
  /** what can follow FROM: bytes are text */
  readonly relation: string;
  /** column name → DuckDB's type */
  readonly columns: ReadonlyMap<string, string>;
  /** the same with bytes as bytes, for copies */
  readonly stored: string;
  readonly storedColumns: ReadonlyMap<string, string>;
  /** the same relation with columns typed by their content, for conditions on numbers; undefined where types are known */
  readonly typedRelation: string | undefined;
  /** what became of columns that files hold as different types */
  readonly mixedNumbers: Union['mixedNumbers'];
  readonly respelled: Union['respelled'];
  /** sentences on columns that are not called as they are in a file */
  readonly notes: readonly string[];
  /** sentences on files by which results are most likely wrong */
  readonly warnings: readonly string[];
  /** columns that some files have, and a file that has none of the name */
  readonly lacking: ReadonlyMap<string, LackingFile>;
  /** whether scanning it again is cheap and gives the same rows */
  readonly isRepeatable: boolean;
  /** what becomes of rows that cannot be read */
  readonly badRows: 'refuse' | 'skip';
  /** rows that opening left out already */
  readonly skipped: BadRows | undefined;
  /** the files, in their order; none for a query */
  readonly files: readonly SourceFile[];
  /**
   * does some reading and, at its end, fails if a file turns out to hold what DuckDB reads wrong without a word: a
   * compressed file that was cut, bad rows; what only a copy makes readable is read anew, see `withEngine`
   */
  readonly checked: <Result>(reading: Promise<Result>) => Promise<Result>;
}

/** One file of a source. */
export interface SourceFile {
  /** as the caller typed it */
  readonly name: string;
  /** where it lies, of Parquet on this machine; undefined for others */
  readonly parquet: string | undefined;
  /** its rows alone, with all columns of the source */
  readonly relation: () => Promise<string>;
  /** for the lines of its rows; undefined where rows have only numbers */
  readonly text: RowFile | undefined;
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
 * CSV and TSV come out as text throughout, JSONL as text and lists of it; Parquet and queries keep their types, but
 * bytes become text.
 *
 * @throws InputError for a missing file, a glob without a match, a folder, or content that is not what the name says
 */
export async function openSource(source: Source, options: CsvReading, engine: Engine): Promise<EventSource> {
  checkCsvOptions(options);
  const name = nameOfSource(source);
  if (typeof source === 'object' && 'sql' in source) {
    const query = source.sql.trim().replace(/[;\s]+$/, '');
    if (query === '')
      throw new InputError(sentence`${named('sql')} must be a query such as SELECT user, item FROM …, got nothing`);
    await provideForQuery(query, engine.canRead);
    await checkQuery(query, engine.connection);
    const relation = `(${query}\n)`;
    const columns = await describe(engine, relation);
    const known = { badRows: options.badRows ?? 'refuse', skipped: undefined, files: [], notes: [] };
    return {
      ...known,
      warnings: [],
      lacking: new Map(),
      mixedNumbers: new Map(),
      respelled: new Set(),
      name,
      stored: relation,
      storedColumns: columns,
      ...decodeBytes(relation, columns),
      typedRelation: undefined,
      isRepeatable: false,
      checked: (reading) => reading,
    };
  }
  const paths = typeof source === 'string' ? [source] : source;
  if (paths.length === 0) throw new InputError('the event log must be at least one file, got none');
  if (paths.indexOf('-') !== paths.lastIndexOf('-'))
    throw new InputError('- is standard input, which can be read once; got it twice');
  const found = (await Promise.all(paths.map((path) => findFiles(path, engine)))).flat();
  const openable: string[] = [];
  for (const path of found) if (found.length === 1 || isRemote(path) || !(await isBlankFile(path))) openable.push(path);
  const all: OpenFile[] = [];
  for (const path of openable.length === 0 ? found : openable) all.push(await openFile(path, options, engine));
  const files = await filesWithRows(all, options.hasHeader ?? true, engine);
  const relations = await judgeFailure(relateFiles(files, options, engine), files, engine);
  return {
    ...relations,
    name,
    isRepeatable: files.every(({ start }) => start.format === 'parquet'),
    badRows: options.badRows ?? 'refuse',
    skipped: mergeBadRows(files.map(({ skipped }) => skipped)),
    notes: [...twiceNotes(found.filter((path) => !path.startsWith(engine.folder))), ...renamingNotes(files)],
    warnings: await sameContentWarnings(found.filter((path) => !isRemote(path) && !path.startsWith(engine.folder))),
    lacking: await lackingColumns(files, engine),
    checked: async (reading) => {
      const result = await judgeReading(reading, files, engine, (file) => isMisread(file, relations.columns, engine));
      for (const { text, relation } of relations.files)
        if (text !== undefined) await judgeCompressed(text, relation, engine);
      return result;
    },
  };
}

async function relateFiles(
  files: readonly OpenFile[],
  options: CsvReading,
  engine: Engine,
): Promise<
  Omit<EventSource, 'name' | 'isRepeatable' | 'badRows' | 'skipped' | 'notes' | 'warnings' | 'lacking' | 'checked'>
> {
  const parts: (Relation & { readonly name: string })[] = [];
  const parquet = files.filter(({ start }) => start.format === 'parquet').map(({ path }) => path);
  const partOf = await partParquet(parquet, engine);
  for (const group of groupBy(files, ({ path, part }) => partOf.get(path) ?? part)) {
    parts.push({ ...(await relationOf(group, options, engine)), name: group[0]?.name ?? '' });
  }
  const [only] = parts;
  const { relation: stored, ...differences } = await uniteParts(parts, (each) => describe(engine, each));
  const storedColumns = await describe(engine, stored);
  return {
    stored,
    storedColumns,
    ...decodeBytes(stored, storedColumns),
    ...differences,
    typedRelation: only?.typedRelation && unionAll(parts.map((part) => part.typedRelation ?? part.relation)),
    files: files.map((file) => ({
      name: file.name,
      parquet: file.start.format === 'parquet' && !isRemote(file.path) ? file.path : undefined,
      text: file.text,
      relation: async () =>
        unionAll([`(FROM ${stored} LIMIT 0)`, (await relationOf([file], options, engine)).relation]),
    })),
  };
}

/**
 * The files that patterns match.
 *
 * @param paths - as `openSource` takes them; those that are no patterns are left out
 */
export async function matchFiles(paths: readonly string[]): Promise<string[]> {
  const patterns = paths.filter((path) => /[*?[]/.test(path) && !isRemote(path));
  if (patterns.length === 0) return [];
  return withEngine({}, { source: patterns.join(', ') }, async ({ connection }) => {
    const found = await Promise.all(patterns.map((pattern) => glob(pattern, connection)));
    return found.flat();
  });
}

/** Names of a source's columns. */
export async function readColumns(source: Source, options: CsvReading & ExtensionOptions): Promise<readonly string[]> {
  const { extensionFolder, installExtensions, objectStores, ...csv } = options;
  return withEngine(
    { extensionFolder, installExtensions, objectStores },
    { source: nameOfSource(source) },
    async (engine) => [...(await openSource(source, csv, engine)).columns.keys()],
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
  /** as it lies there, in UTF-8, for what is reported of its lines */
  readonly text?: RowFile | undefined;
  /** whether `path` is a copy of good rows already */
  readonly isCopy?: boolean | undefined;
  readonly skipped?: BadRows | undefined;
}

async function findFiles(given: string, engine: Engine): Promise<string[]> {
  if (given === '-') return [await spoolOnce(given, () => process.stdin, 'standard-input', engine)];
  const path = pathOfFileAddress(given);
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) {
    throw new InputError(`${path} is a folder; name its files, such as ${JSON.stringify(join(path, '*.parquet'))}`);
  }
  // a pipe can be read once only
  if (info !== undefined && !info.isFile())
    return [await spoolOnce(path, () => readOnce(path), `pipe-${info.ino}`, engine)];
  if (info !== undefined) return [path];
  if (isRemote(path)) return findRemote(path, engine);
  if (!/[*?[]/.test(path)) {
    throw new InputError(path === '' ? 'there is no file ""' : `there is no file ${path}${missingFileHint(path)}`);
  }
  const files = await glob(path, engine.connection);
  if (files.length === 0) throw new InputError(`no file matches ${path}`);
  return files;
}

/** What can be read once is kept for a second reading. */
async function spoolOnce(
  path: string,
  open: () => Readable,
  name: string,
  { folder, spooled, signal }: Engine,
): Promise<string> {
  const copy = spooled.get(path) ?? (await spool(open(), join(folder, name), signal));
  spooled.set(path, copy);
  return copy;
}

async function openFile(path: string, options: CsvReading, engine: Engine): Promise<OpenFile> {
  const [given] = [...engine.spooled].find(([address, copy]) => copy === path && isRemote(address)) ?? [];
  const name =
    given ?? (path.startsWith(engine.folder) ? path.slice(engine.folder.length + 1).replace('-', ' ') : path);
  if (isRemote(path)) return { path, name, start: remoteParquet, part: 'parquet' };
  const start = await readFileStart(path, name);
  if (start.format === 'parquet') return { path, name, start, part: 'parquet' };
  const encoding = decoderOf(options.encoding ?? start.encoding ?? 'utf-8').encoding;
  if (encoding !== 'utf-8') {
    const copy = await copyAsUtf8({ path, name, encoding, compression: start.compression }, engine.folder);
    const { text, format } = await readFileStart(copy, name);
    const isArray = start.format === 'jsonl' && format === 'json array';
    return openText(
      copy,
      name,
      { ...start, compression: 'uncompressed', text, format: isArray ? format : start.format },
      options,
      engine,
    );
  }
  return openText(path, name, start, options, engine);
}

async function openText(
  path: string,
  name: string,
  start: FileStart,
  options: CsvReading,
  engine: Engine,
): Promise<OpenFile> {
  const { format, compression } = start;
  if (format === 'json array') return { path, name, start, part: `json array ${compression}` };
  const text = start.text?.toString('utf8') ?? (format === 'jsonl' ? '' : await firstLine(path, engine));
  const dialect = format === 'jsonl' ? undefined : readDialect(name, text, { ...options, isTsv: format === 'tsv' });
  const file = { path, name, compression, dialect };
  const isCopy = options.badRows === 'skip' || engine.uneven.has(name) || dialect?.hasQuotesBefore === true;
  if (!isCopy) return { path, name, start, dialect, text: file, part: partOf(compression, dialect) };
  if (dialect?.hasQuotesBefore === true && options.badRows !== 'skip') await refuseBadRows(file, engine);
  const copy = await copyGoodRows(file, pathOfCopy(engine.folder), engine.signal);
  const plain = dialect && { ...dialect, skippedLines: 0 };
  return {
    path: copy.path,
    name,
    start: { ...start, compression: 'uncompressed' },
    dialect: plain,
    text: file,
    isCopy,
    skipped: copy.bad,
    part: partOf('uncompressed', plain),
  };
}

/** Files are read together where nothing but their rows differs. */
function partOf(compression: string, dialect: ReturnType<typeof readDialect> | undefined): string {
  if (dialect === undefined) return `jsonl ${compression}`;
  const { delimiter, quote, skippedLines, columns } = dialect;
  return JSON.stringify(['csv', compression, delimiter, quote, skippedLines, columns]);
}

/** The first line of a file that only DuckDB can decompress. */
async function firstLine(path: string, { connection }: Engine): Promise<string> {
  const sql = `SELECT line FROM read_csv(${quotePath(path)}, auto_detect = false, header = false,
    delim = '\u0001', quote = '', escape = '', columns = {'line': 'VARCHAR'}, compression = 'zstd', ${csvBuffers}) LIMIT 1`;
  const rows = await queryRows(connection, sql);
  return String(rows[0]?.[0] ?? '');
}

/** DuckDB reads CSV in buffers of 16 times the longest line unless told otherwise, which a small memory limit does not allow. */
const csvBuffers = `max_line_size = ${maxLineBytes}, buffer_size = ${2 * maxLineBytes}`;

/** Files of one kind as one relation. */
async function relationOf(
  files: readonly OpenFile[],
  { hasHeader = true }: CsvReading,
  engine: Engine,
): Promise<Relation> {
  const paths = `[${files.map(({ path }) => quotePath(path)).join(', ')}]`;
  const [first] = files;
  if (first?.start.format === 'parquet') {
    return { relation: `read_parquet(${paths}, union_by_name = true)`, typedRelation: undefined };
  }
  const compression = `compression = '${first?.start.compression ?? 'uncompressed'}'`;
  if (first?.dialect === undefined) {
    const format = first?.start.format === 'json array' ? 'array' : 'newline_delimited';
    const common = `read_json(${paths}, format = '${format}', ${compression}, maximum_object_size = ${maxLineBytes}`;
    const sampled = format === 'array' || files.some(({ name }) => engine.uneven.has(name)) ? -1 : sampledLines;
    const typedRelation = `${common}, records = true, sample_size = ${sampled}, union_by_name = true)`;
    const relationWith = (types: ReadonlyMap<string, string>) => `${common}, ${columnsAs(types)})`;
    const { types, replace } = await jsonColumns(await describe(engine, typedRelation), relationWith, engine);
    const relation = relationWith(types);
    return { relation: replace === '' ? relation : `(SELECT *${replace} FROM ${relation})`, typedRelation };
  }
  const { delimiter, quote, skippedLines, columns } = first.dialect;
  const quotes = `quote = ${quoteText(quote)}, escape = ${quoteText(quote)}`;
  const common = `read_csv(${paths}, delim = ${quoteText(delimiter)}, ${quotes}, header = ${hasHeader}, skip =
    ${skippedLines}, ${compression}, ${csvBuffers}`;
  return {
    relation: `${common}, auto_detect = false, ${columnsAs(new Map(columns.map((column) => [column, 'VARCHAR'])))})`,
    typedRelation: `${common}, names = [${columns.map(quoteText).join(', ')}])`,
  };
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
