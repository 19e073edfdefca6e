/** Tables of impressions, and click logs for their histories → Impressions, through the embedded DuckDB. */
import { basename } from 'node:path';
import { InputError, named, sentence } from '../../checks.js';
import type { CategoricalColumn, Impressions, ListColumn, NumericColumn } from '../../impressions/impressions.js';
import type { ModelReading } from '../../impressions/model-reading.js';
import { checkLabelApart } from '../../impressions/check-rows.js';
import { shareDomains } from '../../impressions/column-domains.js';
import type { SpaceIds } from '../../embedding/version.js';
import { timeSpanOf } from '../../histories/time-span.js';
import { checkBytes } from '../events/check-bytes.js';
import { withEngine, type Engine, type EngineOptions, splitEngineOptions } from '../engine/connection.js';
import { checkImpressions } from './check-impressions.js';
import { csvOptions, type CsvOptions } from '../sources/csv-dialect.js';
import type { EventRelation } from '../events/event-columns.js';
import { nameOfSource, openSource, type Source } from '../sources/event-source.js';
import { checkTimeOptions, noteWeights, type TimeOptions } from '../events/event-times.js';
import { categoryText, nameParts } from './impression-columns.js';
import { codeTexts, type TextCoder } from '../events/key-index.js';
import { checkKeyColumns } from '../events/check-keys.js';
import { joinHistories, type HistoryLog } from './join-histories.js';
import { keep } from '../events/prepare-events.js';
import { noteSpellings } from './note-spellings.js';
import { queryRows } from '../engine/query-rows.js';
import { streamRaw, type RawChunk } from '../engine/raw-columns.js';
import { spacesOfSource } from './table-spaces.js';
import { checkCall, neededOptionsKind, told } from '../../step.js';
import { aSource, joinReadHooks, readerNames, type JoinReadHooks } from '../engine/read-hooks.js';

/** Columns of impressions, and how to read. */
export interface ImpressionOptions extends CsvOptions, EngineOptions, TimeOptions {
  /** 0 and 1, or false and true; undefined in a table that is only predicted */
  readonly label?: string | undefined;
  /** columns of one category each */
  readonly categorical?: readonly string[] | undefined;
  /** columns of numbers */
  readonly numeric?: readonly string[] | undefined;
  /** columns of several categories: lists, or text such as `news|sport` or `["news","sport"]` */
  readonly lists?: readonly string[] | undefined;
  /**
   * what separates the members of a list in a text, such as a space in `news sport`; default `|`. Lists as JSON or
   * Python write them need none.
   */
  readonly listSeparator?: string | undefined;
  /** whose impression it was; a row without a user is one of its own */
  readonly user?: string | undefined;
  /** when it was: timestamps, dates, numbers (seconds since 1970), ISO 8601 text */
  readonly time?: string | undefined;
  /** positive numbers: what a row counts in loss and metrics */
  readonly weight?: string | undefined;
  /** logs of clicks, each of which gives a history strictly before the impression; they need `user` and `time` */
  readonly histories?: readonly HistoryLog[] | undefined;
  /** groups of columns that speak of the same thing and have one dictionary, such as [['advertiser', 'history']] */
  readonly share?: readonly (readonly string[])[] | undefined;
}

/**
 * Reads a table of impressions, its rows in the order of the source, none of them dropped.
 *
 * Keys are text as in `readHistories`; an empty or missing category is code −1, a missing number NaN, a missing list
 * empty. A key that is NaN is missing.
 *
 * @param source - paths or globs of CSV, TSV, JSONL or Parquet, plain, .gz or .zst; `-` for standard input; or `{ sql
 *   }`, any query
 * @throws InputError for features tables of foreign spaces, and for anything wrong with source, options or data, in one
 *   sentence: a label that is not 0 or 1, a number that is none or not finite, and a time or weight that cannot be read
 *   are told with their row
 */
