/**
 * Keys → their places in the order of their UTF-8 bytes, looked up for millions of raw rows without making a text of
 * each of them.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { forEachInTextOrder } from '../../numerics/text-order.js';
import { streamRaw, type RawChunk } from '../engine/raw-columns.js';

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
  /** table of the distinct keys with their rows, columns `key` and `n`; dropped once it is read */
  readonly distinct?: string | undefined;
}

/** All distinct keys of a column. */
export interface KeyIndex {
  /** rows of each key, shape [number of keys], in the order of the keys' bytes */
  readonly counts: Uint32Array;
  /** distinct keys in the order of their bytes, where asked for */
  readonly keys: readonly string[] | undefined;
  /** the place of a code's key among the keys; undefined where the code is the place */
  readonly places: Int32Array | undefined;
}

/** Turns the keys of rows into whole numbers. */
export interface KeyCoder {
  /** SQL for the column that `code` reads */
  readonly selected: string;
  /** SQL for the code itself, a BIGINT, where it is no more than arithmetic; undefined where `code` looks it up */
  readonly whole: string | undefined;
  /** codes are below this */
  readonly codes: number;
  /** Writes the code of each row's key, −1 where there is none, into `codes`, shape [chunk.rowCount]. */
  code(chunk: RawChunk, column: number, codes: Int32Array): void;
  /**
   * Counts the rows of each key: to be called with the codes of all rows before `index`; undefined where a query has
   * counted them.
   */
  readonly count: ((codes: Int32Array, size: number) => void) | undefined;
  index(): KeyIndex;
}

/** Whole numbers within such a range are coded by themselves, with a table of 4 bytes each. */
const widestTable = 33_554_432;

/** Decides how the keys of a column are coded; reads the distinct ones where they are not narrow whole numbers. */
export async function codeKeys(
  connection: DuckDBConnection,
  column: KeyColumn,
  signal?: AbortSignal,
): Promise<KeyCoder> {
  if (isNarrow(column.bounds)) return codeIntegers(column, column.bounds);
  for (let salt = 0; ; salt++) {
    const coder = await codeHashes(connection, column, salt, signal);
    if (coder === undefined) continue;
    if (column.distinct !== undefined) await connection.run(`DROP TABLE ${column.distinct}`);
    return coder;
  }
}

/** Whether keys are whole numbers that are coded by themselves, from 0 for the least on. */
export function isNarrow(bounds: KeyColumn['bounds']): bounds is readonly [least: number, greatest: number] {
  const [least, greatest] = bounds ?? [0, Infinity];
  return least > -1e9 && greatest < 1e9 && greatest - least < widestTable;
}

function codeIntegers(
  { key, hasKeys }: Pick<KeyColumn, 'key' | 'hasKeys'>,
  [least, greatest]: readonly [least: number, greatest: number],
): KeyCoder {
  const range = greatest - least + 1;
  const table = new Int32Array(range);
  const whole = `(${key}::BIGINT - (${least}))`;
  return {
    selected: `${whole}::INTEGER`,
    whole,
    codes: range,
    code: (chunk, column, codes) => codes.set(chunk.int32(column)),
    count(codes, size) {
      for (let i = 0; i < size; i++) {
        const code = codes[i] ?? 0;
        table[code] = (table[code] ?? 0) + 1;
      }
    },
    index() {
      let size = 0;
      for (let code = 0; code < range; code++) if (table[code] !== 0) size++;
      const counts = new Uint32Array(size);
      const keys: string[] | undefined = hasKeys ? [] : undefined;
      let place = 0;
      forEachInTextOrder(least, least + range - 1, (value) => {
        const count = table[value - least] ?? 0;
        if (count === 0) return;
        counts[place] = count;
        keys?.push(String(value));
        table[value - least] = place++;
      });
      return { counts, keys, places: table };
    },
  };
}

/** Texts from several columns with one dictionary. */
export interface TextCoder {
  /** distinct texts in the order of their bytes; a text's place is its code */
  readonly keys: readonly string[];
  /** SQL for 64 bits that stand for a text, for the columns that `code` reads */
  hashOf(text: string): string;
  /** Writes the code of each hash, −1 where it is of no key (as that of NULL), shape [hashes]. */
  code(words: Uint32Array, codes: Int32Array): void;
}

/**
 * Reads the distinct texts of a relation.
 *
 * @param relation - what can follow FROM, with a VARCHAR column `key` that is never NULL
 */
