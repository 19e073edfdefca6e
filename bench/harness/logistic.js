// Logistic regression on what a click network reads: one weight for each category, list entries sharing 1 / n, numbers
// as they are.
import { generator } from './click-logs.js';

const rates = [0.02, 0.1];
const pulls = [0, 0.0003, 0.003];
const epochs = 12;

/** @typedef {import('category2vec').ClickRows} ClickRows */
/** @typedef {{ weights: Float64Array, bias: number }} Linear */

/**
 * Adagrad, row by row, with L2; rate, pull and epoch are those of the lowest log loss on the validation rows.
 *
 * @param {{ rows: ClickRows, tableSizes: readonly number[] }} data
 * @param {{ training: Uint32Array, validation: Uint32Array, test: Uint32Array, seed: number }} parts
 * @returns {Float64Array} probabilities of the test rows
 */
export function logisticRegression({ rows, tableSizes }, { training, validation, test, seed }) {
  const features = featuresOf(rows, tableSizes);
  const { labels = new Uint8Array() } = rows;
  let best = { loss: Infinity, probabilities: new Float64Array(test.length) };
  for (const rate of rates) {
    for (const pull of pulls) {
      /** @type {Linear} */
      const model = { weights: new Float64Array(features.size), bias: 0 };
      const sums = new Float64Array(features.size + 1).fill(1e-8);
      for (let epoch = 0; epoch < epochs; epoch++) {
        for (const row of shuffled(training, seed * 1000 + epoch)) {
          const error = (labels[row] ?? 0) - probability(model, features, row);
          sums[features.size] = (sums[features.size] ?? 0) + error * error;
          model.bias += (rate * error) / Math.sqrt(sums[features.size] ?? 1);
          features.visit(row, (at, value) => {
            const gradient = error * value - pull * (model.weights[at] ?? 0);
            sums[at] = (sums[at] ?? 0) + gradient * gradient;
            model.weights[at] = (model.weights[at] ?? 0) + (rate * gradient) / Math.sqrt(sums[at] ?? 1);
          });
        }
        const loss = logLoss(model, features, validation, labels);
        if (loss >= best.loss) continue;
        best = { loss, probabilities: Float64Array.from(test, (row) => probability(model, features, row)) };
      }
    }
  }
  return best.probabilities;
}

/** @typedef {ReturnType<typeof featuresOf>} Features */

/** @param {ClickRows} rows @param {readonly number[]} tableSizes */
function featuresOf({ categorical, lists, numeric, numericWidth }, tableSizes) {
  let size = 0;
  const placed = [...categorical, ...lists].map(({ table }) => {
    const first = size;
    size += tableSizes[table] ?? 0;
    return first;
  });
  const numbers = size;
  /** @param {number} row @param {(at: number, value: number) => void} see */
  const visit = (row, see) => {
    categorical.forEach(({ ids }, i) => see((placed[i] ?? 0) + (ids[row] ?? 0), 1));
    lists.forEach(({ ids, starts, ends }, i) => {
      const start = starts[row] ?? 0;
      const end = ends[row] ?? 0;
      const first = placed[categorical.length + i] ?? 0;
      for (let entry = start; entry < end; entry++) see(first + (ids[entry] ?? 0), 1 / (end - start));
    });
    for (let i = 0; i < numericWidth; i++) see(numbers + i, numeric[row * numericWidth + i] ?? 0);
  };
  return { size: size + numericWidth, visit };
}

/** @param {Linear} model @param {Features} features @param {number} row */
function probability({ weights, bias }, features, row) {
  let logit = bias;
  features.visit(row, (at, value) => (logit += (weights[at] ?? 0) * value));
  return 1 / (1 + Math.exp(-logit));
}

/** @param {Linear} model @param {Features} features @param {Uint32Array} rows @param {Uint8Array} labels */
function logLoss(model, features, rows, labels) {
  let sum = 0;
  for (const row of rows) {
    const p = Math.min(1 - 1e-12, Math.max(1e-12, probability(model, features, row)));
    sum -= labels[row] === 1 ? Math.log(p) : Math.log(1 - p);
  }
  return sum / rows.length;
}

/** @param {Uint32Array} rows @param {number} seed */
function shuffled(rows, seed) {
  const order = Uint32Array.from(rows);
  const random = generator(seed);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
