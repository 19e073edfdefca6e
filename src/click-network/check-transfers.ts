/** Holds what a click model is given of embeddings and logs against leaks. */
import { checkLeak, type LeakHooks } from '../impressions/leak-guard.js';
import type { ColumnTransfer } from './training-input.js';

/**
 * Checks the embeddings of a click model, and the clicks that it continues to train them on.
 *
 * @param times - of the labeled rows, as `checkLeak`
 * @throws InputError as `checkLeak`
 */
export function checkTransfers(
  transfers: readonly ColumnTransfer[],
  times: ArrayLike<number> | undefined,
  { allowLeak, onNote }: LeakHooks,
): void {
  for (const { column, embedding, histories, names = {} } of transfers) {
    const { maxTime, timesAtMidnight } = embedding.provenance;
    const learned = [{ name: names.embedding ?? `the embedding of ${column}`, maxTime, isMidnight: timesAtMidnight }];
    if (histories !== undefined) {
      const { maxTime, timeSpan } = histories;
      learned.push({
        name: names.histories ?? `the log of ${column}`,
        maxTime,
        isMidnight: timeSpan?.isMidnight,
      });
    }
    for (const each of learned) {
      const note = checkLeak(each, times, { isAllowed: allowLeak });
      if (note !== undefined) onNote?.(note);
    }
  }
}
