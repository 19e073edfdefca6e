/** The explorer's modules that compute: points under the pointer, density, the plane of principal components, palettes. */
import { array, assert, double, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paletteOf, spreadOf } from '../../explorer/src/colors.js';
import { densityOf } from '../../explorer/src/map/density.js';
import { buildGrid, crowdingOf, nearestBetween, nearestPoint } from '../../explorer/src/map/grid.js';
import { placesFrom, withSharedAttributes, type Space } from '../../explorer/src/space.js';
import { principalPlane } from '../../explorer/src/work/plane.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

const number = double({ min: -1, max: 1, noNaN: true });
const isAdmitted = (row: number) => row % 3 !== 1;

describe('the point under the pointer', () => {
  test('is the nearest admitted one within the radius, as a look at all points finds it', () => {
    assert(
      property(array(number, { minLength: 2, maxLength: 200 }), number, number, (flat, x, y) => {
        const places = Float32Array.from(flat.slice(flat.length % 2));
        const near = { x, y, radius: 0.3, isAdmitted };
        const found = nearestPoint(buildGrid(places), places, near);

        expect(found).toBe(nearestBetween(places, places, 1, near));
      }),
    );
  });

  test('moves with the points on their way from one map to another', () => {
    const [from, to] = [Float32Array.of(-1, 0, 0, 1), Float32Array.of(1, 0, 0, -1)];
    const at = (progress: number, x: number) =>
      nearestBetween(from, to, progress, { x, y: 0, radius: 0.2, isAdmitted: () => true });

    expect([at(0, -1), at(0, 1), at(1, 1), at(0.25, -0.5)]).toEqual([0, undefined, 0, 0]);
  });

  test('crowding is 1 where points are spread evenly, and grows with their cells', () => {
    const even = Float32Array.from({ length: 2 * 400 }, (_, i) => {
      const row = Math.floor(i / 2);
      return ((i % 2 === 0 ? row % 20 : Math.floor(row / 20)) + 0.5) / 10 - 1;
    });

    expect(crowdingOf(buildGrid(even))).toBe(1);
    expect(crowdingOf(buildGrid(even.map((value) => value / 10)))).toBeGreaterThan(20);
  });
});

test('density counts every point once and is highest where most of them stand', () => {
  const random = new Random(1);
  const places = Float32Array.from({ length: 2000 }, (_, i) => (i < 1500 ? 0.4 : -0.5) + 0.1 * random.uniform());
  const density = densityOf(places);
  const sum = density.cells.reduce((all, cell) => all + cell, 0);

  expect(sum).toBeCloseTo(1000, 2);
  expect(density.at(0.45, 0.45)).toBeGreaterThan(2 * density.at(-0.45, -0.45));
  expect(density.at(-0.45, -0.45)).toBeGreaterThan(0);
  expect(density.at(0.45, -0.45)).toBe(0);
});

test('the plane of principal components parts what directions part, whatever the lengths', () => {
  const random = new Random(2);
  const vectors = Float32Array.from({ length: 60 * 4 }, (_, i) => {
    const group = Math.floor(i / 4) % 2;
    return (i % 4 === group ? 1 : 0) + 0.1 * (random.uniform() - 0.5);
  });
  const scaled = vectors.map((value, i) => value * (1 + (Math.floor(i / 4) % 5)));
  const [plane, same] = [principalPlane(vectors, 4), principalPlane(scaled, 4)];
  const sides = Array.from({ length: 60 }, (_, row) => Math.sign(plane[2 * row] ?? 0));

  expect(new Set(sides.filter((_, row) => row % 2 === 0)).size).toBe(1);
  expect(new Set(sides).size).toBe(2);
  same.forEach((value, i) => expect(value).toBeCloseTo(plane[i] ?? NaN, 4));
});

test.each([5, 6, 7, 8])(
  'the plane of %i rows has its middle at their mean, and varies most from left to right',
  (size) => {
    const random = new Random(size);
    const plane = principalPlane(
      Float32Array.from({ length: size * 6 }, () => random.uniform()),
      6,
    );
    const along = (axis: number): number[] => Array.from({ length: size }, (_, row) => plane[2 * row + axis] ?? NaN);
    const spread = (values: number[]): number => values.reduce((sum, value) => sum + value ** 2, 0);

    for (const axis of [0, 1]) expect(along(axis).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(spread(along(0))).toBeGreaterThan(spread(along(1)));
  },
);

describe('colors', () => {
  test('a spread is least, median and most of the numbers that are there', () => {
    expect(spreadOf(Float64Array.of(5, NaN, 1, 3, 2))).toEqual({ least: 1, median: 2.5, most: 5 });
    expect(spreadOf(Float64Array.of(NaN))).toEqual({ least: NaN, median: NaN, most: NaN });
  });

  test('a value that is filtered out is transparent, and no other', () => {
    const items = ['en', 'de'].map((label, code) => ({ code, label, kind: 'value' as const, count: 1 }));
    const palette = paletteOf({ items, codes: [], scale: undefined }, new Set(['de']), false);

    expect([palette[3], palette[7]]).toEqual([225, 0]);
    expect(palette.subarray(0, 3)).not.toEqual(palette.subarray(4, 7));
  });
});

test('of two embeddings, one that lacks an attribute takes it from the other by key, and keeps its own', () => {
  const spaceOf = (keys: string[], attributes: Record<string, string[]>): Space => ({
    name: 'one',
    embedding: new Embedding({
      vocabulary: new Vocabulary(keys, new Float64Array(keys.length).fill(1)),
      dimension: 1,
      vectors: new Float32Array(keys.length).fill(1),
      attributes: new Map(Object.entries(attributes)),
    }),
    size: keys.length,
    plane: placesFrom(new Float32Array(keys.length * 2)),
    isServed: true,
  });
  const one = spaceOf(['a', 'b', 'c'], { topic: ['x', 'y', 'z'] });
  const other = spaceOf(['c', 'd', 'a'], { topic: ['own', 'own', 'own'], language: ['en', 'de', 'fr'] });

  const [first, second] = withSharedAttributes([one, other]);

  expect(Object.fromEntries(first?.embedding.attributes ?? [])).toEqual({
    topic: ['x', 'y', 'z'],
    language: ['fr', null, 'en'],
  });
  expect(second).toBe(other);
});
