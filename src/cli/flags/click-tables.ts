/** Tables that a saved click model is applied to, as flags name them, for `click evaluate` and `click predict`. */
import type { KnownTableOptions } from '../../duckdb/impressions/read-impressions-for.js';
import { knownLogs, readOptions, type HistoryFlags } from './click-impression-flags.js';
import type { SourceFlags } from './source-flags.js';
import type { TimeFlags } from './times.js';

/** How a model's table is read, as flags say. */
export function knownTableOptions(flags: SourceFlags & HistoryFlags & TimeFlags): KnownTableOptions {
  const { timeFormat, timeUnit } = flags;
  return { ...readOptions(flags), timeFormat, timeUnit, historyFrom: knownLogs(flags) };
}
