/** Defaults of a click network's training that follow from how many rows there are to learn from. */
import { resolveOptions } from '../option-table.js';
import { clickOptions, type ClickOptions, type ResolvedClickOptions } from './options.js';

/** Below so many training rows a network learns rows by heart within an epoch or two. */
export const manyRows = 50_000;

/** All options of a run, and what follows from its rows alone. */
export interface RunOptions extends ResolvedClickOptions {
  /** root mean square of the embeddings' numbers at the start; `initialScale` where that is given */
  readonly transferScale: number;
  /** whether the network is the mean of those that the last steps passed; see `AveragedNumbers` */
  readonly isAveraged: boolean;
}

/**
 * Options with their defaults: those of `clickOptions` for 50,000 training rows or more. Fewer rows take small batches, a
 * fifth of the hidden outputs dropped, larger steps, a random start near 0, so that a category that was never met says
 * nothing, one more epoch of patience, and the mean of the last steps. Measured, see docs/click-model.md.
 *
 * @param given - undefined where one was not given
 * @param rows - training rows
 * @throws InputError for an unknown name or a value out of range
 */
export function optionsForRows(given: ClickOptions, rows: number): RunOptions {
  const isFew = rows < manyRows;
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const resolved = resolveOptions(clickOptions, { ...(isFew ? optionsOfFewRows(given) : {}), ...set });
  const { initialScale } = resolved;
  return {
    ...resolved,
    transferScale: isFew && given.initialScale === undefined ? 0.25 : initialScale,
    isAveraged: isFew,
  };
}

function optionsOfFewRows(given: ClickOptions): ClickOptions {
  const batchSize = 64;
  return {
    batchSize,
    // as many of category2vec's batches for each row as with large batches
    c2vBatches: given.batchSize === undefined ? batchSize / clickOptions.batchSize.default : 1,
    dropout: 0.2,
    initialScale: 0.02,
    learningRate: 0.003,
    tableRate: 0.005,
    transferRate: 0.001,
    patience: 4,
  };
}