export async function readImpressions(
  source: Source,
  options: ImpressionOptions,
  hooks: JoinReadHooks = {},
): Promise<Impressions> {
  checkCall('readImpressions(source, { label, categorical, … }, hooks)', {
    source: [source, aSource],
    options: [options, optionKind],
    hooks: [hooks, joinReadHooks],
  });
  return told('reading', hooks, () => readImpressionsWith(source, { ...options, ...hooks }));
}

const optionKind = neededOptionsKind<ImpressionOptions>({
  ...readerNames,
  label: true,
  categorical: true,
  numeric: true,
  lists: true,
  listSeparator: true,
  user: true,
  time: true,
  timeFormat: true,
  timeUnit: true,
  isTimeDefault: true,
  weight: true,
  histories: true,
  share: true,
});

/** The same for those who have options and hooks in one. @throws InputError as `readImpressions` */
export async function readImpressionsWith(
  source: Source,
  options: ImpressionOptions & JoinReadHooks,
): Promise<Impressions> {
  const { label, categorical = [], numeric = [], lists = [], user, time, weight, histories = [] } = options;
  checkTimeOptions(time, options);
  const engineOptions = { ...splitEngineOptions(options).engine, signal: options.signal };
  const parts = new Map([
    ...Object.entries({ label, user, time, weight }).flatMap(([part, column]): [string, string][] =>
      column === undefined ? [] : [[part, column]],
    ),
    ...categorical.map((column) => [`categorical ${column}`, column] as const),
    ...numeric.map((column) => [`numeric ${column}`, column] as const),
    ...lists.map((column) => [`list ${column}`, column] as const),
  ]);
  if (options.listSeparator === '')
    throw new InputError(sentence`${named('listSeparator')} must be at least one character, got none`);
  if (parts.size === 0) throw new InputError(sentence`${named('impressions')} must have at least one column, got none`);
  const all = [...categorical, ...lists, ...histories.map(({ name = 'history' }) => name)];
  const twin = [...all, ...numeric].find((name, i, all) => all.indexOf(name) !== i);
  if (twin !== undefined) {
    const isLog = lists.includes(twin) && histories.some(({ name = 'history' }) => name === twin);
    throw new InputError(
      isLog
        ? sentence`${named('lists')} must not hold ${JSON.stringify(twin)}, the name of the list that a log of
          histories gives by itself; leave it out`
        : sentence`a column must be named once, as one kind, got ${JSON.stringify(twin)} twice`,
    );
  }
  checkLabelApart(label, [...categorical, ...lists, ...numeric]);
  const domainOf = shareDomains(all, options.share ?? []);
  const name = nameOfSource(source);
  const { userKeys, spaces, ...table } = await withEngine(engineOptions, { source: name }, async (engine) => {
    // the rows of predictions stand beside those of the table
    await engine.connection.run('SET preserve_insertion_order = true');
    const opened = await openSource(source, csvOptions(options), engine);
    const selected = nameParts(opened, parts);
    const spaces = numeric.length === 0 ? [] : await spacesOfSource(source, engine);
    const keyed = [...categorical, ...lists, ...(user === undefined ? [] : [user])];
    const read = async () => {
      await checkBytes(opened, parts, engine);
      await checkKeyColumns(opened, keyed, { engine, onNote: options.onNote });
      const events = opened.isRepeatable ? selected : await keep(selected, engine);
      return { ...(await readTable(events, { options, engine, domainOf, name })), spaces };
    };
    return opened.checked(read());
  });
  const impressions = { ...table, reading: { ...readingOf(options), ...readingOfSpaces(spaces) } };
  if (histories.length === 0) return impressions;
  return joinHistories(impressions, histories, { ...options, ...engineOptions, name, userKeys, domainOf });
}

