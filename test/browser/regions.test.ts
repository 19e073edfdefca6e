/** Names of regions in the explorer's map, its fit and its opacity: what needs no browser. */
import { describe, expect, test } from 'vitest';
import { buildGrid, rowsIn } from '../../explorer/src/map/grid.js';
import { placeLabels, type Named } from '../../explorer/src/map/labels.js';
import { levelOf, typicalOf } from '../../explorer/src/map/regions.js';
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

  test('a cluster has one name in the whole view, and small ones beside a large one of the value have none', () => {
    const row = (x: number): readonly [number, number, number] => [x, 0, 0];
    const long = planted([...[-0.8, -0.6, -0.4, -0.2].map(row), [0.8, 0.8, 1]]);

    expect(regionsOf(long.coordinates, long.codes, long.items, 0).map(({ text }) => text)).toEqual(['amber', 'birch']);
  });
});

describe('names on the map', () => {
  const size = { width: 400, height: 300, ...covered };
  const named = (key: string, x: number, y: number, kind: Named['kind'] = 'region'): Named => ({
    key,
    x,
    y,
    kind,
    reach: 8,
  });
  const none = (): number => 0;

  test('stand over no other name and under no control', () => {
    const placed = placeLabels(
      [named('amber', 200, 150), named('birch', 203, 152), named('cedar', 200, 10)],
      size,
      none,
    );

    expect(placed.map(({ text }) => text)).toEqual(['amber', 'birch', 'cedar']);
    expect(Math.min(...placed.map(({ y }) => y))).toBeGreaterThanOrEqual(covered.top + 10);
    expect(new Set(placed.map(({ x, y, anchor }) => `${x} ${y} ${anchor}`)).size).toBe(3);
  });

  test('leave points uncovered where there is room beside them', () => {
    const points = Float32Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? (i / 80) * 0.2 : 0));
    const grid = buildGrid(points);
    const view = { x: 0, y: 0, scale: 1 };
    const countIn = ({
      left,
      right,
      top,
      bottom,
    }: {
      left: number;
      right: number;
      top: number;
      bottom: number;
    }): number => {
      const [a, b] = [toPlace({ x: left, y: bottom }, view, size), toPlace({ x: right, y: top }, view, size)];
      const area = { left: a.x, right: b.x, low: a.y, high: b.y };
      return rowsIn(grid, points, area, { most: 30, isAdmitted: () => true }).length;
    };
    const at = toPixels({ x: 0.1, y: 0 }, view, size);
    let isFree = false;
    const [label] = placeLabels([named('amber', at.x, at.y)], size, (box) => {
      isFree ||= countIn(box) === 0;
      return countIn(box);
    });
    const left = (label?.x ?? 0) - { start: 0, middle: 0.5, end: 1 }[label?.anchor ?? 'start'] * 5 * 8.5;
    const y = label?.y ?? 0;

    expect(isFree).toBe(true);
    expect(countIn({ left, right: left + 5 * 8.5, top: y - 10, bottom: y + 10 })).toBe(0);
    expect(placeLabels([named('amber', at.x, at.y, 'point')], size, () => 1)).toEqual([]);
  });

  test('a region is not named again close by', () => {
    const twice = [named('amber', 100, 150), named('amber', 300, 150)];

    expect(placeLabels(twice, size, none, 280)).toHaveLength(1);
    expect(placeLabels(twice, size, none)).toHaveLength(2);
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
  const whole = opacityOf(40_000, 3, 1.7, 400);

  expect(whole).toBeLessThan(0.8);
  expect(opacityOf(300, 3, 3.5, 400)).toBe(1);
  expect(opacityOf(40_000, 3, 3.5, 3200)).toBe(1);
});
