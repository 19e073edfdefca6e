/** A click model's probabilities in f64 and in the plainest way, from its definition: what exports are compared with. */
import type { SavedClickModel } from '../../src/click-model/model-description.js';

/** One impression: numbers of categories (0 unknown), lists of them with what each entry counts, numbers as they stand. */
export interface PlainRow {
  readonly ids: readonly number[];
  readonly lists: readonly (readonly { readonly id: number; readonly weight: number }[])[];
  readonly numbers: readonly number[];
}

/** The probability of a click. */
export function plainProbability({ encoder, network }: SavedClickModel, { ids, lists, numbers }: PlainRow): number {
  const rowOf = (table: number, id: number): number[] => {
    const { vectors = new Float32Array(), dimension = 0 } = network.tables[table] ?? {};
    const row = id >= 0 && id < vectors.length / dimension ? id : 0;
    return [...vectors.subarray(row * dimension, (row + 1) * dimension)];
  };
  const columns = encoder.categorical.map(({ table, predictedAs }, c) => rowOf(table, predictedAs ?? ids[c] ?? 0));
  const means = encoder.lists.map(({ table }, l) => {
    const entries = lists[l] ?? [];
    const total = entries.reduce((sum, { weight }) => sum + weight, 0);
    return rowOf(table, 0).map((_, d) =>
      total === 0 ? 0 : entries.reduce((sum, { id, weight }) => sum + weight * (rowOf(table, id)[d] ?? 0), 0) / total,
    );
  });
  const products = network.products.map(({ categorical, list }) =>
    (columns[categorical] ?? []).map((value, d) => value * (means[list]?.[d] ?? 0)),
  );
  const standardized = encoder.numeric.flatMap(({ mean, deviation, isMarked, predictedAs }, n) => {
    const value = predictedAs ?? numbers[n] ?? NaN;
    const scaled = Number.isNaN(value) ? 0 : (value - mean) / deviation;
    return isMarked ? [scaled, Number.isNaN(value) ? 1 : 0] : [scaled];
  });
  let values = [...columns, ...means, ...products].flat().concat(standardized);
  network.layers.forEach(({ inputs, outputs, weights, biases }, l) => {
    values = Array.from({ length: outputs }, (_, o) => {
      const sum = values.reduce((total, value, i) => total + value * (weights[o * inputs + i] ?? 0), biases[o] ?? 0);
      return l + 1 < network.layers.length ? Math.max(0, sum) : sum;
    });
  });
  return 1 / (1 + Math.exp(-((values[0] ?? NaN) + network.logitOffset)));
}
