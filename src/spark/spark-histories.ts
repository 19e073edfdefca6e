/** Event log on a Spark cluster → Histories: the cluster shapes, this machine finishes; equal to `readHistories` value for value. */
import { checkDuration, checkInteger, InputError, named, sentence } from '../checks.js';
import { closestSpellings } from '../closest-spellings.js';
import { finishHistories } from '../histories/build-histories.js';
import { greatestWeight, leastWeight } from '../histories/click-weights.js';
import type { Dropped, Histories } from '../histories/histories.js';
import { filterOptions, type ResolvedFilterOptions } from '../histories/reader-options.js';
import { resolveOptions } from '../option-table.js';
import { sparkAddress } from './address.js';
import { rowsOf, tableOf, textsOf, typesOf, type ColumnType } from './arrow.js';
import { checkSparkTimes, sparkTimes, type SparkTimes } from './read-times.js';
import { receiveHistories } from './receive-histories.js';
import { SparkSession } from './session.js';
import * as stage from './stage-sql.js';
import type { SparkReading, SparkReadOptions, SparkReadProgress, SparkSource } from './spark-options.js';

/** Session options under which every engine computes alike, and results arrive in bounded batches. */
const sessionOptions = {
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.ansi.enabled': 'true',
  'spark.sql.execution.arrow.maxRecordsPerBatch': '100000',
  'spark.sql.objectHashAggregate.sortBased.fallbackThreshold': '1000000',
};

/** Reads an event log on a Spark cluster into histories: see `readSparkHistories`. */
export async function readSparkWith(source: SparkSource, options: SparkReading): Promise<Histories> {
  const { engine, token, ca, user, signal, onProgress } = options;
  const filters = filtersOf(options);
  const address = sparkAddress(engine, token);
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
    return await readWithin(session, relationOf(source), { ...options, filters });
  } finally {
    await session.close();
  }
}

/** Filters with their defaults; what the cluster cannot do alike is refused. */
function filtersOf(options: SparkReadOptions): ResolvedFilterOptions {
  const names = new Set(Object.keys(filterOptions));
  const given = Object.entries(options).filter(([name]) => names.has(name));
  const filters = resolveOptions(filterOptions, Object.fromEntries(given));
  if (checkDuration('halfLife', filters.halfLife) !== undefined) {
    throw new InputError(
      sentence`${named('halfLife')} cannot be used with engine: Spark computes powers in other bits; give the weights of age in sql, with ${named('weight')}`,
    );
  }
  return filters;
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

async function readWithin(
  session: SparkSession,
  relation: string,
  options: SparkReading & { readonly filters: ResolvedFilterOptions },
): Promise<Histories> {
  const { filters, onProgress, isOrdered = false, keepSingles = false, keepKeys = false } = options;
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
  };
  const [counts = {}] = await rowsOf(session.query(stage.countsSql(stageOptions, [leastWeight, greatestWeight])));
  const events = checkCounts(counts, options.where !== undefined);
  const { timeFormat } = options;
  const timeSpan = await checkSparkTimes(session, stageOptions, { times, counts, timeFormat });
  const tables = stage.stageTables(stageOptions);
  const make = await tableMaker(session);
  const progress = (name: SparkReadProgress['stage'], done: number, of: number) => ({
    onProgress: ({ share }: { readonly share: number }) => onProgress?.({ stage: name, share: (done + share) / of }),
  });
  await make('clicks', tables.clicks, progress('shaping', 0, 2));
  const [shaped = {}] = await rowsOf(session.query(stage.shapingSql(stageOptions)));
  await make('categories', tables.categories, progress('keys', 0, 2));
  const [rare = {}] = await rowsOf(session.query(stage.raritySql(stageOptions)));
  await make('ids', tables.ids, progress('keys', 1, 2));
  const categoryKeys: string[] = [];
  for await (const batch of session.query(stage.dictionarySql)) categoryKeys.push(...textsOf(tableOf(batch), 'c'));
  await make('histories', tables.histories, progress('shaping', 1, 2));
  const [sizes = {}] = await rowsOf(session.query(stage.sizesSql(stageOptions)));
  const { sessions, historyKeys } = await receiveHistories(session, stageOptions, {
    histories: Number(sizes['histories']),
    clicks: Number(sizes['clicks']),
    partClicks: checkInteger('partClicks', options.partClicks ?? 32_000_000, { min: 1 }),
    onShare: (share) => onProgress?.({ stage: 'clicks', share }),
  });
  onProgress?.({ stage: 'filtering', share: 0 });
  const histories = finishHistories(
    {
      ...sessions,
      dropped: {
        repeats: Number(shaped['repeats']),
        maxHistory: Number(shaped['max_history']),
        clicksPerCategory: Number(shaped['clicks_per_category']),
      },
    },
    {
      categoryKeys,
      historyKeys,
      filters,
      isOrdered,
      keepSingles,
      droppedBefore: events.dropped,
      timeSpan,
    },
  );
  const first = {
    minCount: Number(rare['min_count']),
    minHistories: Number(rare['min_histories']),
    singles: Number(sizes['singles']),
  };
  return { ...histories, dropped: addDropped(histories.dropped, first) };
}

