/**
 * Event log → Histories through the embedded DuckDB: two scans and a counting sort, so that memory holds the histories
 * and little more.
 */
import { InputError, named, sentence } from '../../checks.js';
import { buildHistories } from '../../histories/build-histories.js';
import type { Dropped, Histories, HistoriesSource } from '../../histories/histories.js';
import {
  filterOptions,
  type EventColumns,
  type EventOptions,
  type FilterOptions,
  type HistoriesShape,
  historyNames,
  type TableColumns,
} from '../../histories/reader-options.js';
import { checkPart, type Part } from '../../histories/part.js';
import { resolveOptions } from '../../option-table.js';
import { checkBytes } from './check-bytes.js';
import { withEngine, type EngineOptions, splitEngineOptions } from '../engine/connection.js';
import { splitCsvOptions, type CsvOptions, type CsvReading } from '../sources/csv-dialect.js';
import { selectEvents } from './event-columns.js';
import { checkTimeOptions, noteWeights, type TimeOptions } from './event-times.js';
import { nameOfSource, openSource, type Source } from '../sources/event-source.js';
import { checkColumn } from '../sources/source-columns.js';
import { explodeLists, isOfLists, numberRows } from './explode-lists.js';
import { groupEvents, type GroupedEvents, type GroupOptions, type ReadProgress } from './group-events.js';
import { groupLists } from './group-lists.js';
import { columnsOf, groupRows, tableParts } from './group-rows.js';
import { checkKeyColumns } from './check-keys.js';
import { isOfPartSql, timeSpanOfEvents } from './key-parts.js';
import { noteListTexts, noteNullTexts } from './null-texts.js';
import { queryRows } from '../engine/query-rows.js';
import { prepareEvents, type PreparedEvents } from './prepare-events.js';
import { checkCall, neededOptionsKind } from '../../step.js';
import { aSource, readerNames, readHooks, type ReadHooks } from '../engine/read-hooks.js';

/** What every log is read with, whatever its columns. */
export interface ReadingOptions
  extends FilterOptions, HistoriesShape, EventOptions, CsvOptions, EngineOptions, TimeOptions {
  /**
   * only the histories that a hash of their keys deals to this part; needs `history`. What is known of times is of the
   * whole log.
   */
  readonly part?: Part | undefined;
}

/** How a log with one row per click, or per list of clicks, is read: its columns, and filters. */
export interface ReadLogOptions extends EventColumns, ReadingOptions {}

/** How a table is read whose every row is a history. */
export interface ReadTableOptions extends TableColumns, ReadingOptions {}

/** Columns, filters, and how to read. */
export type ReadOptions = ReadLogOptions | ReadTableOptions;

/** Options and hooks in one. */
export type HistoriesReading = ReadOptions &
  ReadHooks<ReadProgress> & {
    /** told how many events are to be grouped, before memory is taken for them; what it throws ends the reading */
    readonly onEvents?: ((events: number) => void) | undefined;
  };

/** Names of the options that say where a log's events stand, for the check of a call. */
export const eventNames = {
  ...readerNames,
  history: true,
  category: true,
  columns: true,
  time: true,
  timeFormat: true,
  timeUnit: true,
  isTimeDefault: true,
  weight: true,
  where: true,
} as const;

const optionKind = neededOptionsKind<ReadLogOptions>({ ...eventNames, part: true, ...historyNames });

/**
 * Reads an event log into histories.
 *
 * @param source - paths or globs of CSV, TSV, JSONL or Parquet, plain, .gz or .zst; `-` for standard input; or `{ sql
 *   }`, any query
 * @param options - the columns `history` and `category` of a log (lists are that many clicks), or the `columns` of a
 *   table; perhaps `time`, `weight` and `where`; filters (see `filterOptions`); memory
 * @returns histories in canonical order: neither the order of the rows nor the number of threads matters
 * @throws InputError for anything wrong with the source, the options or the data, in one sentence
 */
export async function readHistories(
  source: Source,
  options: ReadOptions,
  hooks: ReadHooks<ReadProgress> = {},
): Promise<Histories> {
  checkCall('readHistories(source, { history, category, … }, hooks)', {
    source: [source, aSource],
    options: [options, optionKind],
    hooks: [hooks, readHooks],
  });
  return readHistoriesWith(source, { ...options, ...hooks });
}

