/** Events before grouping: what is missing, what a condition removes, how keys, times and weights are read. */
import { InputError } from '../checks.js';
import type { Dropped, HistoriesSource } from '../histories/histories.js';
import type { Engine } from './connection.js';
import { part, type EventRelation } from './event-columns.js';
import type { EventSource } from './event-source.js';
import { queryRows } from './query-rows.js';
import { readTimes, readWeights } from './event-times.js';

/** A column of keys, and the range of its values where they are whole numbers. */
export interface PreparedKey {
  /** SQL for the key */
  readonly key: string;
  readonly bounds: readonly [least: number, greatest: number] | undefined;
}

/** Events of which none is missing or filtered out. */
export interface PreparedEvents {
  /** what can follow FROM */
  readonly relation: string;
  readonly size: number;
  readonly history: PreparedKey;
  readonly category: PreparedKey;
  /** SQL for seconds since 1970 */
  readonly seconds: string | undefined;
  readonly secondsPerTimeUnit: number | undefined;
  /** SQL for the weight */
  readonly weight: string | undefined;
  readonly droppedBefore: Pick<Dropped, 'missing' | 'where'>;
  readonly types: HistoriesSource;
}

const wholeNumber = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;

/**
 * Counts what is missing, checks times and weights, and decides how keys are read.
 *
 * What cannot be scanned again cheaply (all but Parquet) is kept in a table, which DuckDB spills beyond its memory limit.
 *
 * @throws InputError for an empty log, a time that cannot be read or a weight that is not positive, with its row
 */
export async function prepareEvents(
  source: EventSource,
  selected: EventRelation,
  engine: Engine,
  hasWhere: boolean,
): Promise<PreparedEvents> {
  const events = source.isRepeatable ? selected : await keep(selected, engine);
  const { historyType, categoryType, timeType, weightType } = events;
  const present = Object.entries({ history: historyType, category: categoryType, time: timeType, weight: weightType })
    .flatMap(([role, type]) => (type === undefined ? [] : [isPresent(part[role as 'history'], type)]))
    .join(' AND ');
  const counts = await countEvents(events, present, engine);
  if (counts.all === 0) throw new InputError(`${source.name} holds no events; an event log has one row per click`);
  const times = timeType === undefined ? undefined : await readTimes(events, present, engine);
  const weight = weightType === undefined ? undefined : await readWeights(events, present, engine);
  const missing = counts.all - counts.present;
  return {
    relation: `(SELECT * FROM ${events.relation} WHERE ${present} AND ${part.kept})`,
    size: counts.kept,
    history: { key: keyOf(part.history, historyType), bounds: counts.historyBounds },
    category: { key: keyOf(part.category, categoryType), bounds: counts.categoryBounds },
    seconds: times?.seconds,
    secondsPerTimeUnit: times?.secondsPerUnit,
    weight,
    droppedBefore: hasWhere ? { missing, where: counts.present - counts.kept } : { missing },
    types: { historyType, categoryType, timeType, weightType },
  };
}

async function keep(events: EventRelation, { connection }: Engine): Promise<EventRelation> {
  await connection.run(`CREATE TEMP TABLE category2vec_events AS SELECT * FROM ${events.relation}`);
  return { ...events, relation: 'category2vec_events' };
}

function isPresent(column: string, type: string): string {
  return type === 'VARCHAR' ? `${column} <> ''` : `${column} IS NOT NULL`;
}

/** Whole numbers, texts and UUIDs are told apart as they are; of other types it is the text that counts. */
function keyOf(column: string, type: string): string {
  return wholeNumber.test(type) || type === 'VARCHAR' || type === 'UUID' ? column : `${column}::VARCHAR`;
}

async function countEvents(events: EventRelation, present: string, { connection }: Engine) {
  const kept = `FILTER (${present} AND ${part.kept})`;
  const bounds = [[part.history, events.historyType] as const, [part.category, events.categoryType] as const].map(
    ([column, type]) =>
      wholeNumber.test(type) ? `min(${column}) ${kept}::DOUBLE, max(${column}) ${kept}::DOUBLE` : 'NULL, NULL',
  );
  const sql = `SELECT count(*), count(*) FILTER (${present}), count(*) ${kept}, ${bounds.join(', ')} FROM ${events.relation}`;
  const [[all, has, left, ...limits] = []] = await queryRows(connection, sql);
  const boundsAt = (at: number): PreparedKey['bounds'] => {
    const least = limits[at];
    const greatest = limits[at + 1];
    return typeof least === 'number' && typeof greatest === 'number' ? [least, greatest] : undefined;
  };
  return {
    all: Number(all),
    present: Number(has),
    kept: Number(left),
    historyBounds: boundsAt(0),
    categoryBounds: boundsAt(2),
  };
}
