/**
 * Rows that are histories of their own, in the order of their contents, as many at a time as memory is to hold: DuckDB
 * sorts them on disk. The histories and the order of `groupLists` and `groupRows`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { sortClicks, type GroupedClicks } from '../../histories/grouped-clicks.js';
import type { TimeSpan } from '../../histories/time-span.js';
import type { Engine } from '../engine/connection.js';
import { duckdbApi } from '../engine/duckdb-package.js';
import { streamRaw } from '../engine/raw-columns.js';
import { columnOf, fillLists, listRoom, listsIn } from '../engine/raw-vectors.js';
import { quotePath } from '../engine/sql-text.js';
import { writeParquet, type OutputColumn } from '../engine/write-parquet.js';
import type { GroupOptions } from '../events/group-events.js';
import { readLists } from '../events/group-lists.js';
import { codeCells, rowsInOrder, type TableOptions } from '../events/group-rows.js';
import { timeSpanOfEvents } from '../events/key-parts.js';
import type { PreparedEvents } from '../events/prepare-events.js';

/** Rows that are sorted as they are asked for. */
export interface OrderedRows {
  /** distinct keys of the categories, ascending by their bytes */
  readonly keys: readonly string[];
  /** of all clicks; undefined without times */
  readonly timeSpan: TimeSpan | undefined;
  /** cells that are missing */
  readonly missing: number;
  /** Gives them once, in room of their own; the key of each is its place among all rows, from 0. */
  readonly each: (visit: (rows: GroupedClicks) => Promise<void>) => Promise<void>;
}

/** What DuckDB may hold to sort; the rest is on disk. */
const sortingMemory = '2GB';

/**
 * Sorts rows of lists.
 *
 * @param mostClicks - that are held here at a time, but for a row that alone has more
 */
export async function listsInOrder(
  events: PreparedEvents,
  options: GroupOptions,
  mostClicks: number,
): Promise<OrderedRows> {
  const { relation, seconds, weight, timeReading } = events;
  const { engine, signal } = options;
  await limitMemory(engine);
  const folder = join(engine.folder, 'rows');
  mkdirSync(folder);
  let files = 0;
  const visit = async (clicks: GroupedClicks): Promise<void> => {
    const { starts } = clicks;
    for (let h = 0; h + 1 < starts.length; h++) sortClicks(clicks, starts[h] ?? 0, starts[h + 1] ?? 0, 'category');
    await writeRows(join(folder, `${files++}.parquet`), clicks);
  };
  const keys = await readLists(events, options, { mostClicks, visit });
  const has = { times: seconds !== undefined, weights: weight !== undefined };
  const columns = ['c', ...(has.times ? ['t'] : []), ...(has.weights ? ['w'] : [])].join(', ');
  const all = `read_parquet(${quotePath(folder).slice(0, -1)}/*.parquet', hive_partitioning = false)`;
  return {
    keys,
    timeSpan: seconds === undefined ? undefined : await timeSpanOfEvents(relation, seconds, engine, timeReading),
    missing: 0,
    async each(next) {
      const result = await engine.connection.stream(`SELECT ${columns} FROM ${all} ORDER BY ${columns}`);
      const collected = new Collected(keys, has);
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- one chunk after another
        const chunk = await result.fetchChunk();
        signal?.throwIfAborted();
        if (chunk === null || chunk.rowCount === 0) break;
        // oxlint-disable-next-line no-await-in-loop -- memory holds one piece
        if (collected.size + listRoom(columnOf(chunk, 0)) > mostClicks) await collected.give(next);
        collected.add(chunk);
      }
      await collected.give(next);
    },
  };
}

async function writeRows(path: string, { starts, categories, times, weights }: GroupedClicks): Promise<void> {
  const { DOUBLE, INTEGER, LIST } = duckdbApi();
  const filler =
    (values: Int32Array | Float64Array): OutputColumn['fill'] =>
    (vector, start, count) =>
      fillLists(vector, values, count, (i) => starts[start + i] ?? 0);
  const columns: OutputColumn[] = [
    { name: 'c', type: LIST(INTEGER), fill: filler(categories) },
    ...(times === undefined ? [] : [{ name: 't', type: LIST(DOUBLE), fill: filler(times) }]),
    ...(weights === undefined ? [] : [{ name: 'w', type: LIST(DOUBLE), fill: filler(weights) }]),
  ];
  const rows = starts.length - 1;
  await writeParquet(path, columns, { rows, valuesPerRow: Math.ceil((columns.length * categories.length) / rows) });
}

/** The lists of one chunk. */
interface Lists {
  readonly ends: Uint32Array;
  readonly categories: Int32Array;
  readonly times: Float64Array | undefined;
  readonly weights: Float64Array | undefined;
}

/** Lists of chunks until they are given. */
class Collected {
  readonly #keys: readonly string[];
  readonly #has: { readonly times: boolean; readonly weights: boolean };
  #first = 0;
  #lists: Lists[] = [];
  /** clicks */
  size = 0;

  constructor(keys: readonly string[], has: { readonly times: boolean; readonly weights: boolean }) {
    this.#keys = keys;
    this.#has = has;
  }

