import { describe, expect, test } from 'vitest';
import { dropoutKey, dropoutThreshold } from '../../src/click-network/chance.js';
import { everyProduct, shapeNetwork } from '../../src/click-network/network-shape.js';
import { initialParameters, type Parameters } from '../../src/click-network/parameters.js';
import { batchGradients } from '../../src/click-network/reference.js';
import { smallRows, tableSizes } from '../click-model/small-world.js';

const data = smallRows(12, 5);
const rows = [...Array(12).keys()];

function arrange(dimension: number) {
  const shape = shapeNetwork(
    data,
    tableSizes.map((size, t) => ({ rows: size, dimension: dimension + t })),
    { hidden: [7, 5], products: everyProduct(data) },
  );
  const { tables, layers } = initialParameters(shape, 3, 0.7);
  const parameters: Parameters<Float64Array> = {
    tables: tables.map((table) => Float64Array.from(table)),
    scales: [1.3, 0.8],
    layers: layers.map((layer, l) => ({
      ...layer,
      weights: Float64Array.from(layer.weights),
      // away from 0, where ReLU bends
      biases: Float64Array.from(layer.biases, (_, o) => (o < (shape.trueHidden[l] ?? 1) ? 0.05 * (o + 1) : 0)),
    })),
  };
  return { shape, parameters };
}

describe.each([
  ['without dropout', undefined],
  ['with dropout', { key: dropoutKey(9), threshold: dropoutThreshold(0.4), scale: 1 / 0.6, step: 3 }],
])('the gradient of the reference, %s', (_, dropout) => {
  const { shape, parameters } = arrange(6);
  const gradients = batchGradients(shape, parameters, data, rows, dropout);
  const lossAt = (): number => batchGradients(shape, parameters, data, rows, dropout).loss / rows.length;

  /** Central difference; its own error is of the order of 1e-10 in f64 with steps of 1e-5. */
  function slope(numbers: Float64Array | number[], at: number): number {
    const kept = numbers[at] ?? 0;
    numbers[at] = kept + 1e-5;
    const above = lossAt();
    numbers[at] = kept - 1e-5;
    const below = lossAt();
    numbers[at] = kept;
    return (above - below) / 2e-5;
  }

  test('is the slope of the loss along every number of the layers', () => {
    for (const [l, { weights, biases }] of parameters.layers.entries()) {
      weights.forEach((__, i) => expect(gradients.layers[l]?.weights[i]).toBeCloseTo(slope(weights, i), 7));
      expect(gradients.layers[l]?.biases[0]).toBeCloseTo(slope(biases, 0), 7);
    }
  });

  test('is the slope of the loss along every number of the tables, and 0 for rows that were not met', () => {
    for (const [t, table] of parameters.tables.entries()) {
      const { stride = 1 } = shape.tables[t] ?? {};
      table.forEach((__, i) => {
        const own = gradients.tables[t]?.get(Math.floor(i / stride))?.[i % stride] ?? 0;
        expect(own).toBeCloseTo(slope(table, i), 7);
      });
    }
  });

  test('is the slope of the loss along the scales', () => {
    parameters.scales.forEach((__, t) => expect(gradients.scales[t]).toBeCloseTo(slope(parameters.scales, t), 7));
  });
});
