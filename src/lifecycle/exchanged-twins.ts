/** Exchanged twins: trainings of the logs of two periods in which chance decided which history is of which. */
import type { Embedding } from '../embedding/embedding.js';
import { nothingDropped, type Histories } from '../histories/histories.js';
import { narrowHistories } from '../histories/narrow.js';
import { Random, shuffle } from '../numerics/random.js';
import type { StepHooks } from '../step.js';
import type { TrainingProgress } from '../training/train-embedding.js';
import type { Vocabulary } from '../vocabulary.js';
import { trainPair, type TwinOptions } from './twins.js';

/** What twins of two logs are made from. */
export interface ExchangedInput {
  /** of the earlier and of the later period */
  readonly logs: readonly [Histories, Histories];
  /** the categories that count */
  readonly vocabulary: Vocabulary;
  /** trained as this one was, unless options say otherwise */
  readonly newer: Embedding;
}

/**
 * Trains twins, each on as many clicks as one of the logs has: the two histories of a key change their periods with
 * probability ½, the periods of all others are shuffled. A category that moved is half of it in either twin.
 */
export async function trainExchangedTwins(
  { logs, vocabulary, newer }: ExchangedInput,
  given: TwinOptions = {},
  hooks: StepHooks<TrainingProgress> = {},
): Promise<readonly [Embedding, Embedding]> {
  const pool = poolOf(logs, vocabulary);
  const periods = drawPeriods(logs, new Random(given.seed ?? 1, 0x6578));
  const parts = [0, 1].map((period) => {
    const isKept = new Uint8Array(pool.items.length);
    periods.forEach((own, h) => {
      if (own === period) isKept.fill(1, pool.offsets[h], pool.offsets[h + 1]);
    });
    return () => narrowHistories(pool, isKept);
  });
  return trainPair(parts, newer, given, hooks);
}

/** The period of each history of both logs, one log after the other, if chance decided. */
function drawPeriods(logs: readonly [Histories, Histories], random: Random): Uint8Array {
  const [before = 0, after = 0] = logs.map(({ offsets }) => offsets.length - 1);
  const periods = new Uint8Array(before + after).fill(1, before);
  const [names, later] = logs.map(({ keys }) => keys);
  const earlier = new Map(names?.map((name, h) => [name, h]));
  const isSingle = new Uint8Array(before + after).fill(1);
  later?.forEach((name, h) => {
    const own = earlier.get(name);
    if (own === undefined) return;
    // a key with several sessions pairs the last of the one log with the first of the other
    earlier.delete(name);
    isSingle[own] = isSingle[before + h] = 0;
    const isExchanged = random.uniform() < 0.5;
    periods[own] = isExchanged ? 1 : 0;
    periods[before + h] = isExchanged ? 0 : 1;
  });
  const singles = Int32Array.from(periods.keys()).filter((h) => isSingle[h] === 1);
  const drawn = shuffle(
    singles.map((h) => periods[h] ?? 0),
    random,
  );
  singles.forEach((h, i) => (periods[h] = drawn[i] ?? 0));
  return periods;
}

/** The histories of both logs as one, without the clicks of categories that do not count. */
function poolOf(logs: readonly [Histories, Histories], vocabulary: Vocabulary): Histories {
  const rows = logs.map((log) => Int32Array.from(log.vocabulary.keys, (key) => vocabulary.rowOf(key) ?? -1));
  const total = logs.reduce((sum, { items }) => sum + items.length, 0);
  const items = new Int32Array(total);
  const offsets = new Uint32Array(logs.reduce((sum, log) => sum + log.offsets.length - 1, 1));
  const times = logs.every((log) => log.times !== undefined) ? new Float64Array(total) : undefined;
  const weights = logs.some((log) => log.weights !== undefined) ? new Float32Array(total) : undefined;
  let [click, history] = [0, 0];
  logs.forEach((log, period) => {
    for (let h = 0; h + 1 < log.offsets.length; h++) {
      for (let at = log.offsets[h] ?? 0; at < (log.offsets[h + 1] ?? 0); at++) {
        const row = rows[period]?.[log.items[at] ?? 0] ?? -1;
        if (row < 0) continue;
        items[click] = row;
        if (times !== undefined) times[click] = log.times?.[at] ?? 0;
        if (weights !== undefined) weights[click] = log.weights?.[at] ?? 1;
        click++;
      }
      offsets[++history] = click;
    }
  });
  return {
    vocabulary,
    items: items.subarray(0, click),
    offsets,
    isOrdered: logs.every((log) => log.isOrdered),
    times: times?.subarray(0, click),
    weights: weights?.subarray(0, click),
    dropped: nothingDropped,
  };
}
