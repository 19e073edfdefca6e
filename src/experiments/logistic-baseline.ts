/** Logistic regression on what a click network reads: a weight for each category, and for each product of vectors. */
import { sigmoid, softplus } from '../numerics/elementary.js';
import { Random, shuffle } from '../numerics/random.js';
import { sparseFeatures, type SparseFeatures, type SparseTask } from './sparse-features.js';

const rate = 0.1;
/** Weight decays that are tried on the validation rows. */
const decays = [0, 0.003];
const mostEpochs = 12;
/** Epochs without a lower loss after which a decay is given up. */
const patience = 2;

/** Rows of one fit. */
export interface LogisticRows {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
  readonly seed: number;
}

/** What the best fit says. */
export interface LogisticFit {
  /** mean, of the validation rows */
  readonly validationLogLoss: number;
  /** probabilities of the validation rows */
  readonly validation: Float64Array;
  /** probabilities of the test rows */
  readonly test: Float64Array;
}

/**
 * One weight for each of `sparseFeatures`.
 *
 * Adagrad (Duchi et al. 2011) with rate 0.1; decay and epoch are those of the lowest log loss on the validation rows.
 *
 * @throws the signal's reason when it is raised
 */
export async function logisticBaseline(
  task: SparseTask,
  { training, validation, test, seed }: LogisticRows,
  signal?: AbortSignal,
): Promise<LogisticFit> {
  const features = sparseFeatures(task, training);
  let best: { readonly validationLogLoss: number; readonly model: Logistic } | undefined;
  for (const decay of decays) {
    const model = new Logistic(features, decay);
    let waited = 0;
    for (let epoch = 0; epoch < mostEpochs && waited < patience; epoch++) {
      // lets the networks beside it, and Ctrl-C, have their turn
      // oxlint-disable-next-line no-await-in-loop -- epochs follow each other
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      const order = shuffle(Uint32Array.from(training), new Random(seed, 0x4c4f47, epoch));
      for (const row of order) model.learn(row);
      const validationLogLoss = model.meanLoss(validation);
      waited++;
      if (validationLogLoss >= (best?.validationLogLoss ?? Infinity)) continue;
      waited = 0;
      best = { validationLogLoss, model: model.copy() };
    }
  }
  // without a training or validation row, nothing is fitted: a coin
  const { validationLogLoss, model } = best ?? { validationLogLoss: Infinity, model: new Logistic(features, 0) };
  const predict = (rows: Uint32Array) => Float64Array.from(rows, (row) => sigmoid(model.logit(row)));
  return { validationLogLoss, validation: predict(validation), test: predict(test) };
}

/** Weights, the bias last, and what Adagrad remembers of each. */
class Logistic {
  readonly #features: SparseFeatures;
  readonly #decay: number;
  readonly #weights: Float64Array;
  readonly #squares: Float64Array;

  constructor(features: SparseFeatures, decay: number, weights = new Float64Array(features.size + 1)) {
    this.#features = features;
    this.#decay = decay;
    this.#weights = weights;
    this.#squares = new Float64Array(features.size + 1).fill(1e-8);
  }

  /** The weights as they stand. */
  copy(): Logistic {
    return new Logistic(this.#features, this.#decay, this.#weights.slice());
  }

  logit(row: number): number {
    return this.#sum(this.#features.read(row));
  }

  learn(row: number): void {
    const count = this.#features.read(row);
    const { labels, weights } = this.#features.rows;
    const error = ((labels?.[row] ?? 0) - sigmoid(this.#sum(count))) * (weights?.[row] ?? 1);
    this.#step(this.#features.size, error);
    const { places, values } = this.#features;
    for (let i = 0; i < count; i++) {
      const place = places[i] ?? 0;
      this.#step(place, error * (values[i] ?? 0) - this.#decay * (this.#weights[place] ?? 0));
    }
  }

  meanLoss(rows: Uint32Array): number {
    const { labels, weights } = this.#features.rows;
    let loss = 0;
    let total = 0;
    for (const row of rows) {
      const logit = this.logit(row);
      const weight = weights?.[row] ?? 1;
      loss += weight * softplus(labels?.[row] === 1 ? -logit : logit);
      total += weight;
    }
    return loss / total;
  }

  #sum(count: number): number {
    const { places, values, size } = this.#features;
    const weights = this.#weights;
    let sum = weights[size] ?? 0;
    for (let i = 0; i < count; i++) sum += (weights[places[i] ?? 0] ?? 0) * (values[i] ?? 0);
    return sum;
  }

  #step(place: number, gradient: number): void {
    const squares = (this.#squares[place] ?? 0) + gradient * gradient;
    this.#squares[place] = squares;
    this.#weights[place] = (this.#weights[place] ?? 0) + (rate * gradient) / Math.sqrt(squares);
  }
}