/** What a model that is trained on these impressions remembers: names, no folders. */
function readingOf(options: ImpressionOptions): ModelReading {
  const { label, user, time, timeFormat, timeUnit, weight, listSeparator, histories = [] } = options;
  return {
    label,
    user,
    time,
    timeFormat,
    timeUnit,
    weight,
    listSeparator,
    histories: histories.map(
      ({ source, name = 'history', category, user, time, timeFormat, timeUnit, where, lag }) => ({
        file: basename(nameOfSource(source)),
        name,
        category,
        user,
        time,
        timeFormat,
        timeUnit,
        where,
        lag,
      }),
    ),
  };
}

/** Each version once, in the order of their ids. */
function readingOfSpaces(spaces: readonly SpaceIds[]): Pick<ModelReading, 'spaces'> {
  if (spaces.length === 0) return {};
  const distinct = new Map(spaces.map(({ version, alignment }) => [version, { version, alignment }]));
  return { spaces: [...distinct.values()].sort((a, b) => (a.version < b.version ? -1 : 1)) };
}

interface ReadTable {
  readonly options: ImpressionOptions & JoinReadHooks;
  readonly engine: Engine;
  readonly domainOf: ReadonlyMap<string, string>;
  /** of the source */
  readonly name: string;
}

/** A table without its histories, and the keys of its users. */
type TableOfUsers = Impressions & { readonly userKeys: readonly string[] };

async function readTable(events: EventRelation, { options, engine, domainOf, name }: ReadTable): Promise<TableOfUsers> {
  const { categorical = [], numeric = [], lists = [], user, signal } = options;
  const checked = await checkImpressions(events, options, engine);
  const { relation, bad } = checked;
  if (bad !== undefined) options.onBadRows?.(bad, name);
  const [[size] = []] = await queryRows(engine.connection, `SELECT count(*) FROM ${relation}`);
  const count = Number(size);
  if (count === 0) throw new InputError(`${name} holds no rows; a table of impressions has one row per impression`);
  const domains = new Map<string, TextCoder>();
  for (const domain of new Set([...categorical, ...lists].map((column) => domainOf.get(column) ?? column))) {
    const isIn = (column: string): boolean => domainOf.get(column) === domain;
    const selects = [
      ...categorical.filter(isIn).map((column) => `SELECT ${categoryText(`categorical ${column}`, events)} AS key`),
      ...lists.filter(isIn).map((column) => `SELECT unnest(${checked.lists.get(column) ?? ''}) AS key`),
    ].map((select) => `${select} FROM ${relation}`);
    domains.set(domain, await codeTexts(engine.connection, presentKeys(selects), signal));
  }
  const domainNamed = (column: string): string => domainOf.get(column) ?? column;
  const userSelect = `SELECT ${categoryText('user', events)} AS key FROM ${relation}`;
  const people = user === undefined ? undefined : await codeTexts(engine.connection, presentKeys([userSelect]), signal);
  const reader = new ColumnReader(count);
  const labels = checked.label === undefined ? undefined : reader.bytes(checked.label);
  const users = people === undefined ? undefined : reader.codes(people, categoryText('user', events));
  const times = checked.seconds === undefined ? undefined : reader.doubles(checked.seconds);
  const weights = checked.weight === undefined ? undefined : reader.doubles(checked.weight);
  const read = {
    categorical: categorical.map((column): CategoricalColumn => {
      const domain = domainNamed(column);
      return {
        name: column,
        domain,
        codes: reader.codes(domains.get(domain), categoryText(`categorical ${column}`, events)),
      };
    }),
    numeric: [] as NumericColumn[],
    lists: [] as (() => ListColumn)[],
  };
  for (const column of numeric) {
    read.numeric.push({ name: column, values: reader.doubles(checked.numbers.get(column) ?? 'NULL') });
  }
  for (const column of lists) {
    const domain = domainNamed(column);
    const list = reader.lists(domains.get(domain), checked.lists.get(column) ?? '');
    read.lists.push(() => ({ name: column, domain, ...list() }));
  }
  await streamRaw(engine.connection, reader.sql(relation), signal, (chunk) => reader.visit(chunk));
  const columns = {
    domains: new Map(Array.from(domains, ([domain, { keys }]) => [domain, keys])),
    categorical: read.categorical,
    lists: read.lists.map((list) => list()),
  };
  if (options.label !== undefined) noteSpellings(columns, options);
  if (options.weight !== undefined) {
    await noteWeights({ relation, weight: checked.weight }, options.weight, { engine, onNote: options.onNote });
  }
  return {
    count,
    labels,
    weights,
    users: users && withOwnNumbers(users, people?.keys.length ?? 0),
    times,
    timeSpan: times && timeSpanOf(times, checked.timing),
    ...columns,
    numeric: read.numeric,
    userKeys: people?.keys ?? [],
  };
}

