/** Event log → Histories through the embedded DuckDB: two scans and a counting sort, so that memory holds the histories and little more. */
import { buildHistories } from '../histories/build-histories.js';
import type { Histories } from '../histories/histories.js';
import { filterOptions, type FilterOptions, type HistoriesShape } from '../histories/reader-options.js';
import { resolveOptions } from '../option-table.js';
import { withEngine, type EngineOptions } from './connection.js';
import type { CsvOptions } from './csv-dialect.js';
import { selectEvents, type EventColumns } from './event-columns.js';
import { nameOfSource, openSource, type Source } from './event-source.js';
import { groupEvents, type ReadProgress } from './group-events.js';
import { prepareEvents } from './prepare-events.js';

/** Columns, filters, and how to read. */
export type ReadOptions = EventColumns &
  HistoriesShape &
  CsvOptions &
  EngineOptions & { readonly [Name in keyof FilterOptions]?: FilterOptions[Name] | undefined } & {
    readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  };

/**
 * Reads an event log, one row per click, into histories.
 *
 * @param source - paths or globs of CSV, TSV, JSONL or Parquet, plain, .gz or .zst; `-` for standard input; or `{ sql }`, any query
 * @param options - the columns `history` and `category`, perhaps `time`, `weight` and `where`; filters (see `filterOptions`); memory
 * @returns histories in canonical order: neither the order of the rows nor the number of threads matters
 * @throws InputError for anything wrong with the source, the options or the data, in one sentence
 */
export async function readHistories(source: Source, options: ReadOptions): Promise<Histories> {
  const { history, category, time, weight, where, ...rest } = options;
  const { delimiter, hasHeader, encoding, ...afterCsv } = rest;
  const { memoryLimit, temporaryFolder, engineThreads, signal, ...afterEngine } = afterCsv;
  const { isOrdered, keepKeys, seed, onProgress, ...given } = afterEngine;
  const filters = resolveOptions(filterOptions, given);
  const engineOptions = { memoryLimit, temporaryFolder, engineThreads, signal };
  const clicks = await withEngine(engineOptions, { source: nameOfSource(source), where }, async (engine) => {
    onProgress?.({ stage: 'scanning', share: 0 });
    const opened = await openSource(source, { delimiter, hasHeader, encoding }, engine);
    const selected = await selectEvents(opened, { history, category, time, weight, where }, engine);
    const events = await prepareEvents(opened, selected, engine, where !== undefined);
    return groupEvents(events, { engine, keepKeys, signal, onProgress });
  });
  signal?.throwIfAborted();
  onProgress?.({ stage: 'filtering', share: 0 });
  const { grouped, droppedBefore, secondsPerTimeUnit, types } = clicks;
  const histories = buildHistories(grouped, { filters, isOrdered, keepKeys, seed, droppedBefore, secondsPerTimeUnit });
  return { ...histories, source: types };
}
