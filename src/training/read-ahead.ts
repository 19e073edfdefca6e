/** Shards of a log in the order in which a run wants them, the next one read while one is worked on. */
import type { ShardClicks, ShardedLog } from '../histories/sharded-log.js';

/** What is read. */
export type ShardSource = Pick<ShardedLog, 'shards' | 'open'>;

/** Reads shards; holds one at most that nobody has taken yet. */
export class ReadAhead {
  readonly #log: ShardSource;
  readonly #signal: AbortSignal | undefined;
  #next: { readonly index: number; readonly clicks: Promise<ShardClicks> } | undefined;

  constructor(log: ShardSource, signal: AbortSignal | undefined) {
    this.#log = log;
    this.#signal = signal;
  }

  /** A shard, read now unless it was expected. */
  take(index: number): Promise<ShardClicks> {
    const clicks = this.#next?.index === index ? this.#next.clicks : this.#log.open(index, this.#signal);
    this.#next = undefined;
    return clicks;
  }

  /** Begins to read the shard that is taken next. */
  expect(index: number): void {
    if (index === this.#next?.index) return;
    const clicks = this.#log.open(index, this.#signal);
    // what goes wrong is said when the shard is needed
    clicks.catch(() => undefined);
    this.#next = { index, clicks };
  }
}
