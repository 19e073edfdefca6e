/** Which shard is trained when: a permutation for each epoch, the next shard read while one is trained. */
import { mix, permuted, seedWords } from '../numerics/random.js';
import { ReadAhead, type ShardSource } from './read-ahead.js';
import type { TrainingMemory } from './training-memory.js';

/** First word of the keys that order the shards. */
const PURPOSE_SHARDS = 0x53484152;

/** How a run goes over its shards. */
export interface WalkOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly signal: AbortSignal | undefined;
  readonly loaded?: number;
}

/** The shards of a run; of one shard, what it does is what training without shards does, bit for bit. */
export class ShardWalk {
  readonly count: number;
  readonly #seed: number;
  readonly #epochs: number;
  readonly #ahead: ReadAhead;
  #loaded: number;

  /** @param loaded - the shard whose clicks are there already */
  constructor(log: ShardSource, { seed, epochs, signal, loaded = -1 }: WalkOptions) {
    this.count = log.shards;
    this.#seed = seed;
    this.#epochs = epochs;
    this.#ahead = new ReadAhead(log, signal);
    this.#loaded = loaded;
  }

  /** The shard at a place of an epoch's order. */
  shardAt(epoch: number, place: number): number {
    const { low, high } = seedWords(this.#seed);
    const keyA = mix(low ^ mix(epoch + PURPOSE_SHARDS));
    const keyB = mix(high ^ mix(epoch ^ PURPOSE_SHARDS));
    return permuted(place, this.count, keyA, keyB);
  }

  /**
   * Puts a shard into the memory of training, unless it is there, and begins to read the one behind it. The job's
   * position is left alone.
   *
   * Histories are numbered within their shard, so each shard has a seed of its own: else what chance decides would
   * repeat from shard to shard.
   */
  async load(epoch: number, place: number, { job, writeClicks }: TrainingMemory): Promise<void> {
    const index = this.shardAt(epoch, place);
    if (index !== this.#loaded) {
      const clicks = await this.#ahead.take(index);
      writeClicks(clicks);
      const { low, high } = seedWords(this.#seed);
      job.set({
        histories: clicks.offsets.length - 1,
        seedLow: index === 0 ? low : (low ^ mix(index)) >>> 0,
        seedHigh: index === 0 ? high : (high ^ mix(mix(index))) >>> 0,
        epochCounted: 0,
      });
      this.#loaded = index;
    }
    this.#readAhead(epoch, place + 1);
  }

  #readAhead(epoch: number, place: number): void {
    const isLast = place >= this.count;
    if (isLast && epoch + 1 >= this.#epochs) return;
    const index = isLast ? this.shardAt(epoch + 1, 0) : this.shardAt(epoch, place);
    if (index !== this.#loaded) this.#ahead.expect(index);
  }
}
