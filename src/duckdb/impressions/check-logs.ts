/** Logs of a model's histories beside the table that reads them: a timeless history must be of other rows. */
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError, named, sentence } from '../../checks.js';
import { isTimeless, type ModelReading } from '../../impressions/model-reading.js';
import { matchFiles, type Source } from '../sources/event-source.js';

/**
 * Checks the files of a table against the logs of its histories, before anything is read: a timeless history must not
 * be made of the very rows that read it, as each row's history would hold its own click.
 *
 * @throws InputError where the model knows no time and a log is the table itself
 */
export async function checkLogsApart(
  reading: ModelReading | undefined,
  table: Source,
  historyFrom: readonly (Source | { readonly source: Source })[] = [],
): Promise<void> {
  if (!isTimeless(reading) || historyFrom.length === 0) return;
  const own = new Set(await realPaths(table));
  for (const log of own.size === 0 ? [] : historyFrom) {
    const shared = (await realPaths(typeof log === 'object' && 'source' in log ? log.source : log)).find((path) =>
      own.has(path),
    );
    if (shared === undefined) continue;
    throw new InputError(
      sentence`${named('historyFrom')} must hold other rows than the table where the model knows no time, or each
        history would tell its own row's label; got ${JSON.stringify(basename(shared))} as both: take the training rows,
        which click train --write-splits keeps`,
    );
  }
}

/** The files of a source, as the system knows them; none of a query. */
async function realPaths(source: Source): Promise<string[]> {
  if (typeof source === 'object' && 'sql' in source) return [];
  const given = typeof source === 'string' ? [source] : source;
  const all = [...given, ...(await matchFiles(given))];
  return Promise.all(all.map((path) => realpath(path).catch(() => path)));
}
