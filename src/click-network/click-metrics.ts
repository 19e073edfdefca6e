/** Judges predicted click probabilities: every metric with its interval, for all rows and for those whose candidate was rare. */
import { InputError } from '../checks.js';
import { ascendingOrder } from '../numerics/ascending-order.js';
import type { Figure } from '../numerics/bootstrap.js';
import { probabilityFigures } from '../numerics/probability-bootstrap.js';
import {
  calibrationBins,
  entropyOfRate,
  type CalibrationBin,
  type ScoredRows,
  calibrationBinCount,
} from '../numerics/probability-metrics.js';
import { arrayOf, checkCall, optionsKind } from '../step.js';

/** The metrics of some rows. */
export interface ProbabilityReport {
  readonly rows: number;
  readonly clicks: number;
  readonly auc: Figure;
  readonly prAuc: Figure;
  /** within users; null where no user has both a click and a non-click, or users are not known */
  readonly userAuc: Figure | null;
  readonly logLoss: Figure;
  /** log loss ÷ entropy of the training rate */
  readonly normalizedEntropy: Figure;
  /** observed ÷ expected clicks */
  readonly calibration: Figure;
  readonly calibrationError: Figure;
  readonly calibrationBins: readonly CalibrationBin[];
}

/** The same, and for the rows of rare candidates. */
export interface ClickMetrics extends ProbabilityReport {
  /** the rows of the mask; only their numbers where there are not both clicks and non-clicks; null without a mask */
  readonly rare: ProbabilityReport | { readonly rows: number; readonly clicks: number } | null;
}

/** How probabilities are judged. */
export interface ClickMetricsOptions {
  /** what each row counts, shape [R]; default 1 each */
  readonly weights?: ArrayLike<number> | undefined;
  /** number of each row's user: intervals draw whole users, and `userAuc` needs them */
  readonly users?: ArrayLike<number> | undefined;
  /** share of clicks in training, in (0, 1); default: that of these rows */
  readonly trainingRate?: number | undefined;
  /** of the resamples; default 1 */
  readonly seed?: number | undefined;
  /** default 1000; 0 leaves intervals without width */
  readonly resamples?: number | undefined;
  /** default 10 */
  readonly bins?: number | undefined;
  /** 1 where the row's candidate was rare or unseen in training, shape [R] */
  readonly rare?: ArrayLike<number> | undefined;
}

const optionKind = optionsKind<ClickMetricsOptions>({
  weights: true,
  users: true,
  trainingRate: true,
  seed: true,
  resamples: true,
  bins: true,
  rare: true,
});

/**
 * Measures probabilities against labels.
 *
 * @param labels - 1 clicked, 0 not, shape [R]
 * @param probabilities - shape [R], each in [0, 1]
 * @throws InputError for labels of one class, probabilities that are none, or shapes that differ
 */
export function clickMetrics(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: ClickMetricsOptions = {},
): ClickMetrics {
  checkCall('clickMetrics(labels, probabilities, options)', {
    labels: [labels, arrayOf('an array of 0 and 1')],
    probabilities: [probabilities, arrayOf('an array of numbers, as predictClicks gives them')],
    options: [options, optionKind],
  });
  const { weights, users, rare } = options;
  const rows = { labels, probabilities, weights, users };
  checkRows(rows);
  checkBothClasses(labels);
  const report = measure(rows, options);
  if (rare === undefined) return { ...report, rare: null };
  const chosen = Array.from(labels, (_, i) => i).filter((i) => rare[i] === 1);
  const pick = (values: ArrayLike<number>): Float64Array => Float64Array.from(chosen, (i) => values[i] ?? NaN);
  const part = {
    labels: pick(labels),
    probabilities: pick(probabilities),
    weights: weights && pick(weights),
    users: users && pick(users),
  };
  const clicks = countClicks(part.labels);
  const hasBoth = clicks > 0 && clicks < chosen.length;
  return { ...report, rare: hasBoth ? measure(part, options) : { rows: chosen.length, clicks } };
}

/**
 * Checks that labels tell something apart.
 *
 * @param part - which rows they are of, such as `validation part`; default all
 * @throws InputError where all are the same, which no model can learn from and no ranking be judged by
 */
export function checkBothClasses(labels: ArrayLike<number>, part?: string): void {
  const clicks = countClicks(labels);
  if (clicks > 0 && clicks < labels.length) return;
  const found = labels.length === 0 ? 'no rows' : `${clicks > 0 ? 1 : 0} in all ${labels.length} rows`;
  const [where, advice] =
    part === undefined ? ['', ''] : [` of the ${part}`, '; choose other shares or another kind of split'];
  throw new InputError(`labels${where} must be both 0 and 1, got ${found}${advice}`);
}

function measure(
  rows: ScoredRows,
  { trainingRate, seed, resamples, bins = calibrationBinCount }: ClickMetricsOptions,
): ProbabilityReport {
  const { userAuc, ...figures } = probabilityFigures(rows, { seed, resamples, bins });
  const { labels, weights } = rows;
  const entropy = entropyOfRate(trainingRate ?? rateOf(labels, weights));
  const { value, low, high } = figures.logLoss;
  return {
    rows: labels.length,
    clicks: countClicks(labels),
    ...figures,
    userAuc: Number.isNaN(userAuc.value) ? null : userAuc,
    normalizedEntropy: { value: value / entropy, low: low / entropy, high: high / entropy },
    calibrationBins: calibrationBins(rows, ascendingOrder(rows.probabilities), bins),
  };
}

/** Weighted share of clicks. */
export function rateOf(labels: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let clicks = 0;
  let all = 0;
  for (let i = 0; i < labels.length; i++) {
    const weight = weights?.[i] ?? 1;
    clicks += weight * (labels[i] ?? 0);
    all += weight;
  }
  return clicks / all;
}

function countClicks(labels: ArrayLike<number>): number {
  let clicks = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === 1) clicks++;
  return clicks;
}

function checkRows({ labels, probabilities, weights, users }: ScoredRows): void {
  for (const [name, values] of Object.entries({ probabilities, weights, users })) {
    if (values !== undefined && values.length !== labels.length) {
      throw new InputError(`${name} must have one value for each of the ${labels.length} labels, got ${values.length}`);
    }
  }
  for (let i = 0; i < labels.length; i++) {
    const probability = probabilities[i] ?? NaN;
    if (!(probability >= 0 && probability <= 1)) {
      throw new InputError(`probabilities must be from 0 to 1, got ${probability} in row ${i + 1}`);
    }
  }
}
