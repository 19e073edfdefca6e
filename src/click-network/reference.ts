/**
 * The click network in plain TypeScript, row by row, in f64: the definition that the kernels are tested against.
 *
 * Forward: vectors, means, products, numbers → ReLU layers → logit. Loss: −log σ(± logit) × weight. Steps: Adam (Kingma
 * and Ba 2015, arXiv:1412.6980) for layers; for the table rows that a batch met, lazy Adam or row-wise Adagrad (Duchi
 * et al. 2011).
 */
import { sigmoid, softplus } from '../numerics/elementary.js';
import { isLeftOut } from './chance.js';
import type { ClickRows } from '../impressions/impressions.js';
import type { NetworkShape } from './network-shape.js';
import type { Parameters } from './parameters.js';

/** Units left out in a batch. */
export interface Dropout {
  readonly key: number;
  readonly threshold: number;
  /** 1 / (1 − share) */
  readonly scale: number;
  /** from 1 */
  readonly step: number;
}

/** Sums over a batch. */
export interface BatchGradients {
  /** row of each table met → gradient, shape [stride] */
  readonly tables: readonly Map<number, Float64Array>[];
  readonly scales: Float64Array;
  /** as the layers' numbers */
  readonly layers: readonly { readonly weights: Float64Array; readonly biases: Float64Array }[];
  /** Σ weight × log loss, and Σ weight */
  loss: number;
  weight: number;
}

/** A vector read for a row: which table row, and what it counts. */
interface Reading {
  readonly id: number;
  readonly share: number;
}

/**
 * The loss of some rows and its gradient; the gradient is of Σ weight × loss / rows.
 *
 * @param rows - of `data`, in the order of the batch
 */
export function batchGradients(
  shape: NetworkShape,
  parameters: Parameters<Float64Array>,
  data: ClickRows,
  rows: readonly number[],
  dropout?: Dropout,
): BatchGradients {
  const sums: BatchGradients = {
    tables: shape.tables.map(() => new Map<number, Float64Array>()),
    scales: new Float64Array(shape.tables.length),
    layers: parameters.layers.map(({ weights, biases }) => ({
      weights: new Float64Array(weights.length),
      biases: new Float64Array(biases.length),
    })),
    loss: 0,
    weight: 0,
  };
  rows.forEach((row, position) => {
    const readings = shape.columns.map((_, c) => readingsOf(shape, data, c, row));
    const values = forward(parameters, inputsOf(shape, parameters, data, row, readings), position, dropout);
    const logit = values.at(-1)?.[0] ?? 0;
    const label = data.labels?.[row] ?? 0;
    const weight = data.weights?.[row] ?? 1;
    sums.loss += weight * (softplus(logit) - label * logit);
    sums.weight += weight;
    const error = ((sigmoid(logit) - label) * weight) / rows.length;
    const inputErrors = backward(parameters, values, error, sums, dropout?.scale ?? 1);
    addToTables(shape, parameters, readings, values[0] ?? new Float64Array(0), inputErrors, sums);
  });
  return sums;
}

/** The logit of a row. */
export function referenceLogit(
  shape: NetworkShape,
  parameters: Parameters<Float64Array>,
  data: ClickRows,
  row: number,
): number {
  const readings = shape.columns.map((_, c) => readingsOf(shape, data, c, row));
  return forward(parameters, inputsOf(shape, parameters, data, row, readings), 0).at(-1)?.[0] ?? 0;
}

/** The table rows that a column reads for a row; those of a list count by their weights' shares. */
function readingsOf(shape: NetworkShape, data: ClickRows, column: number, row: number): Reading[] {
  if (column < shape.categoricalCount) return [{ id: data.categorical[column]?.ids[row] ?? 0, share: 1 }];
  const list = data.lists[column - shape.categoricalCount];
  if (list === undefined) return [];
  const entries: { id: number; weight: number }[] = [];
  for (let at = list.starts[row] ?? 0; at < (list.ends[row] ?? 0); at++) {
    entries.push({ id: list.ids[at] ?? 0, weight: list.entryWeights?.[at] ?? 1 });
  }
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  return entries.map(({ id, weight }) => ({ id, share: total > 0 ? weight / total : 0 }));
}