export async function codeTexts(
  connection: DuckDBConnection,
  relation: string,
  signal?: AbortSignal,
): Promise<TextCoder> {
  for (let salt = 0; ; salt++) {
    const hashOf = (text: string): string => (salt === 0 ? `hash(${text})` : `hash(${text}, ${salt})`);
    const column = { key: 'key', relation, hasKeys: true };
    const { words, counts, keys = [] } = await readDistinct(connection, column, hashOf('key'), signal);
    const table = new HashTable(counts.length);
    if (table.addAll(words)) return { keys, hashOf, code: (hashes, codes) => table.lookUp(hashes, codes) };
  }
}

/** Undefined where two keys have the same 64-bit hash, which the next salt will tell apart. */
async function codeHashes(
  connection: DuckDBConnection,
  column: KeyColumn,
  salt: number,
  signal: AbortSignal | undefined,
): Promise<KeyCoder | undefined> {
  const hash = (expression: string): string => (salt === 0 ? `hash(${expression})` : `hash(${expression}, ${salt})`);
  const { words, counts, keys } = await readDistinct(connection, column, hash('key'), signal);
  return hashCoder({ selected: hash(column.key), words, counts, keys });
}

interface DistinctKeys {
  /** hashes of the keys in the order of the keys' bytes, as pairs of words */
  readonly words: Uint32Array;
  readonly counts: Uint32Array;
  readonly keys: readonly string[] | undefined;
}

/** A function of its own, so that its closures do not keep the hashes once they are in the table. */
function hashCoder({ selected, words, counts, keys }: DistinctKeys & { selected: string }): KeyCoder | undefined {
  const table = new HashTable(counts.length);
  if (!table.addAll(words)) return undefined;
  return {
    selected,
    whole: undefined,
    codes: counts.length,
    code: (chunk, column, codes) => table.lookUp(chunk.words(column), codes),
    count: undefined,
    index: () => ({ counts, keys, places: undefined }),
  };
}

async function readDistinct(
  connection: DuckDBConnection,
  { key, relation, hasKeys, distinct }: KeyColumn,
  hash: string,
  signal: AbortSignal | undefined,
): Promise<DistinctKeys> {
  const text = hasKeys ? ', key::VARCHAR' : '';
  const keyed = distinct ?? `(SELECT ${key} AS key, count(*) AS n FROM ${relation} GROUP BY ALL)`;
  const sql = `SELECT ${hash}, n${text} FROM ${keyed} ORDER BY key::VARCHAR`;
  const hashes = new GrowingWords();
  const counts = new GrowingWords();
  const keys: string[] | undefined = hasKeys ? [] : undefined;
  await streamRaw(connection, sql, signal, (chunk) => {
    hashes.append(chunk.words(0));
    counts.append(chunk.words(1).filter((_, i) => i % 2 === 0));
    if (keys !== undefined) for (const key of chunk.texts(2)) keys.push(key);
  });
  return { words: hashes.values(), counts: counts.values(), keys };
}

/** 64-bit hashes → places: open addressing, three words a slot side by side so that one look mostly touches one cache line. */
class HashTable {
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(size: number) {
    let capacity = 16;
    while (capacity < 1.5 * size) capacity *= 2;
    this.#slots = new Int32Array(3 * capacity);
    this.#mask = capacity - 1;
  }

  /** Adds pairs of words with their places; false where a hash stands twice. */
  addAll(words: Uint32Array): boolean {
    const slots = this.#slots;
    for (let place = 0; 2 * place < words.length; place++) {
      const low = (words[2 * place] ?? 0) | 0;
      const high = (words[2 * place + 1] ?? 0) | 0;
      const slot = this.#slotOf(low, high);
      if (slots[slot + 2] !== 0) return false;
      slots[slot] = low;
      slots[slot + 1] = high;
      slots[slot + 2] = place + 1;
    }
    return true;
  }

  /** Writes the place of each hash, −1 where it is not there. */
  lookUp(words: Uint32Array, places: Int32Array): void {
    for (let i = 0; 2 * i < words.length; i++) {
      const slot = this.#slotOf((words[2 * i] ?? 0) | 0, (words[2 * i + 1] ?? 0) | 0);
      places[i] = (this.#slots[slot + 2] ?? 0) - 1;
    }
  }

  /** Where a hash stands, or the empty slot where it would. */
  #slotOf(low: number, high: number): number {
    const slots = this.#slots;
    let index = low & this.#mask;
    for (;;) {
      const slot = 3 * index;
      if (slots[slot + 2] === 0 || (slots[slot] === low && slots[slot + 1] === high)) return slot;
      index = (index + 1) & this.#mask;
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
