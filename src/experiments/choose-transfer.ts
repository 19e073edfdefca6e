/** Which transfer validation chooses: of those it cannot tell from the best, the simplest. */
import { rowLoss } from '../numerics/probability-metrics.js';
import type { Comparison, ComparisonRow, Transfer, TransferChoice, ValidationLead } from './comparison.js';
import type { Impressions } from '../impressions/impressions.js';

/** What a model said of the validation rows of one fraction and seed. */
export interface ValidatedRun {
  readonly transfer: string;
  readonly fraction: number;
  readonly seed: number;
  /** the same for all models of this fraction and seed */
  readonly rows: Uint32Array;
  /** of these rows, in their order */
  readonly probabilities: Float64Array;
}

/** What the rows of the impressions say of judging them. */
export type JudgedRows = Pick<Impressions, 'labels' | 'weights' | 'users'>;

/** What is chosen among, and what it is compared with. */
export interface Choice {
  readonly fraction: number;
  /** transfers that use an embedding */
  readonly names: readonly string[];
  /** models that do without */
  readonly baselines: readonly string[];
  readonly oracle: Comparison['oracle'];
}

/** Transfers, the one that learns least first; measured, see docs/click-model.md. */
const simplest: readonly Transfer[] = ['features', 'init', 'soft', 'hard'];

/**
 * The one-standard-error rule (Breiman, Friedman, Olshen and Stone 1984, §3.4.3): of the transfers whose validation log
 * loss is within one standard error of the lowest, the first of `features`, `init`, `soft`, `hard`. The error is of the
 * paired difference, over users.
 *
 * @param rows - single runs, for the share of the gap that is closed
 * @returns none where there is no transfer
 */
export function chooseTransfer(
  rows: readonly ComparisonRow[],
  validated: { readonly runs: readonly ValidatedRun[]; readonly impressions: JudgedRows },
  { fraction, names, baselines, oracle }: Choice,
): TransferChoice[] {
  const runs = validated.runs.filter((run) => run.fraction === fraction);
  const leadOver = (transfer: string, of: string): ValidationLead => ({
    transfer,
    ...lossDifference(ofModel(runs, transfer), ofModel(runs, of), validated.impressions),
  });
  const lossOf = (name: string): number => meanOf(rows, { name, fraction }, (row) => row.validationLogLoss);
  const byLoss = (models: readonly string[]): string[] => models.toSorted((a, b) => lossOf(a) - lossOf(b));
  const placeOf = (name: string): number => simplest.findIndex((transfer) => transfer === name);
  const [lowest] = byLoss(names);
  if (lowest === undefined) return [];
  const level = names.filter((name) => {
    const { logLoss, standardError } = leadOver(name, lowest);
    return name === lowest || logLoss <= standardError;
  });
  const chosen = level.toSorted((a, b) => placeOf(a) - placeOf(b))[0] ?? lowest;
  const [next] = byLoss(names.filter((name) => name !== chosen));
  const [baseline] = byLoss(baselines);
  const aucOf = (name: string): number => meanOf(rows, { name, fraction }, ({ auc }) => auc);
  const gapClosed = (aucOf(chosen) - aucOf('scratch')) / ((oracle?.auc ?? NaN) - aucOf('scratch'));
  return [
    {
      fraction,
      transfer: chosen,
      gapClosed: Number.isFinite(gapClosed) ? gapClosed : null,
      nextTransfer: next === undefined ? null : leadOver(next, chosen),
      bestBaseline: baseline === undefined ? null : leadOver(baseline, chosen),
    },
  ];
}

function meanOf(
  rows: readonly ComparisonRow[],
  { name, fraction }: { readonly name: string; readonly fraction: number },
  value: (row: ComparisonRow) => number,
): number {
  const own = rows.filter((row) => row.transfer === name && row.fraction === fraction).map(value);
  return own.reduce((sum, each) => sum + each, 0) / own.length;
}

function ofModel(runs: readonly ValidatedRun[], transfer: string): ReadonlyMap<number, ValidatedRun> {
  return new Map(runs.filter((run) => run.transfer === transfer).map((run) => [run.seed, run]));
}

/**
 * Log loss of a − that of b, the mean over seeds, with the standard error over users (rows, where there are none): that
 * of a ratio of sums, as users have different numbers of rows.
 */
function lossDifference(
  a: ReadonlyMap<number, ValidatedRun>,
  b: ReadonlyMap<number, ValidatedRun>,
  { labels, weights, users }: JudgedRows,
): { readonly logLoss: number; readonly standardError: number } {
  const sums = new Map<number, { difference: number; weight: number }>();
  for (const [seed, { rows, probabilities }] of a) {
    const others = b.get(seed)?.probabilities;
    const total = rows.reduce((sum, row) => sum + (weights?.[row] ?? 1), 0) * a.size;
    rows.forEach((row, i) => {
      const weight = (weights?.[row] ?? 1) / total;
      const label = labels?.[row] ?? 0;
      const difference = rowLoss(label, probabilities[i] ?? NaN) - rowLoss(label, others?.[i] ?? NaN);
      const own = sums.get(users?.[row] ?? row) ?? { difference: 0, weight: 0 };
      own.difference += weight * difference;
      own.weight += weight;
      sums.set(users?.[row] ?? row, own);
    });
  }
  let logLoss = 0;
  for (const { difference } of sums.values()) logLoss += difference;
  let squares = 0;
  for (const { difference, weight } of sums.values()) {
    const rest = difference - logLoss * weight;
    squares += rest * rest;
  }
  return { logLoss, standardError: Math.sqrt(squares) };
}
