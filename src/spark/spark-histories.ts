/**
 * Event log on a Spark cluster → Histories: the cluster shapes, this machine finishes; equal to `readHistories` value
 * for value.
 */
import { checkDuration, checkInteger, InputError, named, sentence } from '../checks.js';
import { closestSpellings } from '../closest-spellings.js';
import { finishHistories } from '../histories/build-histories.js';
import type { Dropped, Histories } from '../histories/histories.js';
import type { Shard } from '../histories/shard.js';
import type { TimeSpan } from '../histories/time-span.js';
import { filterOptions, type ResolvedFilterOptions } from '../histories/reader-options.js';
import type { WorkFiles } from '../histories/work-table.js';
import { resolveOptions } from '../option-table.js';
import { sparkAddress } from './address.js';
import { rowsOf, typesOf, type ColumnType } from './arrow.js';
import { checkCounts } from './check-counts.js';
import { UselessWork } from './failures.js';
import { checkSparkTimes, sparkTimes, type SparkTimes } from './read-times.js';
import { receiveHistories, receiveInParts, type Received } from './receive-histories.js';
import { SparkSession } from './session.js';
import * as stage from './stage-sql.js';
import { shapeOnCluster, type ShapedOnCluster } from './shape-on-cluster.js';
import { visibleFiles } from './work-files.js';
import { cachedTables, checkWork, workTables, type TableStore } from './work-tables.js';
import type { SparkReading, SparkReadOptions, SparkSource } from './spark-options.js';

/** Session options under which every server computes alike, and results arrive in bounded batches that can be read here. */
const sessionOptions = {
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.ansi.enabled': 'true',
  'spark.sql.timestampType': 'TIMESTAMP_LTZ',
  'spark.sql.parser.escapedStringLiterals': 'false',
  'spark.sql.execution.arrow.compression.codec': 'none',
  'spark.sql.execution.arrow.maxRecordsPerBatch': '100000',
  'spark.sql.objectHashAggregate.sortBased.fallbackThreshold': '1000000',
};

/** Reads an event log on a Spark cluster into histories: see `readSparkHistories`. */
export function readSparkWith(source: SparkSource, options: SparkReading): Promise<Histories> {
  return readShaped(source, options, collectHistories);
}

/** What is known of a log whose histories came in parts. */
export interface KnownOfCluster {
  /** of the categories, ascending by their bytes */
  readonly categoryKeys: readonly string[];
  readonly dropped: Dropped;
  readonly timeSpan: TimeSpan | undefined;
}

/**
 * Reads an event log on a Spark cluster part by part, with keys and with histories of one category, and without filters
 * on counts: as prepared logs hold them.
 *
 * @param visit - told each part, in the byte order of the keys; memory holds one
 */
export function readSparkInParts(
  source: SparkSource,
  options: Omit<SparkReading, 'minCount' | 'minHistories' | 'keepKeys' | 'keepSingles'>,
  visit: (part: Shard) => Promise<void>,
): Promise<KnownOfCluster> {
  const all = { minCount: 1, minHistories: 1, keepKeys: true, keepSingles: true };
  return readShaped(
    source,
    { ...options, ...all },
    async (session, { stageOptions, categoryKeys, ...shaped }, more) => {
      await receiveInParts(session, stageOptions, receiving(shaped, more), (part) => visit(shardOf(part)));
      const dropped = { ...more.dropped, ...shaped.dropped, ...shaped.first };
      return { categoryKeys, dropped, timeSpan: more.timeSpan };
    },
  );
}

/** Opens a session, has the cluster shape the histories, and collects them. */
async function readShaped<Result>(
  source: SparkSource,
  options: SparkReading,
  collect: Collect<Result>,
): Promise<Result> {
  const { engine, token, ca, user, signal, onProgress } = options;
  const filters = filtersOf(options);
  const address = sparkAddress(engine, token);
  if (options.work !== undefined) checkWork(options.work);
  signal?.throwIfAborted();
  onProgress?.({ stage: 'scanning', share: 0 });
  const session = new SparkSession({
    address,
    token,
    ca,
    user,
    signal,
    clientType: 'category2vec',
    tag: 'category2vec',
  });
  try {
    await session.version();
    await session.configure(sessionOptions);
    await session.describe(`a look at ${nameOf(source)}`);
    return await readWithin(session, source, { ...options, filters }, collect);
  } finally {
    await session.close();
  }
}

type Reading = SparkReading & { readonly filters: ResolvedFilterOptions };

/** What becomes of histories that the cluster has shaped. */
type Collect<Result> = (
  session: SparkSession,
  shaped: ShapedOnCluster,
  known: Reading & {
    readonly files: WorkFiles | undefined;
    readonly dropped: Pick<Dropped, 'missing' | 'where'>;
    readonly timeSpan: TimeSpan | undefined;
  },
) => Promise<Result>;