function inputsOf(
  shape: NetworkShape,
  { tables, scales }: Parameters<Float64Array>,
  data: ClickRows,
  row: number,
  readings: readonly Reading[][],
): Float64Array {
  const x = new Float64Array(shape.width);
  shape.columns.forEach(({ table, at }, c) => {
    const stride = shape.tables[table]?.stride ?? 0;
    for (const { id, share } of readings[c] ?? []) {
      for (let d = 0; d < stride; d++) {
        x[at + d] = (x[at + d] ?? 0) + share * (scales[table] ?? 1) * (tables[table]?.[id * stride + d] ?? 0);
      }
    }
  });
  for (const { from, with: other, at, width } of shape.products) {
    for (let d = 0; d < width; d++) x[at + d] = (x[from + d] ?? 0) * (x[other + d] ?? 0);
  }
  for (let m = 0; m < data.numericWidth; m++) x[shape.numericAt + m] = data.numeric[row * data.numericWidth + m] ?? 0;
  return x;
}

/** The inputs, then what each layer gives. */
function forward(
  { layers }: Parameters<Float64Array>,
  x: Float64Array,
  position: number,
  dropout?: Dropout,
): Float64Array[] {
  const values = [x];
  layers.forEach(({ inputs, outputs, weights, biases }, l) => {
    const before = values[l] ?? x;
    const after = new Float64Array(outputs);
    for (let o = 0; o < outputs; o++) {
      let sum = biases[o] ?? 0;
      for (let i = 0; i < inputs; i++) sum += (weights[o * inputs + i] ?? 0) * (before[i] ?? 0);
      if (l === layers.length - 1) after[o] = sum;
      else after[o] = sum > 0 ? sum * keepFactor(dropout, l, position * outputs + o) : 0;
    }
    values.push(after);
  });
  return values;
}

function keepFactor(dropout: Dropout | undefined, layer: number, index: number): number {
  if (dropout === undefined || dropout.threshold === 0) return 1;
  return isLeftOut(dropout.key, dropout.threshold, dropout.step, layer, index) ? 0 : dropout.scale;
}

/** Adds the layers' gradients. @returns that of the inputs */
function backward(
  { layers }: Parameters<Float64Array>,
  values: readonly Float64Array[],
  error: number,
  sums: BatchGradients,
  scale: number,
): Float64Array {
  let errors = Float64Array.of(error);
  for (let l = layers.length - 1; l >= 0; l--) {
    const layer = layers[l];
    const gradient = sums.layers[l];
    const before = values[l];
    if (layer === undefined || gradient === undefined || before === undefined) continue;
    const { inputs, outputs, weights } = layer;
    const below = new Float64Array(inputs);
    for (let o = 0; o < outputs; o++) {
      const e = errors[o] ?? 0;
      gradient.biases[o] = (gradient.biases[o] ?? 0) + e;
      for (let i = 0; i < inputs; i++) {
        gradient.weights[o * inputs + i] = (gradient.weights[o * inputs + i] ?? 0) + e * (before[i] ?? 0);
        below[i] = (below[i] ?? 0) + e * (weights[o * inputs + i] ?? 0);
      }
    }
    // what ReLU and dropout let through was > 0
    if (l > 0) below.forEach((value, i) => (below[i] = (before[i] ?? 0) > 0 ? value * scale : 0));
    errors = below;
  }
  return errors;
}

function addToTables(
  shape: NetworkShape,
  { tables, scales }: Parameters<Float64Array>,
  readings: readonly Reading[][],
  x: Float64Array,
  errors: Float64Array,
  sums: BatchGradients,
): void {
  for (const { from, with: other, at, width } of shape.products) {
    for (let d = 0; d < width; d++) {
      errors[from + d] = (errors[from + d] ?? 0) + (errors[at + d] ?? 0) * (x[other + d] ?? 0);
      errors[other + d] = (errors[other + d] ?? 0) + (errors[at + d] ?? 0) * (x[from + d] ?? 0);
    }
  }
  shape.columns.forEach(({ table, at }, c) => {
    const stride = shape.tables[table]?.stride ?? 0;
    for (const { id, share } of readings[c] ?? []) {
      const gradient = sums.tables[table]?.get(id) ?? new Float64Array(stride);
      for (let d = 0; d < stride; d++) {
        const error = errors[at + d] ?? 0;
        gradient[d] = (gradient[d] ?? 0) + share * (scales[table] ?? 1) * error;
        sums.scales[table] = (sums.scales[table] ?? 0) + share * error * (tables[table]?.[id * stride + d] ?? 0);
      }
      sums.tables[table]?.set(id, gradient);
    }
  });
}
