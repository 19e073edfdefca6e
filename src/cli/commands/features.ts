/** `features`: an event log and an embedding → one row of numbers for each history, for any model. */
import { InputError } from '../../checks.js';
import { checkAsOf } from '../../features/history-features.js';
import { lagSeconds } from '../../histories/time-span.js';
import { leastInstant, type TimeSpan } from '../../histories/time-span.js';
import { describeTimes, warnOfTimes, timesJson } from '../print/times-report.js';
import { readToldEmbedding } from '../print/odd-vectors.js';
import { isPrepared } from '../../duckdb/prepared/names.js';
import { readHistoriesWith } from '../../duckdb/events/read-histories.js';
import { featurePaths, writeFeatures, type WrittenFeatures } from '../../duckdb/tables/write-features.js';
import type { Embedding } from '../../embedding/embedding.js';
import type { Histories } from '../../histories/histories.js';
import { openHistoryBatches, type HistoryBatches } from '../../histories/history-batches.js';
import { sizesOfLog } from '../../histories/sharded-log.js';
import { parsePart, type Part } from '../../histories/part.js';
import type { PreparedLog } from '../../histories/prepared-log.js';
import { partOfPrepared } from '../../histories/prepared-part.js';
import type { Call } from '../action.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import type { FlagGroups, FlagsOf } from '../flags/flag-table.js';
import { columnsOfLog, lacksOfLog, logArgument, logSource, readerOptions, readingFlags } from '../flags/log-flags.js';
import { checkOutputFile } from '../flags/output-path.js';
import { filesOfQuery } from '../../duckdb/engine/sql-text.js';
import { openPreparedLog } from '../flags/prepared-flags.js';
import { countOf, formatCount, formatPairs, indent, printable } from '../print/text.js';
import { parseHalfLife, parseTime, timeFlags } from '../flags/times.js';

const flagGroups = {
  'Event log': {
    history: {
      kind: 'column',
      isCommon: true,
      help: 'column that groups the clicks into rows (user, session, basket)',
    },
    category: {
      kind: 'column',
      isCommon: true,
      help: 'what was clicked [the column that the embedding was trained on]',
    },
    time: { kind: 'column', isCommon: true, help: 'column of the click times, for --as-of and --half-life' },
    ...timeFlags,
    ...readingFlags,
  },
  Features: {
    embedding: { kind: 'file', isRequired: true, isCommon: true, help: 'vectors of the categories' },
    asOf: {
      kind: 'text',
      value: 'time',
      isCommon: true,
      help: 'only clicks strictly before it count, such as 2024-06-01 [all clicks]',
    },
    historyLag: { kind: 'text', value: 'time', help: 'how late a click becomes known: 1h [0; a day for dates]' },
    halfLife: {
      kind: 'text',
      value: 'time',
      isCommon: true,
      help: 'add a mean in which a click this old weighs half: 30d',
    },
    part: { kind: 'text', value: 'i/n', help: 'only one part of the histories, such as 3/16' },
    allowLeak: {
      kind: 'flag',
      default: false,
      help: 'accept an embedding that learned from clicks at --as-of or later',
    },
  },
  Output: { out: { kind: 'file', isRequired: true, isCommon: true, help: 'table to write: .parquet, .csv or .npy' } },
} as const satisfies FlagGroups;

type FeaturesFlags = FlagsOf<typeof flagGroups>;

/** Reads a log and an embedding, pools the vectors of every history, writes the table. */
export const command = defineCommand({
  arguments: [logArgument],
  options: flagGroups,
  examples: [
    'category2vec features world/clicks.parquet --embedding advertisers.parquet --history user_id --out users.parquet',
    'category2vec features world/clicks.parquet --embedding advertisers.parquet --history user_id --time ' +
      'time --half-life 7d --out users.csv',
  ],
  lacks: ({ args, flags }) => [
    ...lacksOfLog({ args, flags: { ...flags, columns: [] } }),
    flags.history !== undefined || args.some(isPrepared) ? undefined : '--history <column>',
  ],
  columns: columnsOfLog,
  act: makeFeatures,
});

async function makeFeatures(given: Call<FeaturesFlags>): Promise<Result> {
  const { halfLife: _, ...logFlags } = given.flags;
  const prepared = await openPreparedLog(given.args, logFlags);
  const call =
    prepared === undefined
      ? given
      : { ...given, flags: { ...given.flags, ...prepared.flags, halfLife: given.flags.halfLife } };
  const { args, flags, progress, streams } = call;
  const { embedding: file, allowLeak } = flags;
  const history = await historyColumn(call, prepared?.log);
  const asOf = flags.asOf === undefined ? undefined : parseTime('--as-of', flags.asOf, flags);
  const part = flags.part === undefined ? undefined : parsePart('--part', flags.part);
  const knownAfter = flags.historyLag === undefined ? undefined : lagSeconds(flags.historyLag);
  logSource(args, flags);
  const inputs = [...args, ...filesOfQuery(flags.sql), file];
  const out = await checkOutputFile(flags.out, inputs);
  for (const beside of featurePaths(out).slice(1)) await checkOutputFile(beside, inputs);
  const halfLifeSeconds = readHalfLife(flags);
  const embedding = await readToldEmbedding(file, progress);
  checkAsOf(embedding, { asOf, allowLeak, onNote: (note) => progress.warn(note) }, `--embedding ${file}`);
  const histories =
    prepared === undefined
      ? await readClicks(call, { history, category: categoryColumn(flags, file, embedding), part })
      : await readPrepared(prepared, call, part);
  const { timeSpan } = histories;
  if (asOf !== undefined && timeSpan !== undefined) checkDated(asOf, timeSpan);
  warnOfTimes(progress, 'the log', timeSpan, flags);
  const { keys } = histories.vocabulary;
  if (part !== undefined && keys.length > 0 && !keys.some((key) => embedding.vocabulary.rowOf(key) !== undefined)) {
    progress.warn(`none of the ${countOf(keys.length, 'category', 'categories')} of this part has a vector in ${file}`);
  }
  const written = await writeFeatures(
    out,
    { histories, embedding },
    // leaks were judged above, before the log was read
    { asOf, allowLeak: true, lagSeconds: knownAfter, halfLifeSeconds, keyName: history, isPart: part !== undefined },
    {
      signal: streams.signal,
      onKeys: progress.onKeys,
      onProgress: ({ share }) => progress.update('writing', { share }),
    },
  );
  progress.end();
  return report(written, histories, { history, part: flags.part });
}

