/** Holds what a click model is given of embeddings and logs against leaks. */
import { clickCount, type Histories } from '../histories/histories.js';
import { narrowHistories } from '../histories/narrow.js';
import { endOfLearned, endOfLog, hasHappened } from '../histories/time-span.js';
import { checkLeak, type LeakHooks } from '../impressions/leak-guard.js';
import type { NegativesWithin } from '../training/training-plan.js';
import type { ColumnTransfer } from './training-input.js';

/**
 * Checks the embeddings of a click model, and cuts the clicks that it continues to train them on at the first labeled
 * row, told as a note.
 *
 * @param times - of the labeled rows, as `checkLeak`
 * @returns the transfers, with histories that end before the first labeled row unless leaks are allowed
 * @throws InputError as `checkLeak`; for histories only where none of their clicks is earlier
 */
export function checkTransfers(
  transfers: readonly ColumnTransfer[],
  times: ArrayLike<number> | undefined,
  hooks: LeakHooks,
): ColumnTransfer[] {
  return transfers.map((transfer) => {
    const { column, embedding, names = {} } = transfer;
    const name = names.embedding ?? `the embedding of ${column}`;
    tell({ name, ...endOfLearned(embedding.provenance) }, times, hooks);
    const cut = hooks.allowLeak === true ? transfer : cutClicks(transfer, times, hooks);
    const { histories } = cut;
    if (histories === undefined) return cut;
    const { maxTime, timeSpan } = histories;
    const endTime = maxTime === undefined ? undefined : endOfLog(maxTime, timeSpan);
    tell({ name: names.histories ?? `the log of ${column}`, maxTime, endTime }, times, hooks);
    return cut;
  });
}

function tell(
  learned: Parameters<typeof checkLeak>[0],
  times: ArrayLike<number> | undefined,
  { allowLeak, onNote }: LeakHooks,
): void {
  const note = checkLeak(learned, times, { isAllowed: allowLeak });
  if (note !== undefined) onNote?.(note);
}

/** The transfer with the clicks before the first labeled row; as it is where all are, none is, or times are not known. */
function cutClicks(
  transfer: ColumnTransfer,
  labeled: ArrayLike<number> | undefined,
  { onNote }: LeakHooks,
): ColumnTransfer {
  const { column, histories, negativesWithin, names = {} } = transfer;
  const times = histories?.times;
  if (histories === undefined || times === undefined || labeled === undefined || labeled.length === 0) return transfer;
  let first = Infinity;
  for (let i = 0; i < labeled.length; i++) first = Math.min(first, labeled[i] ?? Infinity);
  const { timeSpan } = histories;
  const isKept = Uint8Array.from(times, (time) =>
    hasHappened({ time, end: endOfLog(time, timeSpan) }, first) ? 1 : 0,
  );
  const kept = isKept.reduce((sum, one) => sum + one, 0);
  if (kept === 0 || kept === times.length) return transfer;
  const narrowed = narrowHistories(histories, isKept);
  const maxTime = narrowed.times?.reduce((latest, time) => Math.max(latest, time), -Infinity);
  onNote?.(
    `${names.histories ?? `the log of ${column}`} runs into the labeled rows, and is cut at the first of them: ` +
      `${clickCount(narrowed)} of ${clickCount(histories)} clicks are trained on`,
  );
  return {
    ...transfer,
    histories: { ...narrowed, maxTime },
    negativesWithin: negativesWithin && codesOf(negativesWithin, { of: histories, to: narrowed }),
  };
}

/** The codes of the categories that are left. */
function codesOf(
  { name, codes }: NegativesWithin,
  { of, to }: { readonly of: Histories; readonly to: Histories },
): NegativesWithin {
  const rows = to.vocabulary.keys.map((key) => of.vocabulary.rowOf(key) ?? -1);
  return { name, codes: Int32Array.from(rows, (row) => codes[row] ?? -1) };
}
