/** Search by bounds: never below the products that they bound, and the same answers number by number. */
import { describe, expect, test } from 'vitest';
import { buildBoundedIndex } from '../../src/embedding/bounded-index.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { largestRows, productsFrom } from '../../src/embedding/largest-products.js';
import { buildNearestIndex } from '../../src/embedding/nearest-index.js';
import { NearestSearch } from '../../src/embedding/nearest.js';
import { Recommender, vectorRules } from '../../src/evaluation/recommend.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

type Fill = (random: Random, row: number, column: number) => number;

const fills: Readonly<Record<string, Fill>> = {
  'of random numbers': (random) => random.uniform() - 0.5,
  'with one number that outweighs the others': (random, _, column) =>
    (random.uniform() - 0.5) * (column === 0 ? 1000 : 1),
  'that are equal by sixteens': (_, row, column) => ((Math.floor(row / 16) * 7 + column * 3) % 11) - 5,
  'of which some are zeros': (random, row) => (row % 5 === 0 ? 0 : random.uniform() - 0.5),
  'of tiny numbers': (random) => (random.uniform() - 0.5) * 1e-30,
  'of denormal numbers': (random) => (random.uniform() - 0.5) * 1e-43,
  'whose lengths differ by a million million': (random, row) => (random.uniform() - 0.5) * 10 ** ((row % 13) - 6),
  'beyond what bounds are for': (random, row) => (random.uniform() - 0.5) * (row === 7 ? 1e30 : 1),
};

const cases = Object.entries(fills).flatMap(([name, fill]) =>
  [1, 7, 64, 300].flatMap((dimension) => (['scaled', 'raw'] as const).map((rows) => ({ name, fill, dimension, rows }))),
);

test.each(cases)('bounds $rows rows $name, dimension $dimension', ({ fill, dimension, rows }) => {
  const size = 333;
  const vectors = matrix(size, dimension, fill);
  const plain = buildNearestIndex(vectors, dimension, { most: 3, rows });
  const bounded = buildBoundedIndex(vectors, dimension, { most: 3, rows });
  const queries = [2, 8, 200].map((row) => vectors.slice(row * dimension, (row + 1) * dimension));
  const all = Int32Array.from({ length: size }, (_, row) => row);
  const isAdmitted = (row: number) => row % 3 !== 1;
  const wrong = bounded.products(queries).flatMap((products, q) => {
    const { values, strips } = plain.products(queries)[q] ?? { values: new Float32Array(), strips: products.strips };
    const exactly = products.exactly?.(all) ?? new Float32Array();
    const below = all.filter(
      (row) =>
        !((products.values[row] ?? NaN) >= (values[row] ?? NaN)) ||
        !((products.strips.largest[Math.floor(row / strips.size)] ?? NaN) >= (products.values[row] ?? NaN)) ||
        !Object.is(exactly[row], values[row]),
    );
    const reached = values[100] ?? 0;
    const [found, expected] = [products, { values, strips }].map((some) => ({
      rows: largestRows(some, 20, isAdmitted),
      few: largestRows(some, 1000, (row) => row < 9),
      from: productsFrom(some, reached, isAdmitted),
    }));
    expect(found).toEqual(expected);
    return Array.from(below);
  });

  expect(wrong).toEqual([]);
  expect([bounded.isZero(0), bounded.isZero(1)]).toEqual(
    rows === 'raw' ? [false, false] : [plain.isZero(0), plain.isZero(1)],
  );
});

test('bounds of random rows leave a hundredth of a cosine', () => {
  const vectors = matrix(500, 64, fills['of random numbers'] ?? (() => 0));
  const [products] = buildBoundedIndex(vectors, 64, { most: 1, rows: 'scaled' }).products([vectors.subarray(0, 64)]);
  const all = Int32Array.from({ length: 500 }, (_, row) => row);
  const exactly = products?.exactly?.(all) ?? new Float32Array();

  expect(Math.max(...all.map((row) => 1e6 * ((products?.values[row] ?? 9) - (exactly[row] ?? 0))))).toBeLessThan(
    10_000,
  );
});

describe('answers', () => {
  const [size, dimension] = [400, 16];
  const random = new Random(4);
  const keys = Array.from({ length: size }, (_, i) => `c${i}`);
  const embedding = new Embedding({
    vocabulary: new Vocabulary(
      keys,
      Float64Array.from(keys, (_, i) => size - i),
    ),
    dimension,
    vectors: matrix(size, dimension, (_, row, column) => random.uniform() - 0.5 + (row % 8 === column ? 2 : 0)),
    outputVectors: matrix(size, dimension, () => random.uniform() * 3 - 1),
    provenance: {
      chance: { levels: [100, 10, 1, 0.1], asked: 100, bands: [{ least: 0, similarities: [0.2, 0.4, 0.6, 0.8] }] },
    },
  });
  const bounded = buildBoundedIndex(embedding.vectors, dimension, { most: 2, rows: 'scaled' });
  const search = new NearestSearch(embedding, 2, { index: bounded });

  test('neighbors and their confidences are those of the plain search', () => {
    const questions = keys.slice(0, 30).map((query) => search.question({ query, k: 12, exclude: ['c8', 'c9'] }));

    expect(search.answers(questions)).toEqual(new NearestSearch(embedding).answers(questions));
  });

  test.each(vectorRules)('recommendations by %s are those of the plain search', (rule) => {
    const outputs = buildBoundedIndex(embedding.outputVectors ?? embedding.vectors, dimension, {
      most: 2,
      rows: 'raw',
    });
    const recommender = new Recommender(embedding, new NearestSearch(embedding, 2, { index: bounded, outputs }));
    const questions = keys
      .slice(0, 30)
      .map((key, i) => recommender.question({ history: [key, `c${i * 7}`], k: 9, rule }));

    expect(recommender.answers(questions)).toEqual(new Recommender(embedding).answers(questions));
  });
});

function matrix(size: number, dimension: number, fill: Fill): Float32Array {
  const random = new Random(11);
  return Float32Array.from({ length: size * dimension }, (_, i) =>
    fill(random, Math.floor(i / dimension), i % dimension),
  );
}