/** Filters with their defaults; what the cluster cannot do alike is refused. */
function filtersOf(options: SparkReadOptions): ResolvedFilterOptions {
  const names = new Set(Object.keys(filterOptions));
  const given = Object.entries(options).filter(([name]) => names.has(name));
  const filters = resolveOptions(filterOptions, Object.fromEntries(given));
  if (checkDuration('halfLife', filters.halfLife) !== undefined) {
    throw new InputError(
      sentence`${named('halfLife')} cannot be used with engine: Spark computes powers in other bits; give the weights
        of age in sql, with ${named('weight')}`,
    );
  }
  return filters;
}

/** A source as an administrator reads it: the table, or the beginning of the query. */
function nameOf(source: SparkSource): string {
  const text = ('table' in source ? source.table : source.sql).trim().replaceAll(/\s+/g, ' ');
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function relationOf(source: SparkSource): string {
  if ('sql' in source) {
    const query = source.sql.trim().replace(/;+\s*$/, '');
    if (query === '')
      throw new InputError(sentence`${named('sql')} must be a query such as SELECT user, item FROM …, got nothing`);
    return `(${query}\n)`;
  }
  const isQuoted = /^(\w+|`(?:[^`]|``)+`)(\.(\w+|`(?:[^`]|``)+`))*$/u.test(source.table);
  return isQuoted ? source.table : source.table.split('.').map(stage.quoteName).join('.');
}

async function readWithin<Result>(
  session: SparkSession,
  source: SparkSource,
  options: Reading,
  collect: Collect<Result>,
): Promise<Result> {
  const relation = relationOf(source);
  const { filters, isOrdered = false, keepSingles = false, keepKeys = false, work, signal } = options;
  const types = await typesOf(session.query(`SELECT * FROM ${relation} LIMIT 0`));
  const columns = columnsOf(options, types);
  const times = await timesOf(session, { relation, ...columns }, { options, types });
  const stageOptions = {
    ...filters,
    ...columns,
    relation: times?.relation ?? relation,
    seconds: times?.seconds,
    gapSeconds: gapOf(filters.sessionGap, times),
    isOrdered,
    keepSingles,
    keepKeys,
    names: stage.sessionNames,
  };
  const [counts = {}] = await rowsOf(session.query(stage.countsSql(stageOptions)));
  const dropped = await checkCounts(session, stageOptions, counts);
  const { timeFormat } = options;
  const timeSpan = await checkSparkTimes(session, stageOptions, { times, counts, timeFormat });
  const store =
    work === undefined
      ? await cachedTables(session)
      : await workTables(session, { work, about: [JSON.stringify(stageOptions), numbersIn(counts)] });
  try {
    const about = nameOf(source);
    const { onProgress } = options;
    const events = Number(counts['kept']);
    const shaped = await shapeOnCluster(session, store, { stageOptions, events, about, onProgress });
    await session.describe(`the histories of ${about}`);
    const files = await filesOf(store, shaped, options);
    const result = await collect(session, shaped, { ...options, files, dropped, timeSpan });
    await store.close({ isKept: false, isStopped: false });
    return result;
  } catch (error) {
    const isStopped = signal?.aborted === true;
    // what a failure has left is there for the next run
    const left = await store.close({ isKept: !isStopped && !(error instanceof UselessWork), isStopped });
    if (left === undefined) throw error;
    throw new InputError(`${left} on the cluster's storage could not be removed; remove it by hand`, { cause: error });
  }
}

/** The files of the histories, where this machine sees them and has a reader. */
async function filesOf(
  { placeOf }: TableStore,
  { stageOptions, sizes }: ShapedOnCluster,
  { openWorkFiles }: Reading,
): Promise<WorkFiles | undefined> {
  if (openWorkFiles === undefined) return undefined;
  const { keepSingles, keepKeys, isOrdered, gapSeconds, seconds, weight } = stageOptions;
  const [hasTimes, hasWeights] = [seconds !== undefined, weight !== undefined];
  const areRecords = hasTimes || hasWeights || isOrdered;
  const table = { keepSingles, keepKeys, hasSessions: gapSeconds !== undefined, hasTimes, hasWeights, areRecords };
  return visibleFiles(placeOf?.('histories'), sizes, (folder) => openWorkFiles(folder, table));
}

/** Counts as text, in the order of their names. */
function numbersIn(counts: Readonly<Record<string, unknown>>): string {
  return Object.keys(counts)
    .toSorted()
    .map((name) => `${name} ${String(counts[name])}`)
    .join('\n');
}

/** Receives all histories and finishes them here. */
const collectHistories: Collect<Histories> = async (session, { stageOptions, categoryKeys, ...shaped }, known) => {
  const { filters, isOrdered = false, keepSingles = false, timeSpan, onProgress } = known;
  const { sessions, historyKeys } = await receiveHistories(session, stageOptions, receiving(shaped, known));
  onProgress?.({ stage: 'filtering', share: 0 });
  const given = { categoryKeys, historyKeys, filters, isOrdered, keepSingles, timeSpan };
  return finishHistories(
    { ...sessions, dropped: shaped.dropped },
    { ...given, droppedBefore: known.dropped, prunedBefore: shaped.first },
  );
};

