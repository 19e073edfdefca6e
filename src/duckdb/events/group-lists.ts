/** Rows of lists that are histories of their own → clicks, row after row: one scan in the order of the rows, no keys. */
import type { GroupedClicks } from '../../histories/grouped-clicks.js';
import { orderByContent } from '../../histories/order-by-content.js';
import { streamRaw } from '../engine/raw-columns.js';
import type { GroupedEvents, GroupOptions } from './group-events.js';
import { codeKeys } from './key-index.js';
import type { PreparedEvents } from './prepare-events.js';

/** Reads prepared events of rows into grouped clicks, in the order of their contents. */
export async function groupLists(events: PreparedEvents, options: GroupOptions): Promise<GroupedEvents> {
  const { droppedBefore, secondsPerTimeUnit, timeReading } = events;
  let clicks: GroupedClicks = { categoryKeys: [], starts: new Uint32Array(1), categories: new Int32Array(0) };
  await readLists(events, options, { mostClicks: events.size, visit: (all) => void (clicks = all) });
  const grouped = orderByContent(clicks, options.keepKeys === true);
  return { grouped, droppedBefore, secondsPerTimeUnit, timeReading };
}

/** How lists are read. */
export interface ListReading {
  /** clicks that memory holds at a time, but for a row that alone has more */
  readonly mostClicks: number;
  /** told the clicks of the next whole rows; may reorder them, and must be done with them when it returns */
  readonly visit: (clicks: GroupedClicks) => void | Promise<void>;
}

/**
 * Reads prepared events of rows, as many whole rows at a time as memory is to hold.
 *
 * @param events - with the number of the row as the first key; events of one row side by side
 * @returns distinct keys of the categories, ascending by their bytes
 */
export async function readLists(
  { relation, size, keys, seconds, weight }: PreparedEvents,
  { engine, signal, onProgress }: Pick<GroupOptions, 'engine' | 'signal' | 'onProgress'>,
  { mostClicks, visit }: ListReading,
): Promise<readonly string[]> {
  const [row, category] = keys;
  if (row === undefined || category === undefined) throw new Error('events need a row and a category');
  onProgress?.({ stage: 'keys', share: 0 });
  // by hashes, whatever the keys: their codes are then known before the events are read
  const coder = await codeKeys(engine.connection, { key: category.key, relation, hasKeys: true }, signal);
  const categoryKeys = coder.index().keys ?? [];
  const rows = new Rows(Math.min(size, mostClicks), { seconds, weight });
  const selected = [row.key, coder.selected, seconds, weight].filter((sql) => sql !== undefined);
  const codes = new Int32Array(2048);
  let done = 0;
  await streamRaw(engine.connection, `SELECT ${selected.join(', ')} FROM ${relation}`, signal, async (chunk) => {
    const numbers = chunk.words(0);
    coder.code(chunk, 1, codes);
    const times = seconds === undefined ? undefined : chunk.float64(2);
    const weights = weight === undefined ? undefined : chunk.float64(selected.length - 1);
    for (let i = 0; i < chunk.rowCount; i++) {
      rows.begin(numbers[2 * i] ?? 0, numbers[2 * i + 1] ?? 0);
      if (rows.isFull) {
        const whole = rows.whole();
        // oxlint-disable-next-line no-await-in-loop -- its room is used again
        if (whole !== undefined) await visit({ ...whole, categoryKeys });
        rows.makeRoom();
      }
      rows.add(codes[i] ?? 0, times?.[i] ?? 0, weights?.[i] ?? 1);
    }
    done += chunk.rowCount;
    onProgress?.({ stage: 'clicks', share: done / size });
  });
  const rest = rows.all();
  if (rest !== undefined) await visit({ ...rest, categoryKeys });
  return categoryKeys;
}

/** Clicks of rows in room that is used again and again. */
class Rows {
  #categories: Int32Array;
  #times: Float64Array | undefined;
  #weights: Float64Array | undefined;
  #starts = new Uint32Array(1024);
  /** rows, the one that is read among them */
  #count = 0;
  #size = 0;
  #low = -1;
  #high = -1;

  constructor(size: number, { seconds, weight }: Pick<PreparedEvents, 'seconds' | 'weight'>) {
    this.#categories = new Int32Array(size);
    this.#times = seconds === undefined ? undefined : new Float64Array(size);
    this.#weights = weight === undefined ? undefined : new Float64Array(size);
  }

  /** Whether there is no room for another click. */
  get isFull(): boolean {
    return this.#size === this.#categories.length;
  }

  /** Begins a row where its number is not that of the click before. */
  begin(low: number, high: number): void {
    if (low === this.#low && high === this.#high) return;
    [this.#low, this.#high] = [low, high];
    if (this.#count + 1 >= this.#starts.length)
      this.#starts = longer(this.#starts, new Uint32Array(2 * this.#count + 2));
    this.#starts[this.#count++] = this.#size;
  }

  add(category: number, time: number, weight: number): void {
    const at = this.#size++;
    this.#categories[at] = category;
    if (this.#times !== undefined) this.#times[at] = time;
    if (this.#weights !== undefined) this.#weights[at] = weight;
  }

  /** All rows; undefined where there are none. */
  all(): Omit<GroupedClicks, 'categoryKeys'> | undefined {
    return this.#rows(this.#count, this.#size);
  }

  /** The rows before the one that is read. */
  whole(): Omit<GroupedClicks, 'categoryKeys'> | undefined {
    return this.#rows(this.#count - 1, this.#starts[this.#count - 1] ?? 0);
  }

  /** Lets go of the rows before the one that is read; one that has all the room gets more. */
  makeRoom(): void {
    const start = this.#starts[this.#count - 1] ?? 0;
    const size = start === 0 ? 2 * this.#size + 1 : this.#categories.length;
    const moved = <Values extends Int32Array | Float64Array>(
      values: Values,
      more: (length: number) => Values,
    ): Values => (start === 0 ? longer(values, more(size)) : (values.copyWithin(0, start, this.#size) as Values));
    this.#categories = moved(this.#categories, (length) => new Int32Array(length));
    this.#times = this.#times && moved(this.#times, (length) => new Float64Array(length));
    this.#weights = this.#weights && moved(this.#weights, (length) => new Float64Array(length));
    this.#size -= start;
    this.#count = 1;
    this.#starts[0] = 0;
  }

  #rows(count: number, size: number): Omit<GroupedClicks, 'categoryKeys'> | undefined {
    if (count <= 0) return undefined;
    this.#starts[count] = size;
    return {
      starts: this.#starts.subarray(0, count + 1),
      categories: this.#categories.subarray(0, size),
      times: this.#times?.subarray(0, size),
      weights: this.#weights?.subarray(0, size),
    };
  }
}

function longer<Values extends Uint32Array | Int32Array | Float64Array>(values: Values, into: Values): Values {
  into.set(values);
  return into;
}
