import { array, assert, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { placeLabels, type Box } from '../../src/report/label-places.js';

const box: Box = { left: 10, top: 20, width: 400, height: 300 };

function group(label: string, members: readonly number[], width = 60) {
  return { label, width, height: 20, members: Int32Array.from(members) };
}

test('a label stands at the densest spot of its group', () => {
  // ten points around (103, 101), three far away
  const points = Float32Array.from([
    ...Array.from({ length: 10 }, (_, i) => [102 + (i % 3), 101 + (i % 2)]).flat(),
    300,
    200,
    320,
    60,
    40,
    280,
  ]);
  const [label] = placeLabels(points, [group('a', [...points.keys()].slice(0, 13))], box);

  expect(label?.x).toBeCloseTo(103, 0);
  expect(label?.y).toBeCloseTo(101.5, 0);
});

test('a label whose place is taken goes to the next dense spot, or is left out where there is none', () => {
  const points = Float32Array.from([100, 100, 100, 100, 100, 100, 250, 200, 250, 200]);
  const placed = placeLabels(points, [group('first', [0]), group('second', [1, 3, 4]), group('third', [2])], box);

  expect(placed.map(({ label }) => label)).toEqual(['first', 'second']);
  expect(placed[1]).toMatchObject({ x: 250, y: 200 });
});

test('a label at the edge is moved inside', () => {
  const [label] = placeLabels(Float32Array.from([10, 20]), [group('edge', [0])], box);

  expect(label).toEqual({ label: 'edge', x: 40, y: 30 });
});

test('whatever the points, no label covers another and none leaves the box', () => {
  const coordinate = integer({ min: -50, max: 500 });
  const cloud = array(tuple(coordinate, coordinate), { minLength: 1, maxLength: 20 });
  assert(
    property(array(tuple(cloud, integer({ min: 5, max: 500 })), { minLength: 1, maxLength: 8 }), (clouds) => {
      const points = Float32Array.from(clouds.flatMap(([places]) => places.flat()));
      let start = 0;
      const groups = clouds.map(([places, width], i) => {
        const members = places.map((_, j) => start + j);
        start += places.length;
        return group(String(i), members, width);
      });
      const boxes = placeLabels(points, groups, box).map(({ label, x, y }) => {
        const width = groups[Number(label)]?.width ?? 0;
        return { left: x - width / 2, right: x + width / 2, top: y - 10, bottom: y + 10 };
      });
      boxes.forEach((a, i) => {
        expect(a.left).toBeGreaterThanOrEqual(box.left - 1e-6);
        expect(a.right).toBeLessThanOrEqual(box.left + box.width + 1e-6);
        for (const b of boxes.slice(i + 1)) {
          const isApart =
            a.right <= b.left + 1e-6 ||
            b.right <= a.left + 1e-6 ||
            a.bottom <= b.top + 1e-6 ||
            b.bottom <= a.top + 1e-6;
          expect(isApart).toBe(true);
        }
      });
    }),
    { seed: 1, numRuns: 200 },
  );
});
