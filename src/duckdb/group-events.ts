/** Events → clicks grouped by history: keys are counted first, so that each click goes straight to its place. A counting sort in two scans. */
import type { GroupedClicks } from '../histories/grouped-clicks.js';
import type { Engine } from './connection.js';
import { indexKeys } from './key-index.js';
import type { PreparedEvents } from './prepare-events.js';
import { streamRaw } from './raw-columns.js';

/** How far reading has come. */
export interface ReadProgress {
  readonly stage: 'scanning' | 'keys' | 'clicks' | 'filtering';
  /** share of the stage that is done, 0 … 1 */
  readonly share: number;
}

/** How to group. */
export interface GroupOptions {
  readonly engine: Engine;
  readonly keepKeys?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** Clicks grouped by history, with what was learned of them on the way. */
export type GroupedEvents = Pick<PreparedEvents, 'droppedBefore' | 'secondsPerTimeUnit'> & {
  readonly grouped: GroupedClicks;
};

/** Reads prepared events into grouped clicks. */
export async function groupEvents(events: PreparedEvents, options: GroupOptions): Promise<GroupedEvents> {
  const { engine, keepKeys = false, signal, onProgress } = options;
  const { connection } = engine;
  const { relation, size, seconds, weight, keys } = events;
  const [historyKey, categoryKey] = keys;
  if (historyKey === undefined || categoryKey === undefined) throw new Error('events need a history and a category');
  onProgress?.({ stage: 'keys', share: 0 });
  const histories = await indexKeys(connection, { ...historyKey, relation, hasKeys: keepKeys }, signal);
  onProgress?.({ stage: 'keys', share: 0.5 });
  const categories = await indexKeys(connection, { ...categoryKey, relation, hasKeys: true }, signal);
  const starts = startsOf(histories.counts);
  const next = starts.slice();
  const grouped = {
    categories: new Int32Array(size),
    times: seconds === undefined ? undefined : new Float64Array(size),
    weights: weight === undefined ? undefined : new Float64Array(size),
  };
  const history = new Int32Array(2048);
  const category = new Int32Array(2048);
  const selected = [histories.selected, categories.selected, seconds, weight].filter((sql) => sql !== undefined);
  let done = 0;
  await streamRaw(connection, `SELECT ${selected.join(', ')} FROM ${relation}`, signal, (chunk) => {
    histories.rank(chunk, 0, history);
    categories.rank(chunk, 1, category);
    const times = grouped.times && chunk.float64(2);
    const weights = grouped.weights && chunk.float64(grouped.times === undefined ? 2 : 3);
    for (let i = 0; i < chunk.rowCount; i++) {
      const at = next[history[i] ?? 0] ?? 0;
      next[history[i] ?? 0] = at + 1;
      grouped.categories[at] = category[i] ?? 0;
      if (times !== undefined && grouped.times !== undefined) grouped.times[at] = times[i] ?? 0;
      if (weights !== undefined && grouped.weights !== undefined) grouped.weights[at] = weights[i] ?? 1;
    }
    done += chunk.rowCount;
    onProgress?.({ stage: 'clicks', share: done / size });
  });
  const { droppedBefore, secondsPerTimeUnit } = events;
  return {
    grouped: { ...grouped, starts, historyKeys: histories.keys, categoryKeys: categories.keys ?? [] },
    droppedBefore,
    secondsPerTimeUnit,
  };
}

function startsOf(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (let h = 0; h < counts.length; h++) starts[h + 1] = (starts[h] ?? 0) + (counts[h] ?? 0);
  return starts;
}
