/** Events before grouping: what is missing, what a condition removes, how keys, times and weights are read. */
import { InputError } from '../../checks.js';
import { mergeBadRows } from '../../histories/bad-rows.js';
import type { Dropped } from '../../histories/histories.js';
import type { TimeReadingFacts } from '../../histories/time-span.js';
import type { Engine } from '../engine/connection.js';
import { kept, partName, type EventRelation } from './event-columns.js';
import type { EventSource } from '../sources/event-source.js';
import { keyText } from '../engine/key-sql.js';
import { isFloating, spellsNaN } from '../engine/missing-numbers.js';
import { queryRows } from '../engine/query-rows.js';
import { readTimes, readWeights, type TimeOptions } from './event-times.js';

/** A column of keys, and the range of its values where they are whole numbers. */
export interface PreparedKey {
  /** SQL for the key */
  readonly key: string;
  readonly bounds: readonly [least: number, greatest: number] | undefined;
  /** table of the distinct keys with their rows, columns `key` and `n`, where texts were collected */
  readonly distinct?: string | undefined;
}

/** Events of which none is missing or filtered out. */
export interface PreparedEvents {
  /** what can follow FROM */
  readonly relation: string;
  readonly size: number;
  /** the required keys, in their order */
  readonly keys: readonly PreparedKey[];
  /** SQL for seconds since 1970 */
  readonly seconds: string | undefined;
  readonly secondsPerTimeUnit: number | undefined;
  /** what is known of the times beside their span */
  readonly timeReading: TimeReadingFacts | undefined;
  /** SQL for the weight */
  readonly weight: string | undefined;
  readonly droppedBefore: Pick<Dropped, 'missing' | 'where' | 'badRows'>;
}

/** How events are prepared. */
export interface PrepareEventsOptions extends TimeOptions {
  readonly engine: Engine;
  readonly hasWhere: boolean;
  /**
   * whether the distinct texts of keys are put into tables, from which the number of events, notes and codes are taken
   * without a scan of the log for each; default false
   */
  readonly collectsTexts?: boolean | undefined;
}

const wholeNumber = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;

/**
 * Counts what is missing, checks times and weights, and decides how keys are read.
 *
 * What cannot be scanned again cheaply (all but Parquet) is kept in a table, which DuckDB spills beyond its memory limit.
 *
 * @param required - parts that an event must have, beside its time and weight where those are columns
 * @throws InputError for an empty log, a time that cannot be read or a weight that is not positive, with its row
 */
export async function prepareEvents(
  source: EventSource,
  selected: EventRelation,
  required: readonly string[],
  { engine, hasWhere, collectsTexts = false, ...time }: PrepareEventsOptions,
): Promise<PreparedEvents> {
  const events = source.isRepeatable ? selected : await keep(selected, engine);
  const { types } = events;
  const present = [
    ...required.map((part) => isPresent(partName(part), types.get(part))),
    ...['time', 'weight'].flatMap((part) =>
      types.has(part) ? [isPresentNumber(partName(part), types.get(part))] : [],
    ),
  ].join(' AND ');
  const condition = present === '' ? 'true' : present;
  const isPlain = !hasWhere && !types.has('time') && !types.has('weight');
  const relationOf = (valid: string): string =>
    `(SELECT * FROM ${events.relation} WHERE ${condition} AND ${kept} AND ${valid})`;
  const collect = (valid: string) => collectTexts({ relation: relationOf(valid), types }, required, engine);
  const plainTexts = collectsTexts && isPlain ? await collect('true') : undefined;
  const known = isPlain
    ? ((await countFromTexts(events, required, { texts: plainTexts, engine })) ??
      (await countFromStatistics(events, required, engine)))
    : undefined;
  const counts = known ?? (await countEvents(events, { required, condition }, engine));
  if (counts.all === 0) throw new InputError(`${source.name} holds no events; an event log has one row per click`);
  const times = types.has('time') ? await readTimes(events, condition, engine, time) : undefined;
  const valid = times?.valid ?? 'true';
  const weights = types.has('weight') ? await readWeights(events, `${condition} AND ${valid}`, engine) : undefined;
  const allValid = `${valid} AND ${weights?.valid ?? 'true'}`;
  const texts = plainTexts ?? (collectsTexts ? await collect(allValid) : undefined);
  const badRows = mergeBadRows([source.skipped, times?.bad, weights?.bad]);
  const missing = counts.all - counts.present;
  return {
    relation: relationOf(allValid),
    size: counts.kept - (times?.bad?.count ?? 0) - (weights?.bad?.count ?? 0),
    keys: required.map((part, i) => ({
      key: keyOf(partName(part), types.get(part)),
      bounds: counts.bounds[i],
      distinct: texts?.get(part),
    })),
    seconds: times?.seconds,
    secondsPerTimeUnit: times?.secondsPerUnit,
    timeReading: times?.facts,
    weight: weights?.weight,
    droppedBefore: {
      missing,
      ...(hasWhere ? { where: counts.present - counts.kept } : {}),
      ...(badRows === undefined ? {} : { badRows }),
    },
  };
}