/** The same for those who have options and hooks in one. @throws InputError as `readHistories` */
export async function readHistoriesWith(source: Source, options: HistoriesReading): Promise<Histories> {
  const { part } = options;
  if (part !== undefined) checkPart('part', part);
  if (part !== undefined && options.history === undefined)
    throw new InputError(sentence`${named('part')} needs the key of each history, got none`);
  const keyed: GroupStep<GroupedEvents> =
    part === undefined ? groupEvents : (events, how) => groupPart(events, how, part);
  const reading = await readGrouped(source, options, { keyed, rows: groupRowsOf(options) });
  options.signal?.throwIfAborted();
  options.onProgress?.({ stage: 'filtering', share: 0 });
  return historiesOf(reading, source, options);
}

/** Clicks of a log, and what else is known of it. */
export interface Grouping<Clicks> {
  readonly clicks: Clicks;
  /** part → DuckDB's type of its column */
  readonly types: ReadonlyMap<string, string>;
}

/** Makes grouped clicks, or something else, of prepared events. @param types - part → DuckDB's type of its column */
export type GroupStep<Result> = (
  events: PreparedEvents,
  how: GroupOptions,
  types: ReadonlyMap<string, string>,
) => Promise<Result>;

/** What is made of the events of a log of either kind. */
export interface GroupSteps<Result> {
  /** of histories with keys */
  readonly keyed: GroupStep<Result>;
  /** of rows that are histories of their own: a table's, or lists, whose first key is the number of their row */
  readonly rows: GroupStep<Result>;
}

/**
 * Opens a log and groups its clicks by history.
 *
 * @throws InputError as `readHistories`
 */
export async function readGrouped<Result>(
  source: Source,
  options: HistoriesReading,
  group: GroupSteps<Result>,
): Promise<Grouping<Result>> {
  const { columns, where, onEvents } = options;
  const { filters, csv, isOrdered, keepKeys, signal, onProgress, onNote, ...more } = splitOptions(options);
  checkTimeOptions(options.time, options);
  const named = columns === undefined ? logParts(options.history, options.category) : tableParts(columns);
  const parts = new Map([...named, ...optionalParts({ time: options.time, weight: options.weight })]);
  return withEngine({ ...more.engine, signal }, { source: nameOfSource(source), where }, async (engine) => {
    onProgress?.({ stage: 'scanning', share: 0 });
    const opened = await openSource(source, csv, engine);
    const hasOwnRows = columns === undefined && !parts.has('history');
    // ties in time, and what maxHistory keeps without times, go by lots that are drawn for keys
    const hasLots = columns === undefined && (isOrdered === true || filters.maxHistory > 0);
    const how = { engine, keepKeys: hasLots || keepKeys === true, signal, onProgress };
    const ofRows = { ...how, keepKeys: keepKeys === true };
    const preparing = { engine, hasWhere: where !== undefined, ...more.times };
    const read = async (): Promise<Grouping<Result>> => {
      await checkBytes(opened, parts, engine);
      const rows = await selectEvents(opened, parts, where, engine);
      if (hasOwnRows && !isOfLists(rows)) checkColumn(opened, 'history', '');
      await checkKeyColumns(opened, [...named.values()], { engine, onNote });
      const { types } = rows;
      if (columns !== undefined) {
        const events = await prepareEvents(opened, rows, [], preparing);
        onEvents?.(events.size * columns.length);
        await noteNullTexts(events, textParts(named, types), { engine, onNote });
        return { clicks: await group.rows(events, ofRows, types), types };
      }
      const selected = await explodeLists(hasOwnRows ? await numberRows(rows, engine) : rows, parts, engine);
      const collectsTexts = !hasOwnRows && !engine.isLimited;
      const events = await prepareEvents(selected.source, selected, ['history', 'category'], {
        ...preparing,
        collectsTexts,
      });
      onEvents?.(events.size);
      const texts = textParts(named, selected.types);
      await noteNullTexts(events, texts, { engine, onNote });
      if (options.weight !== undefined) await noteWeights(events, options.weight, { engine, onNote });
      const category = texts.get('category');
      if (category !== undefined) await noteListTexts(events, category, { engine, onNote });
      const grouping = hasOwnRows ? group.rows : group.keyed;
      return { clicks: await grouping(events, hasOwnRows ? ofRows : how, types), types };
    };
    return opened.checked(read());
  });
}

/** The columns of text among named ones. */
function textParts(named: ReadonlyMap<string, string>, types: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...named].filter(([part]) => types.get(part) === 'VARCHAR'));
}

