/** Event log → Histories through the embedded DuckDB: two scans and a counting sort, so that memory holds the histories and little more. */
import { InputError, named, sentence } from '../../checks.js';
import { buildHistories } from '../../histories/build-histories.js';
import type { Histories, HistoriesSource } from '../../histories/histories.js';
import { filterOptions, type FilterOptions, type HistoriesShape } from '../../histories/reader-options.js';
import { orderByContent } from '../../histories/order-by-content.js';
import { resolveOptions } from '../../option-table.js';
import { checkBytes } from './check-bytes.js';
import { withEngine, type EngineOptions } from '../engine/connection.js';
import { splitCsvOptions, type CsvOptions } from '../sources/csv-dialect.js';
import { selectEvents } from './event-columns.js';
import { checkTimeOptions, type TimeOptions } from './event-times.js';
import { checkColumn, nameOfSource, openSource, type Source } from '../sources/event-source.js';
import { explodeLists, isOfLists, numberRows } from './explode-lists.js';
import { groupEvents, type ReadProgress } from './group-events.js';
import { columnsOf, groupRows, tableParts } from './group-rows.js';
import { checkKeyColumns, type ReadNotes } from './check-keys.js';
import { noteNullTexts } from './null-texts.js';
import { prepareEvents } from './prepare-events.js';

/** The columns of a log with one row per click, or one row per list of clicks. */
export interface EventColumns {
  /** whose clicks belong together: user, session, basket; where `category` is a column of lists, default: each row is a history */
  readonly history?: string | undefined;
  /** what was clicked; a list is that many clicks of its row, and then `time` and `weight` may be lists as long */
  readonly category: string;
  readonly columns?: undefined;
}

/** The columns of a table whose every row is a history. */
export interface TableColumns {
  /** each row becomes a set of `column=value` categories, which carry the attribute `column` */
  readonly columns: readonly string[];
  readonly history?: undefined;
  readonly category?: undefined;
}

/** Columns, filters, and how to read. */
export type ReadOptions = (EventColumns | TableColumns) &
  HistoriesShape &
  CsvOptions &
  EngineOptions &
  ReadNotes &
  TimeOptions &
  FilterOptions & {
    /** when it was: timestamps, dates, numbers (seconds since 1970), ISO 8601 text */
    readonly time?: string | undefined;
    /** a column of positive numbers: each click's share of the loss; repeats are summed */
    readonly weight?: string | undefined;
    /** SQL condition on the columns of the source */
    readonly where?: string | undefined;
    readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  };

/**
 * Reads an event log into histories.
 *
 * @param source - paths or globs of CSV, TSV, JSONL or Parquet, plain, .gz or .zst; `-` for standard input; or `{ sql }`, any query
 * @param options - the columns `history` and `category` of a log (lists are that many clicks), or the `columns` of a table; perhaps `time`, `weight` and `where`; filters
 *   (see `filterOptions`); memory
 * @returns histories in canonical order: neither the order of the rows nor the number of threads matters
 * @throws InputError for anything wrong with the source, the options or the data, in one sentence
 */
export async function readHistories(source: Source, options: ReadOptions): Promise<Histories> {
  const { history, category, columns, time, weight, where, ...afterColumns } = options;
  const { timeFormat, timeUnit, isTimeDefault, ...rest } = afterColumns;
  const { csv, others } = splitCsvOptions(rest);
  const { memoryLimit, temporaryFolder, engineThreads, signal, ...afterEngine } = others;
  const { isOrdered, keepKeys, keepSingles, seed, onProgress, onNote, ...given } = afterEngine;
  const filters = resolveOptions(filterOptions, given);
  checkTimeOptions(time, options);
  const named = columns === undefined ? logParts(history, category) : tableParts(columns);
  const parts = new Map([...named, ...optionalParts({ time, weight })]);
  const engineOptions = { memoryLimit, temporaryFolder, engineThreads, signal };
  const { clicks, types } = await withEngine(engineOptions, { source: nameOfSource(source), where }, async (engine) => {
    onProgress?.({ stage: 'scanning', share: 0 });
    const opened = await openSource(source, csv, engine);
    const hasOwnRows = columns === undefined && !parts.has('history');
    // ties in time, and what maxHistory keeps without times, go by lots that are drawn for keys
    const hasLots = columns === undefined && (isOrdered === true || filters.maxHistory > 0);
    const how = { engine, keepKeys: hasLots || keepKeys === true, signal, onProgress };
    const preparing = { engine, hasWhere: where !== undefined, timeFormat, timeUnit, isTimeDefault };
    const read = async () => {
      await checkBytes(opened, parts, engine);
      const rows = await selectEvents(opened, parts, where, engine);
      if (hasOwnRows && !isOfLists(rows)) checkColumn(opened, 'history', '');
      await checkKeyColumns(opened, [...named.values()], { engine, onNote });
      const { types } = rows;
      if (columns !== undefined) {
        const events = await prepareEvents(opened, rows, [], preparing);
        return { clicks: await groupRows(events, { ...how, columns, types }), types };
      }
      const selected = await explodeLists(hasOwnRows ? await numberRows(rows, engine) : rows, parts, engine);
      const source = hasOwnRows ? { ...opened, isRepeatable: true } : opened;
      const events = await prepareEvents(source, selected, ['history', 'category'], preparing);
      const texts = [...named].filter(([part]) => selected.types.get(part) === 'VARCHAR');
      await noteNullTexts(events, new Map(texts), { engine, onNote });
      const clicks = await groupEvents(events, { ...how, keepKeys: how.keepKeys && !hasOwnRows });
      if (!hasOwnRows) return { clicks, types };
      return { clicks: { ...clicks, grouped: orderByContent(clicks.grouped, keepKeys === true) }, types };
    };
    return opened.checked(read());
  });
  signal?.throwIfAborted();
  onProgress?.({ stage: 'filtering', share: 0 });
  const { grouped, ...known } = clicks;
  const { badRows: left } = known.droppedBefore;
  if (left !== undefined) csv.onBadRows?.(left, nameOfSource(source));
  const histories = buildHistories(grouped, { filters, isOrdered, keepKeys, keepSingles, seed, ...known });
  return columns === undefined
    ? { ...histories, source: describeTypes(types) }
    : { ...histories, attributes: columnsOf(histories.vocabulary.keys) };
}

function logParts(history: string | undefined, category: string | undefined): Map<string, string> {
  if (category === undefined)
    throw new InputError(sentence`${named('category')} must name a column of the event log, got none`);
  // a history that was not named is asked for as such, unless the categories are lists: the reader then answers with the columns that there are
  return new Map([...(history === undefined ? [] : [['history', history] as const]), ['category', category]]);
}

function optionalParts(parts: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(parts).flatMap(([part, column]): [string, string][] =>
    column === undefined ? [] : [[part, column]],
  );
}

function describeTypes(types: ReadonlyMap<string, string>): HistoriesSource {
  return {
    historyType: types.get('history') ?? '',
    categoryType: types.get('category') ?? '',
    timeType: types.get('time'),
    weightType: types.get('weight'),
  };
}
