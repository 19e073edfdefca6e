/** The histories of a prepared log in one order, whichever shards they are in: memory holds a piece of each shard. */
import { compareKeys } from '../vocabulary.js';
import type { LogManifest, PreparedLog } from './prepared-log.js';
import type { Shard } from './shard.js';

/** Histories that follow each other in the byte order of their keys. */
export interface MergedHistories extends Shard {
  /** the shard that each comes from, shape [H] */
  readonly from: Uint32Array;
}

/**
 * Merges the shards of a log by the keys of their histories; those of one key stay side by side, in their order. Shards
 * are not compared with their fingerprints, which takes the whole of one: read each once before.
 *
 * @param size - histories that are given at a time
 */
export async function* shardsInOrder(
  log: PreparedLog,
  { size, signal }: { readonly size: number; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<MergedHistories, void> {
  const cursors = log.manifest.shards.map((_, index) => new Cursor(index, log.streamShard(index, signal)));
  try {
    const heap: Cursor[] = [];
    for (const cursor of cursors) {
      // oxlint-disable-next-line no-await-in-loop -- each begins to read as it is asked
      if (await cursor.refill()) heap.push(cursor);
    }
    for (let at = (heap.length >>> 1) - 1; at >= 0; at--) sink(heap, at);
    let merged = new Merged(size, log.manifest);
    for (let least = heap[0]; least !== undefined; least = heap[0]) {
      merged.add(least);
      // oxlint-disable-next-line no-await-in-loop -- pieces are read as they are needed
      if (least.advance() || (await least.refill())) sink(heap, 0);
      else removeFirst(heap);
      if (merged.count < size) continue;
      signal?.throwIfAborted();
      yield merged.take();
      merged = new Merged(size, log.manifest);
    }
    if (merged.count > 0) yield merged.take();
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

/** A place in a shard that is read piece by piece. */
class Cursor {
  readonly #pieces: AsyncIterator<Shard>;
  piece: Shard | undefined;
  at = 0;
  key = '';

  constructor(
    readonly shard: number,
    pieces: AsyncIterable<Shard>,
  ) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Moves to the next history of the piece. @returns whether there is one */
  advance(): boolean {
    const keys = this.piece?.keys ?? [];
    if (++this.at >= keys.length) return false;
    this.key = keys[this.at] ?? '';
    return true;
  }

  /** Moves to the first history of the next piece. @returns whether there is one */
  async refill(): Promise<boolean> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- until one is not empty
      const { done = false, value } = await this.#pieces.next();
      if (done) return false;
      this.piece = value as Shard;
      this.at = -1;
      if (this.advance()) return true;
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}

/** Moves a cursor down until none below it has a lesser key; the least is the first. */
function sink(heap: Cursor[], from: number): void {
  const moved = heap[from];
  if (moved === undefined) return;
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left === undefined) break;
    if (right !== undefined && isBefore(right, left)) child++;
    const least = heap[child] ?? left;
    if (!isBefore(least, moved)) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = moved;
}

function isBefore(a: Cursor, b: Cursor): boolean {
  const order = compareKeys(a.key, b.key);
  return order < 0 || (order === 0 && a.shard < b.shard);
}

function removeFirst(heap: Cursor[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  sink(heap, 0);
}

/** Histories as they are collected; its columns grow. */
class Merged {
  readonly #keys: string[] = [];
  readonly #offsets: Uint32Array;
  readonly #from: Uint32Array;
  #items = new Int32Array(0);
  #times: Float64Array | undefined;
  #weights: Float32Array | undefined;

  constructor(size: number, { hasTimes, hasWeights }: LogManifest) {
    this.#offsets = new Uint32Array(size + 1);
    this.#from = new Uint32Array(size);
    this.#times = hasTimes ? new Float64Array(0) : undefined;
    this.#weights = hasWeights ? new Float32Array(0) : undefined;
  }

  get count(): number {
    return this.#keys.length;
  }

  /** Adds the history that a cursor stands at. */
  add({ piece, at, key, shard }: Cursor): void {
    if (piece === undefined) return;
    const [start, end] = [piece.offsets[at] ?? 0, piece.offsets[at + 1] ?? 0];
    const written = this.#offsets[this.count] ?? 0;
    this.#reserve(written + end - start);
    this.#items.set(piece.items.subarray(start, end), written);
    if (piece.times !== undefined) this.#times?.set(piece.times.subarray(start, end), written);
    if (piece.weights !== undefined) this.#weights?.set(piece.weights.subarray(start, end), written);
    this.#from[this.count] = shard;
    this.#keys.push(key);
    this.#offsets[this.count] = written + end - start;
  }

  #reserve(size: number): void {
    if (size <= this.#items.length) return;
    const room = Math.max(size, 2 * this.#items.length, 1024);
    const items = new Int32Array(room);
    items.set(this.#items);
    this.#items = items;
    if (this.#times !== undefined) {
      const times = new Float64Array(room);
      times.set(this.#times);
      this.#times = times;
    }
    if (this.#weights !== undefined) {
      const weights = new Float32Array(room);
      weights.set(this.#weights);
      this.#weights = weights;
    }
  }

  take(): MergedHistories {
    const end = this.#offsets[this.count] ?? 0;
    return {
      keys: this.#keys,
      offsets: this.#offsets.subarray(0, this.count + 1),
      from: this.#from.subarray(0, this.count),
      items: this.#items.subarray(0, end),
      times: this.#times?.subarray(0, end),
      weights: this.#weights?.subarray(0, end),
    };
  }
}
