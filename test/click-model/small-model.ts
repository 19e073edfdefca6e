/** A click model with every kind of input, small enough to compute by hand; its numbers have many bits. */
import type { SavedClickModel } from '../../src/click-model/model-description.js';
import type { ClickTable, DenseLayer } from '../../src/click-network/model.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

/** Two tables, two categorical columns, two lists of which one by recency, a product, two numbers of which one is marked. */
export function smallModel(seed = 1): SavedClickModel {
  const random = new Random(seed);
  const matrix = (length: number): Float32Array => Float32Array.from({ length }, () => random.uniform() - 0.5);
  const table = (rows: number, dimension: number): ClickTable => ({ dimension, vectors: matrix(rows * dimension) });
  const layer = (inputs: number, outputs: number): DenseLayer => ({
    inputs,
    outputs,
    weights: matrix(inputs * outputs),
    biases: matrix(outputs),
  });
  return {
    encoder: {
      tables: [
        { domain: 'advertiser', vocabulary: new Vocabulary(['b', 'a', 'ü/?'], Float64Array.of(5, 3, 1)) },
        { domain: 'site', vocabulary: new Vocabulary(['news', '<unknown>'], Float64Array.of(9, 2)) },
      ],
      categorical: [
        { name: 'advertiser', table: 0 },
        { name: 'position', table: 1, predictedAs: 1 },
      ],
      lists: [
        { name: 'history', table: 0, halfLifeSeconds: 3600 },
        { name: 'reading', table: 1 },
      ],
      numeric: [
        { name: 'hour', mean: 11.3, deviation: 0.1 + 0.2, isMarked: true },
        { name: 'age', mean: 40, deviation: 12, isMarked: false, predictedAs: 30 },
      ],
    },
    network: {
      tables: [table(4, 4), table(3, 3)],
      products: [{ categorical: 0, list: 0 }],
      // 4 + 3 of columns, 4 + 3 of lists, 4 of the product, 3 numbers
      layers: [layer(21, 6), layer(6, 5), layer(5, 1)],
      logitOffset: -0.7,
    },
    provenance: { seed, options: { epochs: 2 } },
  };
}
