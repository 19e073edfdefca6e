/**
 * The clicks of the spectral model in its memory: those of a log that is there once, those of shards one shard after
 * another in every pass.
 */
import type { Workers } from '../../engine/workers.js';
import { clickCount, type Histories } from '../../histories/histories.js';
import type { ShardedLog } from '../../histories/sharded-log.js';
import { ReadAhead } from '../read-ahead.js';
import { historyScalesOf } from './click-matrix.js';
import type { SpectralMemory } from './spectral-memory.js';

/** Where the clicks go, and how many are worked on between two looks at the hooks. */
export interface FeedOptions {
  readonly memory: Pick<SpectralMemory, 'writeClicks' | 'jobAddress'>;
  readonly workers: Pick<Workers, 'callAll'>;
  /** a, exponent of the histories' degrees */
  readonly historyExponent: number;
  /** about; slices end where chunks do */
  readonly sliceClicks: number;
  readonly signal?: AbortSignal | undefined;
}

/** Some chunks of the clicks that are in memory. */
export interface ClickSlice {
  readonly firstChunk: number;
  readonly endChunk: number;
  /** of all clicks of the log, 0 … 1 */
  readonly share: number;
}

/** Clicks, pass after pass. */
export class ClickFeed {
  readonly #log: Pick<ShardedLog, 'shards' | 'clicks'>;
  readonly #ahead: ReadAhead;
  readonly #options: FeedOptions;
  #historyExponent: number;
  #loaded: { readonly index: number; readonly clicks: number; readonly chunks: number } | undefined;
  #isBackward = false;

  constructor(log: Histories | ShardedLog, options: FeedOptions) {
    const source = 'offsets' in log ? { shards: 1, clicks: clickCount(log), open: () => Promise.resolve(log) } : log;
    this.#log = source;
    this.#ahead = new ReadAhead(source, options.signal);
    this.#options = options;
    this.#historyExponent = options.historyExponent;
  }

  /** Weighs histories by another exponent from the next pass on. */
  rescale(historyExponent: number): void {
    this.#historyExponent = historyExponent;
    this.#loaded = undefined;
    this.#isBackward = false;
  }

  /**
   * Visits all clicks, slice by slice. Every other pass goes backward over the shards, so that it begins with the one
   * that is in memory.
   */
  async visit(work: (slice: ClickSlice) => Promise<void>): Promise<void> {
    const { shards, clicks: all } = this.#log;
    const order = Array.from({ length: shards }, (_, i) => (this.#isBackward ? shards - 1 - i : i));
    this.#isBackward = !this.#isBackward;
    for (const [place, index] of order.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- memory holds one shard
      const { clicks, chunks } = await this.#load(index);
      const next = order[place + 1];
      if (next !== undefined) this.#ahead.expect(next);
      // chunk 0 is empty
      const slice = Math.max(1, Math.floor((this.#options.sliceClicks * (chunks - 1)) / clicks));
      for (let chunk = 1; chunk < chunks; chunk += slice) {
        const endChunk = Math.min(chunks, chunk + slice);
        const share = ((endChunk - chunk) / (chunks - 1)) * (clicks / all);
        // oxlint-disable-next-line no-await-in-loop -- slices follow each other
        await work({ firstChunk: chunk, endChunk, share });
      }
    }
  }

  async #load(index: number) {
    if (this.#loaded?.index === index) return this.#loaded;
    const { memory, workers } = this.#options;
    const clicks = await this.#ahead.take(index);
    const chunks = memory.writeClicks(clicks, historyScalesOf(clicks, this.#historyExponent));
    await workers.callAll('spectralSort', memory.jobAddress);
    this.#loaded = { index, clicks: clicks.items.length, chunks };
    return this.#loaded;
  }
}