function presentKeys(selects: readonly string[]): string {
  return `(SELECT key FROM (${selects.join(' UNION ALL ')}) WHERE key IS NOT NULL)`;
}

/** Rows without a user get numbers of their own, after those of the users. */
function withOwnNumbers(users: Int32Array, known: number): Int32Array {
  let next = known;
  return users.map((user) => (user < 0 ? next++ : user));
}

/** Gathers columns of one scan: each is asked for once, and filled chunk by chunk. */
class ColumnReader {
  readonly #count: number;
  readonly #expressions: string[] = [];
  readonly #visits: ((chunk: RawChunk, start: number) => void)[] = [];
  #done = 0;

  constructor(count: number) {
    this.#count = count;
  }

  sql(relation: string): string {
    return `SELECT ${this.#expressions.length === 0 ? '1' : this.#expressions.join(', ')} FROM ${relation}`;
  }

  visit(chunk: RawChunk): void {
    for (const visit of this.#visits) visit(chunk, this.#done);
    this.#done += chunk.rowCount;
  }

  bytes(expression: string): Uint8Array {
    const values = new Uint8Array(this.#count);
    this.#add(`(${expression})::INTEGER`, (chunk, column, start) => values.set(chunk.int32(column), start));
    return values;
  }

  /** @param text - SQL for a text that the coder knows, or NULL */
  codes(coder: TextCoder | undefined, text: string): Int32Array {
    const values = new Int32Array(this.#count);
    if (coder === undefined) return values.fill(-1);
    this.#add(coder.hashOf(text), (chunk, column, start) =>
      coder.code(chunk.words(column), values.subarray(start, start + chunk.rowCount)),
    );
    return values;
  }

  doubles(expression: string): Float64Array {
    const values = new Float64Array(this.#count);
    this.#add(`(${expression})::DOUBLE`, (chunk, column, start) => values.set(chunk.float64(column), start));
    return values;
  }

  /** What it returns is called after the scan. @param list - SQL for a list of texts that the coder knows */
  lists(coder: TextCoder | undefined, list: string): () => Pick<ListColumn, 'codes' | 'starts' | 'ends'> {
    const starts = new Uint32Array(this.#count);
    const ends = new Uint32Array(this.#count);
    let codes = new Int32Array(1024);
    let size = 0;
    const hashes = `list_transform(${list}, lambda each: ${coder?.hashOf('each') ?? ''})`;
    this.#add(hashes, (chunk, column, first) => {
      const { words, entries } = chunk.wordLists(column);
      const values = new Int32Array(words.length / 2);
      coder?.code(words, values);
      if (size + values.length > codes.length) {
        const grown = new Int32Array(2 * (size + values.length));
        grown.set(codes.subarray(0, size));
        codes = grown;
      }
      for (let i = 0; i < chunk.rowCount; i++) {
        const from = entries[4 * i] ?? 0;
        const length = entries[4 * i + 2] ?? 0;
        codes.set(values.subarray(from, from + length), size);
        starts[first + i] = size;
        size += length;
        ends[first + i] = size;
      }
    });
    return () => ({ codes: codes.slice(0, size), starts, ends });
  }

  #add(expression: string, fill: (chunk: RawChunk, column: number, start: number) => void): void {
    const column = this.#expressions.push(expression) - 1;
    this.#visits.push((chunk, start) => fill(chunk, column, start));
  }
}
