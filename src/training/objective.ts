/** What a model that is trained in epochs is to the plan, the reference and the kernels. */

/** How many negatives a block of n clicks shares: share × n rounded up to a multiple of 4, from least to most. */
export interface SharedNegatives {
  readonly share: number;
  readonly least: number;
  readonly most: number;
  /** of a bundle of short histories */
  readonly bundled: number;
}

/**
 * Its targets, slots, context cost and step; what chance and time decide is common to all (training-plan.ts,
 * kernels/training/plan.ts).
 */
export interface Objective {
  /** its step, as kernels/training/objective.ts lists it */
  readonly step: number;
  /** whether a context predicts the click itself, its one target; else a click predicts each click of its context */
  readonly isOwnTarget: boolean;
  /** whether, where the whole history is context, the strips of a block share their context's gradients: the block is one unit */
  readonly isWhole: boolean;
  /** whether all strips of a unit share its negatives, which a softmax puts against each click */
  readonly isNoiseShared: boolean;
  /** products of D numbers that the context costs a click of a block, where the whole history is context */
  contextCost(block: number): number;
  /** negatives that a unit shares, where the option leaves it open. @param negatives - of a pair: K */
  sharedNegatives(negatives: number): SharedNegatives;
  /** clicks whose gradients are taken from the same tables before they move. @param clicks - of the log */
  batchClicks(clicks: number): number;
}

/**
 * Clicks of a batch: at least 200 batches an epoch, and at most 512 clicks, whose gradients stay near the processor
 * until they are applied; 256 and 1,024 were slower on two threads.
 */
export function usualBatchClicks(clicks: number): number {
  return Math.max(64, Math.min(512, clicks / 200));
}

/**
 * Negatives of a unit that grow with K, as the noise that sharing S of them adds to a gradient grows with K² / S.
 *
 * @param atTen - share, least and most at K = 10; the least grows to 4 times as many, the most too
 */
export function negativesThatGrow(negatives: number, atTen: Omit<SharedNegatives, 'bundled'>): SharedNegatives {
  const scale = Math.max(1, negatives / 10);
  const scaled = (count: number): number => Math.min(4 * count, Math.ceil((count * scale) / 4) * 4);
  return {
    share: Math.round(atTen.share * scale),
    least: scaled(atTen.least),
    most: scaled(atTen.most),
    bundled: Math.max(32, Math.min(256, Math.ceil((6.4 * negatives) / 4) * 4)),
  };
}