/** Puts events into a table, for sources that cannot be scanned again. */
export async function keep(events: EventRelation, { connection }: Engine): Promise<EventRelation> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE category2vec_events AS SELECT * FROM ${events.relation}`);
  return { ...events, relation: 'category2vec_events' };
}

/** SQL: neither null nor empty nor NaN. */
export function isPresent(column: string, type: string | undefined): string {
  if (type === 'VARCHAR') return `${column} <> ''`;
  return isFloating(type) ? `(${column} IS NOT NULL AND NOT isnan(${column}))` : `${column} IS NOT NULL`;
}

/** The same for a column of numbers, whose texts may spell NaN. */
function isPresentNumber(column: string, type: string | undefined): string {
  return type === 'VARCHAR' ? `(${column} <> '' AND NOT ${spellsNaN(column)})` : isPresent(column, type);
}

/** Whole numbers, texts and UUIDs are told apart as they are; of other types it is the text that counts. */
function keyOf(column: string, type = ''): string {
  return wholeNumber.test(type) || type === 'UUID' ? column : keyText(column, type);
}

/** How many events there are, are whole and are kept, and the bounds of their whole-number keys. */
interface EventCounts {
  readonly all: number;
  readonly present: number;
  readonly kept: number;
  readonly bounds: readonly PreparedKey['bounds'][];
}

/** The same from a file's own statistics, which take no scan: where only whole-number keys are read and none is missing. */
async function countFromStatistics(
  { relation, types }: EventRelation,
  required: readonly string[],
  { connection }: Engine,
): Promise<EventCounts | undefined> {
  const columns = required.map(partName);
  if (columns.length === 0 || !required.every((part) => wholeNumber.test(types.get(part) ?? ''))) return undefined;
  const each = columns.map((column) => `count(${column}), min(${column})::DOUBLE, max(${column})::DOUBLE`);
  const [[all, ...rest] = []] = await queryRows(connection, `SELECT count(*), ${each.join(', ')} FROM ${relation}`);
  const size = Number(all);
  const bounds = columns.map((_, i) => [rest[3 * i + 1], rest[3 * i + 2]] as const);
  const isWhole = size > 0 && columns.every((_, i) => Number(rest[3 * i]) === size);
  if (!isWhole) return undefined;
  return {
    all: size,
    present: size,
    kept: size,
    bounds: bounds.map(([least, greatest]) => [Number(least), Number(greatest)]),
  };
}

/** Puts the distinct texts of keys into tables, with the rows of each. @returns part → table */
async function collectTexts(
  { relation, types }: Pick<EventRelation, 'relation' | 'types'>,
  required: readonly string[],
  { connection }: Engine,
): Promise<ReadonlyMap<string, string>> {
  const tables = new Map<string, string>();
  for (const part of required) {
    if (types.get(part) !== 'VARCHAR') continue;
    const table = `category2vec_keys_${tables.size}`;
    // oxlint-disable-next-line no-await-in-loop -- each takes all threads
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT ${partName(part)} AS key, count(*) AS n FROM ${relation} GROUP BY ALL`,
    );
    tables.set(part, table);
  }
  return tables;
}

/** The same as `countEvents` from the distinct texts, where all keys are texts and nothing but a missing one drops an event. */
async function countFromTexts(
  { relation }: EventRelation,
  required: readonly string[],
  { texts, engine }: { readonly texts: ReadonlyMap<string, string> | undefined; readonly engine: Engine },
): Promise<EventCounts | undefined> {
  const [table] = texts?.values() ?? [];
  if (table === undefined || texts?.size !== required.length) return undefined;
  const sql = `SELECT (SELECT count(*) FROM ${relation}), (SELECT coalesce(sum(n), 0) FROM ${table})`;
  const [[all, present] = []] = await queryRows(engine.connection, sql);
  return { all: Number(all), present: Number(present), kept: Number(present), bounds: required.map(() => undefined) };
}

async function countEvents(
  { relation, types }: EventRelation,
  { required, condition }: { readonly required: readonly string[]; readonly condition: string },
  { connection }: Engine,
): Promise<EventCounts> {
  const filter = `FILTER (${condition} AND ${kept})`;
  const bounds = required.map((part) => {
    const column = partName(part);
    const isWhole = wholeNumber.test(types.get(part) ?? '');
    return isWhole ? `min(${column}) ${filter}::DOUBLE, max(${column}) ${filter}::DOUBLE` : 'NULL, NULL';
  });
  const counts = ['count(*)', `count(*) FILTER (${condition})`, `count(*) ${filter}`, ...bounds];
  const [[all, has, left, ...limits] = []] = await queryRows(
    connection,
    `SELECT ${counts.join(', ')} FROM ${relation}`,
  );
  return {
    all: Number(all),
    present: Number(has),
    kept: Number(left),
    bounds: required.map((_, i): PreparedKey['bounds'] => {
      const least = limits[2 * i];
      const greatest = limits[2 * i + 1];
      return typeof least === 'number' && typeof greatest === 'number' ? [least, greatest] : undefined;
    }),
  };
}
