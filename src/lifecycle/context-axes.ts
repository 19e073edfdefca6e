/** Axes on which the contexts of a group of categories differ: covariance 1 within a category, diagonal between categories. */
import { symmetricEigen } from '../numerics/symmetric-eigen.js';
import { visitContexts, type MeanContexts, type Person } from './contexts.js';

/** The axes of one group. */
export interface GroupAxes {
  /**
   * A shift of the mean context in units of what chance gives: Σ a δ² / v / Σ a, a = 2 λ / (v + 2 λ).
   *
   * @param shift - shape [D]
   * @param v - 1 / n + 1 / m
   */
  inUnitsOfChance(shift: Float64Array, v: number): number;
}

/** What axes are learned from. */
export interface AxesInput {
  readonly people: readonly Person[];
  /** row-major, shape [V, D] */
  readonly points: Float64Array;
  readonly dimension: number;
  readonly means: MeanContexts;
  /** of each category, shape [V] */
  readonly group: Int32Array;
}

/** Contexts that the covariance of all counts for in that of a group, and share of its trace that is added to its diagonal. */
const [priorContexts, ridge] = [2000, 0.01];
/** Contexts that covariances are learned from, at most. */
const mostContexts = 120_000;
/** Clicks of a category from which its mean says something of how categories differ. */
const leastClicks = 4;

/** Learns the axes of every group; the contexts of both periods count alike. */
export function axesOf({ people, points, dimension: n, means, group }: AxesInput): GroupAxes[] {
  const groups = group.reduce((most, own) => Math.max(most, own), 0) + 1;
  const within = new Float64Array(groups * n * n);
  const seen = new Float64Array(groups);
  const total = people.reduce((sum, { all }) => sum + all.length, 0);
  const step = Math.max(1, Math.ceil(total / mostContexts));
  const some = people.filter((_, i) => i % step === 0);
  const { sums, counts } = means;
  const off = new Float64Array(n);
  visitContexts(some, points, n, (c, context) => {
    const count = counts[c] ?? 0;
    if (count < 2) return;
    const g = group[c] ?? 0;
    seen[g] = (seen[g] ?? 0) + 1;
    for (let d = 0; d < n; d++) off[d] = (context[d] ?? 0) - (sums[c * n + d] ?? 0);
    addOuter(within.subarray(g * n * n, (g + 1) * n * n), off, count / (count - 1));
  });
  const all = new Float64Array(n * n);
  within.forEach((value, at) => (all[at % (n * n)] = (all[at % (n * n)] ?? 0) + value));
  const ofAll = seen.reduce((sum, count) => sum + count, 0);
  return Array.from({ length: groups }, (_, g) => {
    const size = (seen[g] ?? 0) + priorContexts;
    const own = within
      .slice(g * n * n, (g + 1) * n * n)
      .map((value, at) => (value + (priorContexts * (all[at] ?? 0)) / Math.max(1, ofAll)) / size);
    addToDiagonal(own, n, ridge);
    return axes(own, between(own, means, group, g, n), n);
  });
}

/** Covariance between the categories of a group, less what the noise of their means gives. */
function between(within: Float64Array, { sums, counts }: MeanContexts, group: Int32Array, g: number, n: number) {
  const weightOf = (c: number) =>
    group[c] === g && (counts[c] ?? 0) >= leastClicks ? (counts[c] ?? 0) / ((counts[c] ?? 0) + 20) : 0;
  const mean = new Float64Array(n);
  let [total, noise] = [0, 0];
  counts.forEach((count, c) => {
    const weight = weightOf(c);
    if (weight === 0) return;
    total += weight;
    noise += weight / count;
    for (let d = 0; d < n; d++) mean[d] = (mean[d] ?? 0) + weight * (sums[c * n + d] ?? 0);
  });
  const covariance = new Float64Array(n * n);
  const off = new Float64Array(n);
  counts.forEach((_, c) => {
    const weight = weightOf(c);
    if (weight === 0) return;
    for (let d = 0; d < n; d++) off[d] = (sums[c * n + d] ?? 0) - (mean[d] ?? 0) / total;
    addOuter(covariance, off, weight / total);
  });
  return covariance.map((value, at) => value - ((within[at] ?? 0) * noise) / Math.max(total, 1e-12));
}

/** W = Q L Qᵀ, T = Q L^−½, Tᵀ B T = E λ Eᵀ: the axes are the columns of T E with λ > 0. */
function axes(within: Float64Array, covariance: Float64Array, n: number): GroupAxes {
  const whitening = symmetricEigen(within, n);
  // row j is column j of T
  const white = Float64Array.from({ length: n * n }, (_, at) => {
    const [j, d] = [Math.floor(at / n), at % n];
    const scale = whitening.values[j] ?? 0;
    return scale > 0 ? (whitening.vectors[d * n + j] ?? 0) / Math.sqrt(scale) : 0;
  });
  const turned = symmetricEigen(sandwich(white, covariance, n), n);
  const kept = [...turned.values.keys()].filter((i) => (turned.values[i] ?? 0) > 0);
  const lambdas = kept.map((i) => turned.values[i] ?? 0);
  const directions = kept.map((i) => {
    const axis = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      const share = turned.vectors[j * n + i] ?? 0;
      for (let d = 0; d < n; d++) axis[d] = (axis[d] ?? 0) + share * (white[j * n + d] ?? 0);
    }
    return axis;
  });
  return {
    inUnitsOfChance: (shift, v) => {
      let [sum, total] = [0, 0];
      directions.forEach((axis, i) => {
        let delta = 0;
        for (let d = 0; d < n; d++) delta += (axis[d] ?? 0) * (shift[d] ?? 0);
        const a = (2 * (lambdas[i] ?? 0)) / (v + 2 * (lambdas[i] ?? 0));
        sum += (a * delta * delta) / v;
        total += a;
      });
      return total > 0 ? sum / total : 0;
    },
  };
}

/** rows · matrix · the transpose of rows; the lower half of the matrix is read. */
function sandwich(rows: Float64Array, matrix: Float64Array, n: number): Float64Array {
  const at = (i: number, j: number) => matrix[i >= j ? i * n + j : j * n + i] ?? 0;
  const half = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += (rows[i * n + j] ?? 0) * at(j, k);
      half[i * n + k] = sum;
    }
  }
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += (half[i * n + j] ?? 0) * (rows[k * n + j] ?? 0);
      product[i * n + k] = sum;
    }
  }
  return product;
}

/** matrix += weight · x xᵀ, the lower half. */
function addOuter(matrix: Float64Array, x: Float64Array, weight: number): void {
  const n = x.length;
  for (let i = 0; i < n; i++) {
    const scaled = weight * (x[i] ?? 0);
    for (let j = 0; j <= i; j++) matrix[i * n + j] = (matrix[i * n + j] ?? 0) + scaled * (x[j] ?? 0);
  }
}

function addToDiagonal(matrix: Float64Array, n: number, share: number): void {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += matrix[i * n + i] ?? 0;
  for (let i = 0; i < n; i++) matrix[i * n + i] = (matrix[i * n + i] ?? 0) + (share * trace) / n + 1e-12;
}
