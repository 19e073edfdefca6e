/** Tables that a saved click model is applied to, as flags name them, for `click evaluate` and `click predict`. */
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError } from '../../checks.js';
import type { SavedClickModel } from '../../click-model/model-description.js';
import { isTimeless } from '../../impressions/model-reading.js';
import { matchFiles } from '../../duckdb/sources/event-source.js';
import type { KnownTableOptions } from '../../duckdb/impressions/read-impressions-for.js';
import { knownLogs, readOptions, type HistoryFlags } from './click-impression-flags.js';
import type { SourceFlags } from './source-flags.js';
import type { TimeFlags } from './times.js';

/** How a model's table is read, as flags say. */
export function knownTableOptions(flags: SourceFlags & HistoryFlags & TimeFlags): KnownTableOptions {
  const { timeFormat, timeUnit } = flags;
  return { ...readOptions(flags), timeFormat, timeUnit, historyFrom: knownLogs(flags) };
}

/**
 * Checks the files of a table against the logs of its histories, before anything is read: a timeless history must not
 * be made of the very rows that read it, as each row's history would hold its own click.
 *
 * @throws InputError where the model knows no time and a log is the table itself
 */
export async function checkTable(
  { reading }: SavedClickModel,
  files: readonly string[],
  { historyFrom = [] }: HistoryFlags,
): Promise<void> {
  if (!isTimeless(reading)) return;
  const table = new Set(await realPaths(files));
  const shared = (await realPaths(historyFrom)).find((path) => table.has(path));
  if (shared === undefined) return;
  throw new InputError(
    '--history-from must hold other rows than the table where the model knows no time, or each history would ' +
      `tell its own row's label; ` +
      `got ${JSON.stringify(basename(shared))} as both: take the training rows, which --write-splits keeps`,
  );
}

async function realPaths(paths: readonly string[]): Promise<string[]> {
  const all = [...paths, ...(await matchFiles(paths))];
  return Promise.all(all.map((path) => realpath(path).catch(() => path)));
}
