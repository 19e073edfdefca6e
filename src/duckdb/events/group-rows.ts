/** Rows of a table → histories of `column=value` categories, one for each row, in the order of their contents. */
import { InputError, named, sentence } from '../../checks.js';
import type { GroupedClicks } from '../../histories/grouped-clicks.js';
import { isPresent, type PreparedEvents } from './prepare-events.js';
import { partName } from './event-columns.js';
import type { GroupedEvents, GroupOptions } from './group-events.js';
import { codeKeys, type KeyCoder } from './key-index.js';
import { keyText } from '../engine/key-sql.js';
import { streamRaw } from '../engine/raw-columns.js';
import { quoteText } from '../engine/sql-text.js';

/** What the parts of a table's columns are called. */
export function tableParts(columns: readonly string[]): Map<string, string> {
  if (columns.length < 2)
    throw new InputError(sentence`${named('columns')} must be two or more, such as advertiser,publisher, got
      ${columns.join(', ') || 'none'}`);
  columns.forEach((column, i) => {
    if (column.includes('='))
      throw new InputError(
        sentence`${named('columns')} must not hold =, got ${JSON.stringify(column)}; rename it in a query, given with
          ${named('sql')}`,
      );
    if (columns.indexOf(column) < i)
      throw new InputError(sentence`${named('columns')} must be distinct, got ${JSON.stringify(column)} twice`);
  });
  return new Map(columns.map((column, i) => [`column ${i}`, column]));
}

/** The attribute `column` of `column=value` categories. */
export function columnsOf(keys: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return new Map([['column', keys.map((key) => key.slice(0, key.indexOf('=')))]]);
}

/** How a table's rows are read. */
export interface TableOptions extends GroupOptions {
  readonly columns: readonly string[];
  /** part → DuckDB's type of its column */
  readonly types: ReadonlyMap<string, string>;
}

/** The cells of a table as SQL, and how they become places of their keys. */
export async function codeCells(
  { relation }: PreparedEvents,
  { columns, types, engine, signal }: TableOptions,
): Promise<{
  /** for each column its `column=value`, NULL where it is missing */
  readonly cells: readonly string[];
  /** what can follow FROM: the cells that are there, as `cell`, with the other columns of their row */
  readonly present: string;
  readonly coder: KeyCoder;
  /** for each column what `coder` reads */
  readonly selected: readonly string[];
}> {
  const parts = columns.map((column, i) => {
    const part = partName(`column ${i}`);
    return {
      key: `(${quoteText(`${column}=`)} || ${keyText(part, types.get(`column ${i}`))})`,
      present: isPresent(part, types.get(`column ${i}`)),
    };
  });
  const cells = parts.map(({ key, present }) => `CASE WHEN ${present} THEN ${key} END`);
  // one scan for all columns: as many scans as columns would take a time that grows with the square of their number
  const list = `SELECT unnest([${cells.join(', ')}]) AS cell, * FROM ${relation}`;
  const present = `(SELECT * FROM (${list}) WHERE cell IS NOT NULL)`;
  const coder = await codeKeys(engine.connection, { key: 'cell', relation: present, hasKeys: true }, signal);
  // an absent cell has no hash; 0 is looked up and, not being a key, gives −1
  const selected = parts.map(
    (part) => `CASE WHEN ${part.present} THEN ${coder.selected.replace('cell', () => part.key)} ELSE 0::UBIGINT END`,
  );
  return { cells, present, coder, selected };
}

/** Reads prepared rows into grouped clicks. Rows have no key: they are ordered by their categories, column after column. */
export async function groupRows(events: PreparedEvents, options: TableOptions): Promise<GroupedEvents> {
  const { columns, engine, keepKeys = false, signal, onProgress } = options;
  const { relation, size, seconds, weight } = events;
  onProgress?.({ stage: 'keys', share: 0 });
  const { coder, selected: hashes } = await codeCells(events, options);
  const ranks = columns.map(() => new Int32Array(size));
  const times = seconds === undefined ? undefined : new Float64Array(size);
  const weights = weight === undefined ? undefined : new Float64Array(size);
  const selected = [...hashes, seconds, weight].filter((sql) => sql !== undefined);
  let done = 0;
  await streamRaw(engine.connection, `SELECT ${selected.join(', ')} FROM ${relation}`, signal, (chunk) => {
    ranks.forEach((column, i) => coder.code(chunk, i, column.subarray(done, done + chunk.rowCount)));
    times?.set(chunk.float64(ranks.length), done);
    weights?.set(chunk.float64(ranks.length + (times === undefined ? 0 : 1)), done);
    done += chunk.rowCount;
    onProgress?.({ stage: 'clicks', share: done / size });
  });
  const rows = { ranks, times, weights, categoryKeys: coder.index().keys ?? [] };
  const grouped = rowsInOrder(rows, orderOfRows(rows), keepKeys);
  const missing = size * columns.length - grouped.categories.length;
  return {
    grouped,
    droppedBefore: { ...events.droppedBefore, missing: events.droppedBefore.missing + missing },
    secondsPerTimeUnit: events.secondsPerTimeUnit,
    timeReading: events.timeReading,
  };
}

