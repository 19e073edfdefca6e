/** How the log of an embedding was read, from its metadata: so that another log is read alike. */
import { InputError } from '../../checks.js';
import { readHistoriesWith, type ReadOptions } from '../../duckdb/events/read-histories.js';
import type { Embedding } from '../../embedding/embedding.js';
import type { Histories } from '../../histories/histories.js';
import { filterOptions, type FilterOptions, type HistoriesShape } from '../../histories/reader-options.js';
import { timeUnits } from '../../histories/time-span.js';
import type { Progress } from '../print/progress.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import { printable } from '../print/text.js';
import { describeTimes, warnOfTimes } from '../print/times-report.js';
import { tableValues } from './flags.js';
import { extensionsOf, sourceFlags } from './source-flags.js';

/** The flags that take the place of the metadata. */
export const embeddingLogFlags = {
  history: { kind: 'column', help: 'column that groups the clicks [as trained]' },
  category: { kind: 'column', help: 'column of the log that was clicked [as the embedding was trained]' },
  where: { kind: 'text', value: 'condition', help: 'SQL condition on the events [as the embedding was trained]' },
  extensionFolder: sourceFlags.extensionFolder,
  installExtensions: sourceFlags.installExtensions,
} as const satisfies FlagTable;

/** What is told of reading, and what stops it. */
interface Reading {
  readonly flags: GivenFlags<typeof embeddingLogFlags>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Reads a log as that of an embedding was read, and says from when to when it goes.
 *
 * @param more - what is to be otherwise
 * @throws InputError where neither the metadata nor the command line names the columns
 */
export async function readLogOfEmbedding(
  log: string,
  embedding: Embedding,
  { flags, progress, signal }: Reading,
  more: HistoriesShape & FilterOptions = {},
): Promise<Histories> {
  const { onNote, onReading: onProgress } = progress;
  const histories = await readHistoriesWith(log, {
    ...readingOfEmbedding(embedding, flags),
    ...more,
    ...extensionsOf(flags),
    signal,
    onNote,
    onProgress,
  });
  progress.end();
  const { timeSpan } = histories;
  if (timeSpan !== undefined) progress.note(`${printable(log)}: times ${describeTimes(timeSpan)}`);
  warnOfTimes(progress, printable(log), timeSpan);
  return histories;
}

function readingOfEmbedding({ provenance }: Embedding, given: Reading['flags']): ReadOptions {
  const source = fieldsOf(provenance.source);
  const text = (name: string) => (typeof source[name] === 'string' ? source[name] : undefined);
  const history = given.history ?? text('history');
  const category = given.category ?? text('category');
  if (category === undefined || history === undefined) {
    throw new InputError(
      '--log needs --history and --category, because the embedding does not say which columns it was trained on',
    );
  }
  const options = fieldsOf(provenance.options);
  return {
    ...tableValues(filterOptions, fieldsOf(provenance.filters)),
    history,
    category,
    time: text('time'),
    timeFormat: text('timeFormat'),
    timeUnit: timeUnits.find((unit) => unit === source.timeUnit),
    weight: text('weight'),
    where: given.where ?? text('where'),
    isOrdered: options.context === 'window',
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
