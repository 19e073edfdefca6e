/** What a click model is: how impressions become rows of tables, and the weights of the network that reads them. */
import { objectWith } from '../step.js';
import type { Vocabulary } from '../vocabulary.js';

/**
 * The categories of one domain, in table order: category r of the vocabulary stands in row r + 1, row 0 is the unknown
 * category.
 */
export interface TableKeys {
  readonly domain: string;
  /** counts are occurrences in training rows, histories and lists included */
  readonly vocabulary: Vocabulary;
}

/** How a categorical column is read. */
export interface CategoricalInput {
  /** of the column */
  readonly name: string;
  /** index of its table */
  readonly table: number;
  /** the row that is read instead of the column's own when predicting: a position set to its stated value */
  readonly predictedAs?: number | undefined;
}

/**
 * The categorical inputs without those that read a column once more, through a table of its own numbers: each column
 * once.
 */
export function distinctColumns(categorical: readonly CategoricalInput[]): readonly CategoricalInput[] {
  return categorical.filter(({ name }, i) => categorical.findIndex((other) => other.name === name) === i);
}

/** How a list column is read: the mean of its categories' vectors, zeros where it is empty. */
export interface ListInput {
  /** of the column */
  readonly name: string;
  /** index of its table */
  readonly table: number;
  /** age in seconds at which an entry weighs half; undefined: all weigh alike */
  readonly halfLifeSeconds?: number | undefined;
}

/** How a numeric column is read: (value − mean) / deviation, 0 where it is missing. */
export interface NumericInput {
  /** of the column */
  readonly name: string;
  /** of the training rows, and their deviation */
  readonly mean: number;
  /** > 0 */
  readonly deviation: number;
  /** whether a second number says that the value is missing: 1 or 0 */
  readonly isMarked: boolean;
  /** the value, not standardized, that is read instead of the column's own when predicting */
  readonly predictedAs?: number | undefined;
}

/** How impressions become `ClickRows`; learned from training rows alone. */
export interface ClickEncoder {
  readonly tables: readonly TableKeys[];
  readonly categorical: readonly CategoricalInput[];
  readonly lists: readonly ListInput[];
  readonly numeric: readonly NumericInput[];
}

/** The rows of one domain as the network reads them: scales and projections of a transfer are already multiplied in. */
export interface ClickTable {
  readonly dimension: number;
  /** row-major, shape [V + 1, D]; row 0 is the unknown category */
  readonly vectors: Float32Array;
}

/** out[o] = biases[o] + Σ weights[o, i] · in[i]; ReLU after every layer but the last. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** row-major, shape [outputs, inputs] */
  readonly weights: Float32Array;
  /** shape [outputs] */
  readonly biases: Float32Array;
}

/** Elementwise product of a categorical column's vector and a list's mean; both read the same table. */
export interface ProductInput {
  /** index among the categorical columns */
  readonly categorical: number;
  /** index among the lists */
  readonly list: number;
}

/**
 * The network from table rows to a logit.
 *
 * The first layer reads, side by side: the vector of each categorical column, the mean of each list, each product, and
 * the numbers of
 * `ClickRows.numeric`. The last layer has one output; probability = 1 / (1 + exp(−(logit + logitOffset))).
 */
export interface ClickNetwork {
  readonly tables: readonly ClickTable[];
  readonly products: readonly ProductInput[];
  readonly layers: readonly DenseLayer[];
  /** what undoes the thinning of non-clicks in training: ln of the share that was kept; 0 where all were */
  readonly logitOffset: number;
}

/** Everything needed to turn impressions into probabilities. */
export interface ClickModel {
  readonly encoder: ClickEncoder;
  readonly network: ClickNetwork;
}

/** A click model as the argument of a step. */
export const aClickModel = objectWith('a click model, as trainClickModel or readClickModel gives it', [
  'encoder',
  'network',
]);

/** A network as the argument of a step. */
export const aNetwork = objectWith('the network of a click model', ['tables', 'layers', 'products']);

/** An encoder as the argument of a step. */
export const anEncoder = objectWith('the encoder of a click model', ['tables', 'categorical', 'numeric']);
