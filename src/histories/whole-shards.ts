/** Which shard holds a whole number, for many that follow each other: their texts are hashed by kernels, four at a time. */
import { openKernelMemory, type KernelMemory } from '../numerics/kernel-memory.js';

/** Numbers at a time, so that calls are short. */
const batch = 4096;

/** Deals whole numbers as `ShardDealer` deals their texts. */
export class WholeShards {
  readonly #count: number;
  readonly #memory: KernelMemory<'shards' | 'texts'> = openKernelMemory({ shards: 4 * batch, texts: 64 });

  /** @param count - shards, from 1 */
  constructor(count: number) {
    this.#count = count;
  }

  /**
   * Visits the shards of the numbers `first` to `end` − 1, all within ±10⁹, some at a time.
   *
   * @param visit - told the first of some numbers, and the shards of these from 0 on, which are overwritten afterward
   */
  forEach(first: number, end: number, visit: (first: number, shards: Uint32Array) => void): void {
    const { kernels, regions } = this.#memory;
    for (let at = first; at < end; at += batch) {
      const size = Math.min(batch, end - at);
      kernels.shardsOfWhole(at, size, this.#count, regions.address('shards'), regions.address('texts'));
      visit(at, regions.u32('shards', size));
    }
  }
}
