/** The steps of the click network's optimizers in plain TypeScript: what the kernels do after each batch. */
import type { NetworkShape } from './network-shape.js';
import type { Parameters } from './parameters.js';
import type { BatchGradients } from './reference.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** How a table moves. */
export interface TableRule {
  readonly isFrozen: boolean;
  readonly rate: number;
  readonly l2: number;
  readonly isScaleLearned: boolean;
  /** rows are pulled toward these, shape [rows, stride] */
  readonly anchor?: ArrayLike<number> | undefined;
  readonly lambda: number;
}

/** How everything moves. */
export interface StepRule {
  readonly optimizer: 'adam' | 'adagrad';
  readonly learningRate: number;
  readonly l2: number;
  readonly tables: readonly TableRule[];
}

/** What the optimizers remember. */
export interface OptimizerState {
  readonly layers: readonly { readonly weights: Moments; readonly biases: Moments }[];
  readonly tables: readonly { readonly moments: Moments; readonly lastStep: Int32Array; readonly sums: Float64Array }[];
  readonly scales: Moments;
}

interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Nothing remembered. */
export function emptyState(shape: NetworkShape, { layers }: Parameters<Float64Array>): OptimizerState {
  const moments = (length: number): Moments => ({ first: new Float64Array(length), second: new Float64Array(length) });
  return {
    layers: layers.map(({ weights, biases }) => ({ weights: moments(weights.length), biases: moments(biases.length) })),
    tables: shape.tables.map(({ rows, stride }) => ({
      moments: moments(rows * stride),
      lastStep: new Int32Array(rows),
      sums: new Float64Array(rows),
    })),
    scales: moments(shape.tables.length),
  };
}

/**
 * Moves everything once.
 *
 * Adam: w ← w − rate √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε √(1 − β₂ᵗ)), of table rows for those met alone. Adagrad: a
 * row's sum grows by the mean square of its gradient, w ← w − rate · g / √sum. Rows with an anchor then move by the
 * implicit steps of λ‖row − anchor‖² / 2 for all batches since they last moved: row ← anchor + (row − anchor) / (1 + rate λ)ⁿ.
 *
 * @param step - number of the batch, from 1
 */
export function takeSteps(
  shape: NetworkShape,
  parameters: Parameters<Float64Array>,
  gradients: BatchGradients,
  state: OptimizerState,
  { rule, step }: { readonly rule: StepRule; readonly step: number },
): void {
  const moveLayer = adamOf(rule.learningRate, step);
  parameters.layers.forEach(({ weights, biases }, l) => {
    const own = gradients.layers[l];
    const kept = state.layers[l];
    if (own === undefined || kept === undefined) return;
    weights.forEach((_, i) => moveLayer(weights, kept.weights, i, (own.weights[i] ?? 0) + rule.l2 * (weights[i] ?? 0)));
    biases.forEach((_, i) => moveLayer(biases, kept.biases, i, own.biases[i] ?? 0));
  });
  shape.tables.forEach((table, t) => {
    const moving = rule.tables[t];
    if (moving === undefined) return;
    if (moving.isScaleLearned) {
      const scales = Float64Array.from(parameters.scales);
      moveLayer(scales, state.scales, t, gradients.scales[t] ?? 0);
      parameters.scales[t] = scales[t] ?? 1;
    }
    if (moving.isFrozen) return;
    for (const [row, gradient] of gradients.tables[t] ?? []) {
      moveRow({ table, vectors: parameters.tables[t], row, gradient }, moving, state.tables[t], rule.optimizer, step);
    }
  });
}

interface RowStep {
  readonly table: NetworkShape['tables'][number];
  readonly vectors: Float64Array | undefined;
  readonly row: number;
  readonly gradient: Float64Array;
}

function moveRow(
  { table: { stride, dimension }, vectors, row, gradient }: RowStep,
  { rate, l2, anchor, lambda }: TableRule,
  state: OptimizerState['tables'][number] | undefined,
  optimizer: StepRule['optimizer'],
  step: number,
): void {
  if (vectors === undefined || state === undefined) return;
  const from = row * stride;
  const whole = gradient.map((value, d) => value + l2 * (vectors[from + d] ?? 0));
  if (optimizer === 'adam') {
    const move = adamOf(rate, step);
    whole.forEach((value, d) => move(vectors, state.moments, from + d, value));
  } else {
    const sum = (state.sums[row] ?? 0) + whole.reduce((total, value) => total + value * value, 0) / dimension;
    state.sums[row] = sum;
    whole.forEach(
      (value, d) => (vectors[from + d] = (vectors[from + d] ?? 0) - (rate * value) / (Math.sqrt(sum) + 1e-10)),
    );
  }
  const elapsed = step - (state.lastStep[row] ?? 0);
  state.lastStep[row] = step;
  if (anchor === undefined) return;
  const share = power(1 / (1 + rate * lambda), elapsed);
  for (let at = from; at < from + stride; at++) {
    const goal = anchor[at] ?? 0;
    vectors[at] = goal + ((vectors[at] ?? 0) - goal) * share;
  }
}

/** xⁿ by squaring, as the kernels have it. */
export function power(x: number, n: number): number {
  let result = 1;
  let square = x;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

function adamOf(rate: number, step: number) {
  const correction = Math.sqrt(1 - power(BETA2, step));
  const length = (rate * correction) / (1 - power(BETA1, step));
  return (values: Float64Array, { first, second }: Moments, i: number, gradient: number): void => {
    const m = BETA1 * (first[i] ?? 0) + (1 - BETA1) * gradient;
    const v = BETA2 * (second[i] ?? 0) + (1 - BETA2) * gradient * gradient;
    first[i] = m;
    second[i] = v;
    values[i] = (values[i] ?? 0) - (length * m) / (Math.sqrt(v) + EPSILON * correction);
  };
}