/** Step numbers say nothing of what came before a date. */
function checkDated(asOf: number, span: TimeSpan): void {
  if (span.isDated || asOf < leastInstant) return;
  throw new InputError(
    `--as-of must be a number like the times of the log, ${describeTimes(span)}, got a date; say what the ` +
      'numbers are with --time-unit or --time-format',
  );
}

/** Seconds; what needs times without them is refused before the log is read. */
function readHalfLife({ halfLife, asOf, time }: FeaturesFlags): number | undefined {
  const flagNeedingTime = asOf !== undefined ? '--as-of' : halfLife === undefined ? undefined : '--half-life';
  if (flagNeedingTime !== undefined && time === undefined) {
    throw new InputError(`${flagNeedingTime} needs the time of every click: name it with --time COLUMN`);
  }
  return parseHalfLife(halfLife);
}

/** The column named, or the one that the embedding says it was trained on. */
function categoryColumn({ category }: FeaturesFlags, file: string, { provenance }: Embedding): string {
  if (category !== undefined) return category;
  const { source } = provenance;
  const known = typeof source === 'object' ? source.category : undefined;
  if (known !== undefined) return known;
  throw new InputError(
    `--category must name the column of what was clicked, because ${printable(file)} does not say which one ` +
      'it was trained on; got nothing',
  );
}

/** @throws InputError where none is named, with the columns that there are, or a prepared log has histories without keys */
async function historyColumn(
  { args, flags }: Pick<Call<FeaturesFlags>, 'args' | 'flags'>,
  prepared: PreparedLog | undefined,
): Promise<string> {
  if (flags.history !== undefined && prepared?.manifest.areRows !== true) return flags.history;
  if (prepared !== undefined) {
    throw new InputError('features need histories with keys, got a log that was prepared without --history');
  }
  const columns = await columnsOfLog({ args, flags }).catch(() => []);
  const shown = columns.length === 0 ? '' : ` (${columns.slice(0, 30).join(', ')})`;
  throw new InputError(`--history must be a column of the input${shown}, got nothing`);
}

/** The clicks of a prepared log, as it holds them; memory holds a shard while it is checked, and then a piece of each. */
async function readPrepared(
  { log, name }: { readonly log: PreparedLog; readonly name: string },
  { flags: { time }, progress, streams: { signal } }: Call<FeaturesFlags>,
  part: Part | undefined,
): Promise<HistoryBatches> {
  if (!log.manifest.filters.keepRepeats) {
    progress.note(`${printable(name)} was prepared without --keep-repeats: a category counts once in a history`);
  }
  return openHistoryBatches(part === undefined ? log : await partOfPrepared(log, part, signal), {
    isOrdered: time !== undefined,
    mayBeEmpty: part !== undefined,
    signal,
  });
}

/** Every click: those of single-click histories and repeats too, in the order in which they came. */
function readClicks(
  { args, flags, progress, streams: { signal } }: Call<FeaturesFlags>,
  columns: { readonly history: string; readonly category: string; readonly part: Part | undefined },
): Promise<Histories> {
  return readHistoriesWith(logSource(args, flags), {
    ...readerOptions(flags),
    halfLife: undefined,
    ...columns,
    isOrdered: flags.time !== undefined,
    keepKeys: true,
    keepSingles: true,
    keepRepeats: true,
    signal,
    onNote: progress.onNote,
    onProgress: progress.onReading,
  });
}

function report(
  written: WrittenFeatures,
  histories: Histories | HistoryBatches,
  { history, part }: { readonly history: string; readonly part: string | undefined },
): Result {
  const { out, rows, dimension, features, clicks, emptyRows } = written;
  const [, ...vectors] = features;
  const passedOver = sizesOfLog(histories).clicks - clicks;
  const { timeSpan } = histories;
  const pairs = [
    ['rows', `${countOf(rows, 'history', 'histories')}, ${formatCount(emptyRows)} of them without a click that counts`],
    ['clicks', `${formatCount(clicks)}; skipped (too late, or without a vector): ${formatCount(passedOver)}`],
    ...(timeSpan === undefined ? [] : [['times', describeTimes(timeSpan)] as const]),
    ['columns', printable([history, ...features].join(', '))],
    ['numbers', `${formatCount(dimension)} in each of ${vectors.join(', ')}`],
  ] as const;
  return {
    json: {
      out: out.length === 1 ? out[0] : out,
      ...(part === undefined ? {} : { part }),
      rows,
      dimension,
      features,
      clicks,
      passedOver,
      emptyRows,
      ...(timeSpan === undefined ? {} : { times: timesJson(timeSpan) }),
    },
    text: `${out.map(printable).join(' and ')}: features for any model\n${indent(formatPairs(pairs))}`,
  };
}