function receiving(
  { sizes }: Pick<ShapedOnCluster, 'sizes'>,
  {
    files,
    partClicks = 32_000_000,
    onProgress,
  }: Pick<SparkReading, 'partClicks' | 'onProgress'> & { readonly files: WorkFiles | undefined },
) {
  return {
    ...sizes,
    files,
    partClicks: checkInteger('partClicks', partClicks, { min: 1 }),
    onShare: (share: number) => onProgress?.({ stage: 'clicks' as const, share }),
  };
}

/** A part as prepared logs hold it: sessions of one user under one key. */
function shardOf({
  sessions: { categories: items, offsets, times, weights, users },
  historyKeys = [],
}: Received): Shard {
  const keys = users === undefined ? historyKeys : Array.from(users, (user) => historyKeys[user] ?? '');
  return { keys, items, offsets, times, weights: weights && Float32Array.from(weights) };
}

/** The parts of the stages' SQL that depend on the columns' types. */
function columnsOf(
  options: SparkReading & { readonly filters: ResolvedFilterOptions },
  types: ReadonlyMap<string, ColumnType>,
) {
  const { history, category, time, weight, where, isOrdered = false, seed = 1 } = options;
  for (const [role, column] of Object.entries({ history, category })) checkType(role, column, types, ['text', 'whole']);
  if (time !== undefined) checkType('time', time, types, ['timestamp', 'date', 'whole', 'fraction', 'text']);
  if (weight !== undefined) checkType('weight', weight, types, ['whole', 'fraction']);
  if (isOrdered && time === undefined) throw new InputError('isOrdered needs the time of every click, got none');
  const keys = [history, category].filter((column) => column !== undefined);
  const given = [...keys, ...[time, weight].filter((column) => column !== undefined)];
  return {
    history,
    category,
    where,
    textKeys: keys.filter((column) => types.get(column) === 'text'),
    isPresent: given.map((column) => presence(column, types.get(column))).join(' AND '),
    weight: weight === undefined ? undefined : `CAST(${stage.quoteName(weight)} AS DOUBLE)`,
    seed: checkInteger('seed', seed, { min: 0 }),
  };
}

/** How the times are read, where there are any. */
function timesOf(
  session: SparkSession,
  events: Parameters<typeof sparkTimes>[1],
  { options, types }: { readonly options: SparkReading; readonly types: ReadonlyMap<string, ColumnType> },
): Promise<SparkTimes> | undefined {
  const { time, timeFormat, timeUnit } = options;
  if (time === undefined) {
    if ((timeFormat ?? timeUnit) === undefined) return undefined;
    const given = timeFormat === undefined ? 'timeUnit' : 'timeFormat';
    throw new InputError(sentence`${named(given)} needs ${named('time')}, got none`);
  }
  const type = types.get(time);
  const kind = type === 'text' ? 'text' : type === 'whole' || type === 'fraction' ? 'number' : 'stamp';
  return sparkTimes(session, events, { time, kind, timeFormat, timeUnit });
}

function checkType(
  role: string,
  column: string | undefined,
  types: ReadonlyMap<string, ColumnType>,
  expected: readonly ColumnType[],
): void {
  if (column === undefined)
    throw new InputError(sentence`${named(role)} must name a column of the event log, got none`);
  const type = types.get(column);
  if (type === undefined) {
    const [near] = closestSpellings(column, [...types.keys()]);
    throw new InputError(
      sentence`${named(role)} must name a column of the event log, got ${JSON.stringify(column)};
        ${near === undefined ? `it has ${[...types.keys()].join(', ')}` : `did you mean ${near}?`}`,
    );
  }
  if (expected.includes(type)) return;
  throw new InputError(
    sentence`${named(role)} must be a column of ${expected.map((name) => typeNames[name]).join(' or ')} where
      ${named('engine')} is used, got ${typeNames[type]}; cast it in ${named('sql')}`,
  );
}

const typeNames: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  whole: 'whole numbers',
  fraction: 'fractions',
  date: 'dates',
  timestamp: 'timestamps',
  other: 'another type',
};

/** SQL: neither null nor empty nor NaN. */
function presence(column: string, type: ColumnType | undefined): string {
  const name = stage.quoteName(column);
  // cast, since a collation may take blanks for nothing
  if (type === 'text') return `coalesce(CAST(${name} AS STRING) <> '', false)`;
  return type === 'fraction' ? `(${name} IS NOT NULL AND NOT isnan(${name}))` : `${name} IS NOT NULL`;
}

function gapOf(sessionGap: ResolvedFilterOptions['sessionGap'], times: SparkTimes | undefined): number | undefined {
  const gap = checkDuration('sessionGap', sessionGap);
  if (gap === undefined) return undefined;
  if (times === undefined)
    throw new InputError(
      sentence`${named('sessionGap')} needs the time of every click, got none; give them with ${named('time')}`,
    );
  const unitSeconds = gap.unitSeconds ?? times.secondsPerUnit;
  if (unitSeconds === undefined) {
    throw new InputError(
      sentence`${named('sessionGap')} must carry a unit (s, m, h or d) where the times are not numbers, got ${sessionGap}`,
    );
  }
  return gap.amount * unitSeconds;
}