/** Groups rows that are histories of their own, in memory. */
export function groupRowsOf({ columns }: Pick<HistoriesReading, 'columns'>): GroupStep<GroupedEvents> {
  if (columns === undefined) return groupLists;
  return (events, how, types) => groupRows(events, { ...how, columns, types });
}

/** Groups the events of the histories that a hash of their keys deals to a part. */
async function groupPart(events: PreparedEvents, how: GroupOptions, part: Part): Promise<GroupedEvents> {
  const { relation, keys, seconds, timeReading } = events;
  const { connection } = how.engine;
  const timeSpan =
    seconds === undefined ? undefined : await timeSpanOfEvents(relation, seconds, how.engine, timeReading);
  // kept, since to find a part takes longer than to group it
  const ofPart = 'category2vec_part';
  const isOfPart = isOfPartSql(keys[0], part);
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${ofPart} AS SELECT * FROM ${relation} WHERE ${isOfPart}`);
  for (const { distinct } of keys) {
    // of the whole log
    // oxlint-disable-next-line no-await-in-loop -- one connection
    if (distinct !== undefined) await connection.run(`DROP TABLE ${distinct}`);
  }
  const keysOfPart = keys.map((key) => ({ ...key, distinct: undefined }));
  const [[size] = []] = await queryRows(connection, `SELECT count(*) FROM ${ofPart}`);
  const found = { ...events, keys: keysOfPart, relation: ofPart, size: Number(size) };
  return { ...(await groupEvents(found, how)), timeSpan };
}

/** Filters grouped clicks, and tells of rows that were left out. */
export function historiesOf(
  { clicks: { grouped, ...known }, types }: Grouping<GroupedEvents>,
  source: Source,
  options: HistoriesReading,
): Histories {
  const { filters, isOrdered, keepKeys, keepSingles, seed } = splitOptions(options);
  noteBadRows(known.droppedBefore, source, options);
  const mayBeEmpty = options.part !== undefined;
  const histories = buildHistories(grouped, { filters, isOrdered, keepKeys, keepSingles, seed, mayBeEmpty, ...known });
  return options.columns === undefined
    ? { ...histories, source: describeTypes(types) }
    : { ...histories, attributes: columnsOf(histories.vocabulary.keys) };
}

/** Tells of rows that were left out. */
export function noteBadRows({ badRows }: Pick<Dropped, 'badRows'>, source: Source, { onBadRows }: CsvReading): void {
  if (badRows !== undefined) onBadRows?.(badRows, nameOfSource(source));
}

/** The options by what they are for. @throws InputError for a filter out of range or a name that is none */
export function splitOptions(options: HistoriesReading) {
  const { history: _1, category: _2, columns: _3, time: _4, weight: _5, where: _6, ...afterColumns } = options;
  const { timeFormat, timeUnit, isTimeDefault, ...rest } = afterColumns;
  const { csv, others: afterCsv } = splitCsvOptions(rest);
  const { engine, others } = splitEngineOptions(afterCsv);
  const { signal, ...afterEngine } = others;
  const { isOrdered, keepKeys, keepSingles, seed, onProgress, onNote, onEvents: _7, part: _8, ...given } = afterEngine;
  return {
    filters: resolveOptions(filterOptions, given),
    times: { timeFormat, timeUnit, isTimeDefault },
    engine,
    csv,
    signal,
    isOrdered,
    keepKeys,
    keepSingles,
    seed,
    onProgress,
    onNote,
  };
}

function logParts(history: string | undefined, category: string | undefined): Map<string, string> {
  if (category === undefined)
    throw new InputError(sentence`${named('category')} must name a column of the event log, got none`);
  // a history that was not named is asked for as such, unless the categories are lists: the reader then answers with
  // the columns that there are
  return new Map([...(history === undefined ? [] : [['history', history] as const]), ['category', category]]);
}

function optionalParts(parts: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(parts).flatMap(([part, column]): [string, string][] =>
    column === undefined ? [] : [[part, column]],
  );
}

/** What the columns were before their values became keys, seconds and weights. */
export function describeTypes(types: ReadonlyMap<string, string>): HistoriesSource {
  return {
    historyType: types.get('history') ?? '',
    categoryType: types.get('category') ?? '',
    timeType: types.get('time'),
    weightType: types.get('weight'),
  };
}