/** Adds what the cluster's round of pruning has dropped. */
function addDropped(dropped: Dropped, first: Pick<Dropped, 'minCount' | 'minHistories' | 'singles'>): Dropped {
  return {
    ...dropped,
    minCount: dropped.minCount + first.minCount,
    minHistories: dropped.minHistories + first.minHistories,
    singles: dropped.singles + first.singles,
  };
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
  const given = [history, category, time, weight].filter((column) => column !== undefined);
  return {
    history,
    category,
    where,
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
      sentence`${named(role)} must name a column of the event log, got ${JSON.stringify(column)}; ${near === undefined ? `it has ${[...types.keys()].join(', ')}` : `did you mean ${near}?`}`,
    );
  }
  if (expected.includes(type)) return;
  throw new InputError(
    sentence`${named(role)} must be a column of ${expected.map((name) => typeNames[name]).join(' or ')} where ${named('engine')} is used, got ${typeNames[type]}; cast it in ${named('sql')}`,
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
  if (type === 'text') return `coalesce(${name} <> '', false)`;
  return type === 'fraction' ? `(${name} IS NOT NULL AND NOT isnan(${name}))` : `${name} IS NOT NULL`;
}

function gapOf(sessionGap: ResolvedFilterOptions['sessionGap'], times: SparkTimes | undefined): number | undefined {
  const gap = checkDuration('sessionGap', sessionGap);
  if (gap === undefined) return undefined;
  if (times === undefined)
    throw new InputError(sentence`${named('sessionGap')} needs the time of every click, got none`);
  const unitSeconds = gap.unitSeconds ?? times.secondsPerUnit;
  if (unitSeconds === undefined) {
    throw new InputError(
      sentence`${named('sessionGap')} must carry a unit (s, m, h or d) where the times are not numbers, got ${sessionGap}`,
    );
  }
  return gap.amount * unitSeconds;
}

function checkCounts(counts: Readonly<Record<string, unknown>>, hasWhere: boolean) {
  const all = Number(counts['events']);
  if (!(all > 0)) throw new InputError('the table holds no events; an event log has one row per click');
  const bad = Number(counts['bad_weights']);
  if (bad > 0)
    throw new InputError(
      sentence`${named('weight')} must be a number from ${leastWeight} to ${greatestWeight}, got others in ${bad} rows`,
    );
  const present = Number(counts['present']);
  const missing = all - present;
  return {
    dropped: hasWhere ? { missing, where: present - Number(counts['kept']) } : { missing },
  };
}

/** Makes the tables of the session: cached, so that each is computed once, where the engine can; else views. */
async function tableMaker(session: SparkSession) {
  const probe = 'category2vec_probe';
  const canCache = await session.run(`CACHE TABLE ${probe} AS SELECT 1 AS one`).then(
    () => true,
    (error: unknown) => {
      if (error instanceof InputError) return false;
      throw error;
    },
  );
  return async (name: keyof stage.StageTables, query: string, options: Parameters<SparkSession['run']>[1]) => {
    const table = stage.tableNames[name];
    const statement = canCache
      ? `CACHE TABLE ${table} OPTIONS ('storageLevel' 'MEMORY_AND_DISK') AS ${query}`
      : `CREATE OR REPLACE TEMPORARY VIEW ${table} AS ${query}`;
    await session.run(statement, options);
  };
}
