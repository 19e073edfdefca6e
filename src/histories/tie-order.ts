/** Order among clicks of one time: by lot, drawn with the seed, so that it favors no category. */
import { md5Words } from '../numerics/md5.js';
import type { ClickColumns } from './grouped-clicks.js';

/**
 * Draws lots for the categories of a history: what has the greater lot counts as later.
 *
 * lot = MD5 of the UTF-8 bytes of `seed TAB history TAB category`, compared byte by byte from the first; the seed in
 * decimal. In SQL:
 * `md5('1' || chr(9) || user || chr(9) || item)`, whose hexadecimal digits sort as the bytes do. A history without a
 * key stands for itself with its place among the histories, from 0, in decimal.
 */
export class TieOrder {
  readonly #seed: string;
  readonly #historyKeys: readonly string[] | undefined;
  readonly #categoryKeys: readonly string[];
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(256);
  /** bytes of the seed and the history */
  #prefix = 0;
  #history = -1;
  #lots = new Uint32Array(256);
  #runs = new Uint32Array(64);

  constructor(
    seed: number,
    {
      historyKeys,
      categoryKeys,
    }: { readonly historyKeys?: readonly string[] | undefined; readonly categoryKeys: readonly string[] },
  ) {
    this.#seed = String(seed);
    this.#historyKeys = historyKeys;
    this.#categoryKeys = categoryKeys;
  }

  /**
   * Puts clicks of one time in the order of their lots, in place; repeats of a category stay side by side, in their order.
   *
   * @param clicks - start … end − 1 sorted by category
   * @param history - index of the history (of the user, where sessions split users)
   * @returns how many clicks were ordered by lot: 0 where all are of one category
   */
  arrange(clicks: ClickColumns, start: number, end: number, history: number): number {
    const { categories } = clicks;
    let count = 0;
    for (let i = start; i < end; i++) {
      if (i > start && categories[i] === categories[i - 1]) continue;
      if (count === this.#runs.length) this.#runs = grown(this.#runs);
      this.#runs[count++] = i;
    }
    if (count < 2) return 0;
    this.#draw(categories, count, history);
    const isPlain = count === end - start && count <= 24;
    if (isPlain) this.#sortPlain(clicks, start, end);
    else this.#sortRuns(clicks, { start, end, count });
    return end - start;
  }

  /** Of some categories of a history, in ascending order, the one with the greatest lot. */
  last(categories: readonly number[], history: number): number {
    const columns = { categories: Int32Array.from(categories) };
    this.arrange(columns, 0, categories.length, history);
    return columns.categories.at(-1) ?? -1;
  }

  /** Lots of the categories that stand at the starts of runs. */
  #draw(categories: Int32Array, count: number, history: number): void {
    while (this.#lots.length < 4 * count) this.#lots = grown(this.#lots);
    if (history !== this.#history) {
      this.#prefix = this.#write(`${this.#seed}\t${this.#historyKeys?.[history] ?? history}\t`, 0);
      this.#history = history;
    }
    for (let run = 0; run < count; run++) {
      const key = this.#categoryKeys[categories[this.#runs[run] ?? 0] ?? 0] ?? '';
      const size = this.#write(key, this.#prefix);
      md5Words(this.#bytes, size, this.#lots, 4 * run);
    }
  }

  /** Writes a text as UTF-8 and returns where it ends. */
  #write(text: string, at: number): number {
    const need = at + 3 * text.length;
    if (need > this.#bytes.length) {
      const bytes = new Uint8Array(2 * need);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return at + this.#encoder.encodeInto(text, this.#bytes.subarray(at)).written;
      this.#bytes[at + i] = code;
    }
    return at + text.length;
  }

  #compare(a: number, b: number): number {
    for (let word = 0; word < 4; word++) {
      const difference = (this.#lots[4 * a + word] ?? 0) - (this.#lots[4 * b + word] ?? 0);
      if (difference !== 0) return difference;
    }
    return a - b;
  }

  /** A few clicks of as many categories: sorted by insertion, without taking memory. */
  #sortPlain({ categories, times, weights }: ClickColumns, start: number, end: number): void {
    const lots = this.#lots;
    for (let i = start + 1; i < end; i++) {
      for (let j = i; j > start && this.#compare(j - 1 - start, j - start) > 0; j--) {
        swap(categories, j - 1, j);
        if (times !== undefined) swap(times, j - 1, j);
        if (weights !== undefined) swap(weights, j - 1, j);
        for (let word = 0; word < 4; word++) swap(lots, 4 * (j - 1 - start) + word, 4 * (j - start) + word);
      }
    }
  }

  #sortRuns(
    { categories, times, weights }: ClickColumns,
    { start, end, count }: { readonly start: number; readonly end: number; readonly count: number },
  ): void {
    const order = Uint32Array.from({ length: count }, (_, run) => run).sort((a, b) => this.#compare(a, b));
    const before = {
      categories: categories.slice(start, end),
      times: times?.slice(start, end),
      weights: weights?.slice(start, end),
    };
    let at = start;
    for (const run of order) {
      const runEnd = run + 1 < count ? (this.#runs[run + 1] ?? 0) : end;
      for (let i = this.#runs[run] ?? 0; i < runEnd; i++, at++) {
        categories[at] = before.categories[i - start] ?? 0;
        if (times !== undefined) times[at] = before.times?.[i - start] ?? 0;
        if (weights !== undefined) weights[at] = before.weights?.[i - start] ?? 0;
      }
    }
  }
}

function swap(values: Int32Array | Uint32Array | Float64Array, i: number, j: number): void {
  const value = values[i] ?? 0;
  values[i] = values[j] ?? 0;
  values[j] = value;
}

function grown(values: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * values.length);
  larger.set(values);
  return larger;
}