/** Rows of a table as places of their cells' keys. */
export interface Rows {
  /** for each column the places of its cells' keys, −1 where missing, shape [rows] */
  readonly ranks: readonly Int32Array[];
  readonly times: Float64Array | undefined;
  readonly weights: Float64Array | undefined;
  readonly categoryKeys: readonly string[];
}

/**
 * Rows by their first category, then the second and so on, then time and weight: counting sorts from the last column to
 * the first.
 */
function orderOfRows({ ranks, times, weights }: Rows): Uint32Array {
  let order = new Uint32Array(ranks[0]?.length ?? 0).map((_, row) => row);
  if (times !== undefined || weights !== undefined) {
    const valueAt = (values: Float64Array | undefined, row: number) => values?.[row] ?? 0;
    order.sort((a, b) => valueAt(times, a) - valueAt(times, b) || valueAt(weights, a) - valueAt(weights, b));
  }
  for (const column of ranks.toReversed()) {
    const [least, greatest] = boundsOf(column);
    const placeOf = (rank: number): number => (rank < 0 ? 0 : rank - least + 1);
    const next = new Uint32Array(greatest - least + 3);
    for (const rank of column) next[placeOf(rank) + 1] = (next[placeOf(rank) + 1] ?? 0) + 1;
    for (let i = 1; i < next.length; i++) next[i] = (next[i] ?? 0) + (next[i - 1] ?? 0);
    const sorted = new Uint32Array(order.length);
    for (const row of order) {
      const place = placeOf(column[row] ?? -1);
      sorted[next[place] ?? 0] = row;
      next[place] = (next[place] ?? 0) + 1;
    }
    order = sorted;
  }
  return order;
}

/** Least and greatest place of a column's keys, which stand together as they begin alike; [0, −1] where it has none. */
function boundsOf(column: Int32Array): readonly [least: number, greatest: number] {
  let least = Infinity;
  let greatest = -1;
  for (const rank of column) {
    if (rank < 0) continue;
    if (rank < least) least = rank;
    if (rank > greatest) greatest = rank;
  }
  return greatest < 0 ? [0, -1] : [least, greatest];
}

/** Rows in some order → grouped clicks. */
export function rowsInOrder(
  { ranks, times, weights, categoryKeys }: Rows,
  order: Uint32Array,
  keepKeys: boolean,
): GroupedClicks {
  const size = ranks.reduce((sum, column) => column.reduce((cells, rank) => (rank < 0 ? cells : cells + 1), sum), 0);
  const starts = new Uint32Array(order.length + 1);
  const grouped = {
    categories: new Int32Array(size),
    times: times && new Float64Array(size),
    weights: weights && new Float64Array(size),
  };
  let at = 0;
  order.forEach((row, i) => {
    for (const column of ranks) {
      const rank = column[row] ?? -1;
      if (rank < 0) continue;
      grouped.categories[at] = rank;
      if (grouped.times !== undefined) grouped.times[at] = times?.[row] ?? 0;
      if (grouped.weights !== undefined) grouped.weights[at] = weights?.[row] ?? 1;
      at++;
    }
    starts[i + 1] = at;
  });
  const keyOf = (row: number) => JSON.stringify(ranks.flatMap((column) => categoryKeys[column[row] ?? -1] ?? []));
  return {
    ...grouped,
    starts,
    categoryKeys,
    areRows: true,
    historyKeys: keepKeys ? Array.from(order, keyOf) : undefined,
  };
}