  add(chunk: DuckDBDataChunk): void {
    const { rowCount } = chunk;
    const room = listRoom(columnOf(chunk, 0));
    const offsets = new Uint32Array(rowCount + 1);
    const categories = new Int32Array(room);
    const size = listsIn(columnOf(chunk, 0), rowCount, { values: categories, at: 0, offsets });
    const numbers = (column: number): Float64Array => {
      const values = new Float64Array(room);
      listsIn(columnOf(chunk, column), rowCount, { values, at: 0, offsets: undefined });
      return values.subarray(0, size);
    };
    const times = this.#has.times ? numbers(1) : undefined;
    const weights = this.#has.weights ? numbers(this.#has.times ? 2 : 1) : undefined;
    this.#lists.push({ ends: offsets.subarray(1), categories: categories.subarray(0, size), times, weights });
    this.size += size;
  }

  /** Gives what there is, if any. */
  async give(visit: (rows: GroupedClicks) => Promise<void>): Promise<void> {
    if (this.size === 0) return;
    const count = this.#lists.reduce((sum, { ends }) => sum + ends.length, 0);
    const starts = new Uint32Array(count + 1);
    const categories = new Int32Array(this.size);
    const times = this.#has.times ? new Float64Array(this.size) : undefined;
    const weights = this.#has.weights ? new Float64Array(this.size) : undefined;
    let h = 0;
    let at = 0;
    for (const lists of this.#lists) {
      categories.set(lists.categories, at);
      if (lists.times !== undefined) times?.set(lists.times, at);
      if (lists.weights !== undefined) weights?.set(lists.weights, at);
      for (const end of lists.ends) starts[++h] = at + end;
      at += lists.categories.length;
    }
    const historyKeys = placesFrom(this.#first, count);
    [this.#lists, this.size, this.#first] = [[], 0, this.#first + count];
    await visit({ categories, times, weights, starts, categoryKeys: this.#keys, historyKeys });
  }
}

function placesFrom(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, h) => String(first + h));
}

/**
 * Sorts rows of a table.
 *
 * @param mostCells - that are held here at a time, but for a row that alone has more
 */
export async function tableInOrder(
  events: PreparedEvents,
  options: TableOptions,
  mostCells: number,
): Promise<OrderedRows> {
  const { relation, size, seconds, weight, timeReading } = events;
  const { columns, engine, signal, onProgress } = options;
  await limitMemory(engine);
  onProgress?.({ stage: 'keys', share: 0 });
  const { cells, present, coder, selected } = await codeCells(events, options);
  const { keys = [], counts } = coder.index();
  const numbers = [seconds, weight].filter((sql) => sql !== undefined);
  const order = [...cells.map((cell) => `${cell} NULLS FIRST`), ...numbers].join(', ');
  const sorted = `SELECT ${[...selected, ...numbers].join(', ')} FROM ${relation} ORDER BY ${order}`;
  const mostRows = Math.min(size, Math.max(1, Math.floor(mostCells / columns.length)));
  return {
    keys,
    timeSpan: seconds === undefined ? undefined : await timeSpanOfEvents(present, seconds, engine, timeReading),
    missing: size * columns.length - counts.reduce((sum, count) => sum + count, 0),
    async each(visit) {
      const ranks = columns.map(() => new Int32Array(mostRows));
      const times = seconds === undefined ? undefined : new Float64Array(mostRows);
      const weights = weight === undefined ? undefined : new Float64Array(mostRows);
      let first = 0;
      let rows = 0;
      const give = async (): Promise<void> => {
        const part = {
          ranks: ranks.map((column) => column.subarray(0, rows)),
          times: times?.subarray(0, rows),
          weights: weights?.subarray(0, rows),
          categoryKeys: keys,
        };
        const { areRows: _, ...clicks } = rowsInOrder(
          part,
          new Uint32Array(rows).map((_row, i) => i),
          false,
        );
        const historyKeys = placesFrom(first, rows);
        [first, rows] = [first + rows, 0];
        if (clicks.categories.length > 0) await visit({ ...clicks, historyKeys });
      };
      const codes = columns.map(() => new Int32Array(2048));
      await streamRaw(engine.connection, sorted, signal, async (chunk) => {
        codes.forEach((column, i) => coder.code(chunk, i, column));
        const seen = times && chunk.float64(columns.length);
        const weighed = weights && chunk.float64(columns.length + (times === undefined ? 0 : 1));
        for (let row = 0; row < chunk.rowCount; row++) {
          // oxlint-disable-next-line no-await-in-loop -- its room is used again
          if (rows === mostRows) await give();
          ranks.forEach((column, i) => (column[rows] = codes[i]?.[row] ?? -1));
          if (times !== undefined) times[rows] = seen?.[row] ?? 0;
          if (weights !== undefined) weights[rows] = weighed?.[row] ?? 1;
          rows++;
        }
      });
      if (rows > 0) await give();
    },
  };
}

/** Keeps DuckDB from holding all rows while the machine has memory. */
async function limitMemory({ connection, isLimited }: Engine): Promise<void> {
  if (!isLimited) await connection.run(`SET memory_limit = '${sortingMemory}'`);
}
