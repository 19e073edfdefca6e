/** Names of regions in the explorer's map, its fit and its opacity: what needs no browser. */
import { describe, expect, test } from 'vitest';
import { levelOf, placeRegions, typicalOf } from '../../explorer/src/map/regions.js';
import { opacityOf } from '../../explorer/src/map/renderer.js';
import { covered, reachOf, toPixels, toPlace, wholeView } from '../../explorer/src/map/view.js';
import type { LegendEntry } from '../../src/maps/coloring.js';
import { regionsOf } from '../../src/maps/regions.js';
import { Random } from '../../src/numerics/random.js';

const values = ['amber', 'birch', 'cedar'];

/** Points in round groups, each of one value, or of values dealt by lot. */
function planted(groups: readonly (readonly [x: number, y: number, code: number])[], isNoise = false) {
  const random = new Random(7);
  const each = 60;
  const coordinates = new Float32Array(groups.length * each * 2);
  const codes = new Uint8Array(groups.length * each);
  groups.forEach(([x, y, code], g) => {
    for (let i = 0; i < each; i++) {
      const row = g * each + i;
      coordinates.set([x + (random.uniform() - 0.5) * 0.2, y + (random.uniform() - 0.5) * 0.2], row * 2);
      codes[row] = isNoise ? Math.floor(random.uniform() * values.length) : code;
    }
  });
  const items = values.map((label, code): LegendEntry => ({
    label,
    kind: 'value',
    count: codes.filter((other) => other === code).length,
  }));
  return { coordinates, codes, items };
}

const places = [
  [-0.7, -0.7, 0],
  [0.7, 0.7, 0],
  [0.7, -0.7, 1],
  [-0.7, 0.7, 2],
] as const;

describe('regions', () => {
  test('are named where their points are, a value as often as it has groups', () => {
    const { coordinates, codes, items } = planted(places);
    const found = regionsOf(coordinates, codes, items, 0);

    expect(found.map(({ text }) => text).toSorted()).toEqual(['amber', 'amber', 'birch', 'cedar']);
    for (const [x, y, code] of places) {
      const distances = found.filter((each) => each.code === code).map((each) => Math.hypot(each.x - x, each.y - y));
      expect(Math.min(...distances)).toBeLessThan(0.1);
    }
  });

  test('have no name where the values are dealt by lot, at any scale', () => {
    const { coordinates, codes, items } = planted(places, true);

    for (const level of [0, 1, 2, 3]) expect(regionsOf(coordinates, codes, items, level)).toEqual([]);
  });

  test('have no name on small maps of noise with many values', () => {
    const random = new Random(11);
    const entries = Array.from({ length: 20 }, (_, i): LegendEntry => ({ label: `v${i}`, count: 10, kind: 'value' }));
    for (let world = 0; world < 40; world++) {
      const coordinates = Float32Array.from({ length: 400 }, () => random.uniform() * 2 - 1);
      const codes = Uint8Array.from({ length: 200 }, () => Math.floor(random.uniform() * 20));

      expect(regionsOf(coordinates, codes, entries, 0)).toEqual([]);
    }
  });

  test('without values are known by their most frequent categories, more of them in an enlarged view', () => {
    const { coordinates } = planted(places);
    const keys = Array.from({ length: coordinates.length / 2 }, (_, row) => `c${row}`);
    const found = typicalOf(coordinates, keys, 0);

    expect(found[0]?.text).toBe('c0');
    expect(found.map(({ text }) => text)).toEqual(expect.arrayContaining(['c0', 'c60', 'c120', 'c180']));
    expect(typicalOf(coordinates, keys, 2).length).toBeGreaterThan(found.length);
  });

  test('are finer in an enlarged view', () => {
    expect([0.5, 1, 2, 4, 1000].map((scale) => levelOf({ x: 0, y: 0, scale }))).toEqual([0, 0, 1, 2, 3]);
  });

  test('are written over no other name and under no control', () => {
    const size = { width: 400, height: 300, ...covered };
    const regions = [0, 0.01, 0.9, 3].map((y, code) => ({ text: 'amber', code, x: 0, y, count: 10 - code }));

    expect(placeRegions(regions, wholeView, size, 9).map(({ y }) => y)).toHaveLength(2);
  });
});

describe('the view', () => {
  const reach = { x: 1, y: 0.25 };
  const size = { width: 1000, height: 400, ...covered, reach };

  test('fills the room that the controls leave, on the axis that is short of it', () => {
    const corners = [toPixels({ x: -1, y: 0.25 }, wholeView, size), toPixels({ x: 1, y: -0.25 }, wholeView, size)];

    expect(corners[0]?.x).toBeCloseTo(30, 5);
    expect(corners[1]?.x).toBeCloseTo(970, 5);
    expect(corners[0]?.y).toBeGreaterThanOrEqual(covered.top);
    expect(corners[1]?.y).toBeLessThanOrEqual(400 - covered.bottom);
  });

  test('finds the place of a pixel, and the pixel of a place', () => {
    const pixel = { x: 123, y: 77 };
    const view = { x: 0.2, y: -0.1, scale: 3 };

    expect(toPixels(toPlace(pixel, view, size), view, size)).toEqual({ x: expect.closeTo(123), y: expect.closeTo(77) });
  });

  test('knows how far the points reach', () => {
    const reached = reachOf(Float32Array.of(-1, 0.125, 0.5, -0.25));

    expect(reached).toEqual({ x: 1, y: 0.25 });
  });
});

test('points grow pale where they cover each other, and full again where the view is enlarged', () => {
  const whole = opacityOf(40_000, 3, wholeView, 400);

  expect(whole).toBeLessThan(0.8);
  expect(opacityOf(300, 3, wholeView, 400)).toBe(1);
  expect(opacityOf(40_000, 3, { ...wholeView, scale: 8 }, 3200)).toBe(1);
});
