/** Histories from the table's own clicks, and what a model remembers of its columns so that later tables are read alike. */
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError } from '../../checks.js';
import type { Impressions } from '../../click-model/impressions.js';
import { withOwnHistories } from '../../click-model/own-histories.js';
import { splitImpressions, type Split, type SplitOptions } from '../../click-model/splits.js';
import { matchFiles, nameOfSource } from '../../duckdb/event-source.js';
import { lagSeconds } from '../../duckdb/join-histories.js';
import type { Json } from '../../embedding/embedding.js';
import { quoteName } from '../../duckdb/sql-text.js';
import { historyLogs, ownHistories, type HistoryFlags, type ImpressionFlags } from './click-impression-flags.js';

/** Impressions with all their histories, and their parts. */
export interface SplitTable {
  readonly impressions: Impressions;
  readonly split: Split;
}

/**
 * Adds the histories that come from the table's own clicks, and splits: with times, a click is known to every later row; without, clicks of training
 * rows are known to all rows but their own, so that the split comes first.
 */
export function splitWithOwnHistories(table: Impressions, flags: ImpressionFlags, options: SplitOptions): SplitTable {
  const own = ownHistories(flags);
  const withHistories = (rows: Uint32Array): Impressions =>
    own.reduce(
      (all, { name, category }) =>
        withOwnHistories(all, { rows, name, category, lagSeconds: lagSeconds(flags.historyLag) }),
      table,
    );
  if (table.times !== undefined || own.length === 0) {
    const impressions = withHistories(new Uint32Array());
    return { impressions, split: splitImpressions(impressions, options) };
  }
  const split = splitImpressions(table, options);
  const warning =
    split.by === 'user'
      ? 'rows are split by user while histories come from training rows: no other user has any there; split with --split-by row'
      : split.warning;
  return { impressions: withHistories(split.training), split: { ...split, warning } };
}

/**
 * What a model remembers of its columns: names, no folders. A history of the table's own clicks is one from a log of impressions, of which the
 * clicked ones count.
 *
 * @param files - of the impressions
 */
export function readingOf(flags: ImpressionFlags, files: readonly string[]): { readonly [name: string]: Json } {
  const { label, user, time, timeFormat, timeUnit, weight } = flags;
  const named = Object.entries({ label, user, time, timeFormat, timeUnit, weight });
  const logs = historyLogs(flags).map(({ source, ...log }) => ({ file: basename(nameOfSource(source)), ...log }));
  const own = ownHistories(flags).map((history) => ({
    ...(files.length === 1 ? { file: basename(files[0] ?? '') } : {}),
    ...history,
    where: isClicked(flags.label ?? ''),
    lag: flags.historyLag,
  }));
  const { listSeparator } = flags;
  return {
    ...(listSeparator === undefined ? {} : { listSeparator }),
    ...Object.fromEntries(named.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    histories: [...logs, ...own].map((history) =>
      Object.fromEntries(
        Object.entries(history).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      ),
    ),
  };
}

/** SQL for a label that says clicked, however it is written. */
function isClicked(label: string): string {
  const column = quoteName(label);
  return `(TRY_CAST(${column} AS DOUBLE) = 1 OR lower(${column}::VARCHAR) = 'true')`;
}

/**
 * Checks that a timeless history is not made of the very rows that read it: each row's history would hold its own click.
 *
 * @throws InputError where a log is one of the table's files
 */
export async function checkOtherRows(files: readonly string[], { historyFrom = [] }: HistoryFlags): Promise<void> {
  const table = new Set(await realPaths(files));
  const shared = (await realPaths(historyFrom)).find((path) => table.has(path));
  if (shared === undefined) return;
  throw new InputError(
    `--history-from must hold other rows than the table where the model knows no time, or each history would tell its own row's label; ` +
      `got ${JSON.stringify(basename(shared))} as both: take the training rows, which --write-splits keeps`,
  );
}

async function realPaths(paths: readonly string[]): Promise<string[]> {
  const all = [...paths, ...(await matchFiles(paths))];
  return Promise.all(all.map((path) => realpath(path).catch(() => path)));
}
