/** How many epochs a log needs, where the option leaves it open: more where histories are long. */
import type { Histories } from '../histories/histories.js';
import type { LogMeasure } from '../histories/sharded-log.js';
import { resolveOptions } from '../option-table.js';
import { trainingOptions, type ResolvedTrainingOptions } from './options.js';

/** A number of epochs and what it was chosen by. */
export interface ChosenEpochs {
  readonly epochs: number;
  /** `20 epochs: half of the clicks are in histories of up to 9` */
  readonly reason: string;
}

/** Epochs of skip-gram for short and for long histories; see docs/tuning-figures.md. */
const SHORT = { length: 14, epochs: 20 };
const LONG = { length: 20, epochs: 30 };
/** Of the other models no sweep tells more. */
const OTHERS = 10;

/**
 * Epochs of a log: 20 where half of the clicks are in histories of up to 14 clicks, 30 from 20 on, linear between.
 * Models other than skip-gram take 10.
 *
 * Found on eight logs of one seed each; docs/tuning-figures.md has the figures.
 */
export function chosenEpochs(
  histories: Histories | LogMeasure,
  { model }: Pick<ResolvedTrainingOptions, 'model'>,
): ChosenEpochs {
  if (model !== 'skip-gram') return { epochs: OTHERS, reason: `${OTHERS} epochs: what ${model} was measured with` };
  const length = medianLength(histories);
  const share = Math.max(0, Math.min(1, (length - SHORT.length) / (LONG.length - SHORT.length)));
  const epochs = Math.round(SHORT.epochs + share * (LONG.epochs - SHORT.epochs));
  return { epochs, reason: `${epochs} epochs: half of the clicks are in histories of up to ${length}` };
}

/** The options with a number of epochs, and why where it was left open. */
export function withEpochs(
  histories: Histories | LogMeasure,
  options: ResolvedTrainingOptions,
): { readonly options: ResolvedTrainingOptions; readonly chosen: ChosenEpochs | undefined } {
  if (options.epochs > 0 || options.model === 'spectral') return { options, chosen: undefined };
  const chosen = chosenEpochs(histories, options);
  return { options: resolveOptions(trainingOptions, { ...options, epochs: chosen.epochs }), chosen };
}

/** Length of the history that the click in the middle stands in, where clicks are in the order of these lengths. */
function medianLength(log: Histories | LogMeasure): number {
  const { lengths, clicks } = 'offsets' in log ? { lengths: lengthsOf(log), clicks: log.items.length } : log;
  let seen = 0;
  for (const [length, histories] of lengths) {
    seen += length * histories;
    if (seen * 2 >= clicks) return length;
  }
  return 0;
}

/** Length → how many histories have it, ascending. */
function lengthsOf({ offsets }: Histories): ReadonlyMap<number, number> {
  const lengths = new Map<number, number>();
  for (let h = 1; h < offsets.length; h++) {
    const length = (offsets[h] ?? 0) - (offsets[h - 1] ?? 0);
    lengths.set(length, (lengths.get(length) ?? 0) + 1);
  }
  return new Map([...lengths].sort(([a], [b]) => a - b));
}
