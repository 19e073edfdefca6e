/** Keys → their places in the order of their UTF-8 bytes, looked up for millions of raw rows without making a text of each of them. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { streamRaw, type RawChunk } from './raw-columns.js';

/** A column of keys, none of them null. */
export interface KeyColumn {
  /** SQL for the key */
  readonly key: string;
  /** what can follow FROM */
  readonly relation: string;
  /** least and greatest value of a column of whole numbers */
  readonly bounds?: readonly [least: number, greatest: number] | undefined;
  /** whether the keys themselves are wanted */
  readonly hasKeys: boolean;
}

/** All distinct keys of a column. */
export interface KeyIndex {
  /** rows of each key, shape [number of keys], in the order of the keys' bytes */
  readonly counts: Uint32Array;
  /** distinct keys in the order of their bytes, where asked for */
  readonly keys: readonly string[] | undefined;
  /** SQL for the column that `rank` reads */
  readonly selected: string;
  /** Writes the place of each row's key into `ranks`, shape [chunk.rowCount]. */
  rank(chunk: RawChunk, column: number, ranks: Int32Array): void;
}

/** Whole numbers within such a range are looked up directly, in a table of 4 bytes each. */
const widestTable = 33_554_432;

/** Reads the distinct keys of a column. */
export async function indexKeys(
  connection: DuckDBConnection,
  column: KeyColumn,
  signal?: AbortSignal,
): Promise<KeyIndex> {
  const [least, greatest] = column.bounds ?? [0, Infinity];
  const isNarrow = least > -1e9 && greatest < 1e9 && greatest - least < widestTable;
  if (isNarrow) return indexIntegers(connection, { ...column, least, range: greatest - least + 1 }, signal);
  for (let salt = 0; ; salt++) {
    const index = await indexHashes(connection, column, salt, signal);
    if (index !== undefined) return index;
  }
}

async function indexIntegers(
  connection: DuckDBConnection,
  { key, relation, hasKeys, least, range }: KeyColumn & { readonly least: number; readonly range: number },
  signal: AbortSignal | undefined,
): Promise<KeyIndex> {
  const selected = `(${key}::BIGINT - (${least}))::INTEGER`;
  const table = new Int32Array(range);
  let size = 0;
  const sql = `SELECT ${selected}, count(*)::UINTEGER::BIGINT FROM ${relation} GROUP BY ALL`;
  await streamRaw(connection, sql, signal, (chunk) => {
    const places = chunk.int32(0);
    const counts = chunk.words(1);
    for (let i = 0; i < chunk.rowCount; i++) table[places[i] ?? 0] = counts[2 * i] ?? 0;
    size += chunk.rowCount;
  });
  const order = new Float64Array(size);
  let at = 0;
  for (let place = 0; place < range; place++) if (table[place] !== 0) order[at++] = textOrder(least + place);
  order.sort();
  const counts = new Uint32Array(size);
  for (let rank = 0; rank < size; rank++) {
    const place = integerOf(order[rank] ?? 0) - least;
    counts[rank] = table[place] ?? 0;
    table[place] = rank;
  }
  return {
    counts,
    keys: hasKeys ? Array.from(order, (place) => String(integerOf(place))) : undefined,
    selected,
    rank(chunk, column, ranks) {
      const places = chunk.int32(column);
      for (let i = 0; i < places.length; i++) ranks[i] = table[places[i] ?? 0] ?? 0;
    },
  };
}

/** Wider than any whole number here, sign apart, times the 16 that makes room for the number of digits. */
const negativeOffset = 2e10;

/** A number that sorts whole numbers, |value| < 10⁹, as the bytes of their decimal text sort: digits flushed left, then their number. */
function textOrder(value: number): number {
  const magnitude = Math.abs(value);
  let digits = 9;
  for (let power = 100_000_000; power > 1 && magnitude < power; power /= 10) digits--;
  const order = magnitude * 10 ** (9 - digits) * 16 + digits;
  return value < 0 ? order - negativeOffset : order;
}

function integerOf(order: number): number {
  const isNegative = order < 0;
  const positive = isNegative ? order + negativeOffset : order;
  const digits = positive % 16;
  const magnitude = Math.floor(positive / 16) / 10 ** (9 - digits);
  return isNegative ? -magnitude : magnitude;
}

/** Undefined where two keys have the same 64-bit hash, which the next salt will tell apart. */
async function indexHashes(
  connection: DuckDBConnection,
  { key, relation, hasKeys }: KeyColumn,
  salt: number,
  signal: AbortSignal | undefined,
): Promise<KeyIndex | undefined> {
  const hash = (expression: string): string => (salt === 0 ? `hash(${expression})` : `hash(${expression}, ${salt})`);
  const text = hasKeys ? ', key::VARCHAR' : '';
  const sql = `SELECT ${hash('key')}, n${text} FROM (SELECT ${key} AS key, count(*) AS n FROM ${relation} GROUP BY ALL) ORDER BY key::VARCHAR`;
  const hashes = new GrowingWords();
  const counts = new GrowingWords();
  const keys: string[] | undefined = hasKeys ? [] : undefined;
  await streamRaw(connection, sql, signal, (chunk) => {
    hashes.append(chunk.words(0));
    counts.append(chunk.words(1).filter((_, i) => i % 2 === 0));
    if (keys !== undefined) for (const key of chunk.texts(2)) keys.push(key);
  });
  const table = new HashTable(counts.size);
  const words = hashes.values();
  for (let rank = 0; rank < counts.size; rank++) {
    if (!table.add(words[2 * rank] ?? 0, words[2 * rank + 1] ?? 0, rank)) return undefined;
  }
  return {
    counts: counts.values(),
    keys,
    selected: hash(key),
    rank: (chunk, column, ranks) => table.lookUp(chunk.words(column), ranks),
  };
}

/** 64-bit hashes → ranks: open addressing, four words a slot so that one look touches one cache line. */
class HashTable {
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(size: number) {
    let capacity = 16;
    while (capacity < 2 * size) capacity *= 2;
    this.#slots = new Int32Array(4 * capacity);
    this.#mask = capacity - 1;
  }

  /** False where the hash is there already. */
  add(low: number, high: number, rank: number): boolean {
    const slots = this.#slots;
    let slot = low & this.#mask;
    for (; (slots[4 * slot + 2] ?? 0) !== 0; slot = (slot + 1) & this.#mask) {
      if (slots[4 * slot] === (low | 0) && slots[4 * slot + 1] === (high | 0)) return false;
    }
    slots[4 * slot] = low;
    slots[4 * slot + 1] = high;
    slots[4 * slot + 2] = rank + 1;
    return true;
  }

  lookUp(words: Uint32Array, ranks: Int32Array): void {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let i = 0; 2 * i < words.length; i++) {
      const low = (words[2 * i] ?? 0) | 0;
      const high = (words[2 * i + 1] ?? 0) | 0;
      let slot = low & mask;
      while (slots[4 * slot] !== low || slots[4 * slot + 1] !== high) slot = (slot + 1) & mask;
      ranks[i] = (slots[4 * slot + 2] ?? 0) - 1;
    }
  }
}

/** 32-bit words, appended block by block. */
class GrowingWords {
  #values = new Uint32Array(4096);
  size = 0;

  append(words: Uint32Array): void {
    if (this.size + words.length > this.#values.length) {
      const grown = new Uint32Array(2 * (this.size + words.length));
      grown.set(this.values());
      this.#values = grown;
    }
    this.#values.set(words, this.size);
    this.size += words.length;
  }

  values(): Uint32Array {
    return this.#values.subarray(0, this.size);
  }
}
