/** Logistic regression on what a click network reads: a weight for each category, and for each product of vectors. */
import { encodeImpressions, fitEncoder, type EncoderOptions } from '../click-model/encode.js';
import type { ColumnTransfer } from '../click-network/training-input.js';
import type { ClickRows, Impressions } from '../impressions/impressions.js';
import { sigmoid, softplus } from '../numerics/elementary.js';
import { Random, shuffle } from '../numerics/random.js';

const rate = 0.1;
/** Weight decays that are tried on the validation rows. */
const decays = [0, 0.003];
const mostEpochs = 12;
/** Epochs without a lower loss after which a decay is given up. */
const patience = 2;

/** What it reads and is judged by. */
export interface LogisticTask {
  readonly impressions: Impressions;
  readonly encoder: EncoderOptions | undefined;
  /** embeddings whose products with each list of their domain are read, too */
  readonly transfers: readonly ColumnTransfer[];
}

/** Rows of one fit. */
export interface LogisticRows {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
  readonly seed: number;
}

/**
 * One weight for each category of each column, entries of a list sharing 1 / n, numbers as the network reads them, and
 * one weight for each number of an embedding's product with a list's mean, whose root mean square over the training
 * rows is 1.
 *
 * Adagrad (Duchi et al. 2011) with rate 0.1; decay and epoch are those of the lowest log loss on the validation rows.
 *
 * @returns mean log loss of the validation rows, and probabilities of the test rows
 * @throws the signal's reason when it is raised
 */
export async function logisticBaseline(
  { impressions, encoder, transfers }: LogisticTask,
  { training, validation, test, seed }: LogisticRows,
  signal?: AbortSignal,
): Promise<{ readonly validationLogLoss: number; readonly test: Float64Array }> {
  const fitted = fitEncoder(impressions, training, encoder);
  const rows = encodeImpressions(impressions, fitted);
  const sizes = fitted.tables.map(({ vocabulary }) => vocabulary.size + 1);
  const features = new Features(rows, sizes, productsOf(impressions, transfers, training));
  let best = { validationLogLoss: Infinity, test: new Float64Array(test.length) };
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
      if (validationLogLoss >= best.validationLogLoss) continue;
      waited = 0;
      best = { validationLogLoss, test: Float64Array.from(test, (row) => sigmoid(model.logit(row))) };
    }
  }
  return best;
}

/** Numbers beside the encoded rows, shape [rows, width]. */
interface Products {
  readonly width: number;
  readonly numbers: Float32Array;
}

/** The features of a row, one after the other, as places and values. */
class Features {
  readonly size: number;
  readonly rows: ClickRows;
  places = new Uint32Array(256);
  values = new Float64Array(256);
  readonly #starts: readonly number[];
  readonly #products: readonly Products[];

  constructor(rows: ClickRows, sizes: readonly number[], products: readonly Products[]) {
    this.rows = rows;
    this.#products = products;
    let size = 0;
    this.#starts = [...rows.categorical, ...rows.lists].map(({ table }) => {
      const start = size;
      size += sizes[table] ?? 0;
      return start;
    });
    this.size = products.reduce((sum, { width }) => sum + width, size + rows.numericWidth);
  }

  /** Writes a row's features. @returns how many there are */
  read(row: number): number {
    const { categorical, lists, numeric, numericWidth } = this.rows;
    let count = 0;
    const write = (place: number, value: number): void => {
      if (count === this.places.length) this.#grow();
      this.places[count] = place;
      this.values[count++] = value;
    };
    categorical.forEach(({ ids }, c) => write((this.#starts[c] ?? 0) + (ids[row] ?? 0), 1));
    lists.forEach(({ ids, starts, ends, entryWeights }, l) => {
      const [start = 0, end = 0, first = 0] = [starts[row], ends[row], this.#starts[categorical.length + l]];
      let total = 0;
      for (let at = start; at < end; at++) total += entryWeights?.[at] ?? 1;
      if (total === 0) return;
      for (let at = start; at < end; at++) {
        write(first + (ids[at] ?? 0), (entryWeights?.[at] ?? 1) / total);
      }
    });
    let place = this.size - numericWidth - this.#products.reduce((sum, { width }) => sum + width, 0);
    for (let m = 0; m < numericWidth; m++) write(place++, numeric[row * numericWidth + m] ?? 0);
    for (const { width, numbers } of this.#products) {
      for (let d = 0; d < width; d++) write(place++, numbers[row * width + d] ?? 0);
    }
    return count;
  }

  #grow(): void {
    const { places, values } = this;
    this.places = new Uint32Array(places.length * 2);
    this.values = new Float64Array(values.length * 2);
    this.places.set(places);
    this.values.set(values);
  }
}

/** Weights, the bias last, and what Adagrad remembers of each. */
class Logistic {
  readonly #features: Features;
  readonly #decay: number;
  readonly #weights: Float64Array;
  readonly #squares: Float64Array;

  constructor(features: Features, decay: number) {
    this.#features = features;
    this.#decay = decay;
    this.#weights = new Float64Array(features.size + 1);
    this.#squares = new Float64Array(features.size + 1).fill(1e-8);
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
    let sum = this.#weights[size] ?? 0;
    for (let i = 0; i < count; i++) sum += (this.#weights[places[i] ?? 0] ?? 0) * (values[i] ?? 0);
    return sum;
  }

  #step(place: number, gradient: number): void {
    const squares = (this.#squares[place] ?? 0) + gradient * gradient;
    this.#squares[place] = squares;
    this.#weights[place] = (this.#weights[place] ?? 0) + (rate * gradient) / Math.sqrt(squares);
  }
}

/** Each embedding's vector of its column times the mean of its vectors of each list of the same domain. */
function productsOf(
  { categorical, lists, domains, count }: Impressions,
  transfers: readonly ColumnTransfer[],
  training: Uint32Array,
): Products[] {
  return transfers.flatMap(({ column, embedding: { vocabulary, vectors, dimension } }) => {
    const shown = categorical.find(({ name }) => name === column);
    if (shown === undefined) return [];
    const rowOf = (domains.get(shown.domain) ?? []).map((key) => vocabulary.rowOf(key) ?? -1);
    return lists
      .filter(({ domain }) => domain === shown.domain)
      .map((list) => {
        const numbers = new Float32Array(count * dimension);
        for (let row = 0; row < count; row++) {
          const own = rowOf[shown.codes[row] ?? -1] ?? -1;
          if (own < 0) continue;
          const [start = 0, end = 0] = [list.starts[row], list.ends[row]];
          for (let at = start; at < end; at++) {
            const other = rowOf[list.codes[at] ?? -1] ?? -1;
            if (other < 0) continue;
            for (let d = 0; d < dimension; d++) {
              const product = (vectors[own * dimension + d] ?? 0) * (vectors[other * dimension + d] ?? 0);
              numbers[row * dimension + d] = (numbers[row * dimension + d] ?? 0) + product / (end - start);
            }
          }
        }
        return { width: dimension, numbers: scaled(numbers, dimension, training) };
      });
  });
}

/** Divides each number by its root mean square over the training rows. */
function scaled(numbers: Float32Array, width: number, training: Uint32Array): Float32Array {
  const squares = new Float64Array(width);
  for (const row of training) {
    for (let d = 0; d < width; d++) {
      const value = numbers[row * width + d] ?? 0;
      squares[d] = (squares[d] ?? 0) + value * value;
    }
  }
  const factors = squares.map((sum) => (sum > 0 ? Math.sqrt(training.length / sum) : 0));
  return numbers.map((value, i) => value * (factors[i % width] ?? 0));
}
