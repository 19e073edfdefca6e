import { array, assert, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { Box } from '../../src/maps/fit.js';
import { placeLabels, type LabeledPlace } from '../../src/maps/label-places.js';

const box: Box = { left: 10, top: 20, width: 400, height: 300 };

function place(label: string, x: number, y: number, radius = 20, width = 60): LabeledPlace {
  return { label, width, height: 20, x, y, radius };
}

/** Points in a disc. */
function disc(x: number, y: number, radius: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const away = radius * Math.sqrt((i + 0.5) / count);
    return [x + away * Math.cos(i * 2.4), y + away * Math.sin(i * 2.4)];
  }).flat();
}

test('a label stands beside what it names and not over it', () => {
  const points = Float32Array.from(disc(200, 150, 30, 200));
  const [label] = placeLabels(points, [place('a', 200, 150, 30)], box);
  const [x = 0, y = 0] = [label?.x, label?.y];
  let covered = 0;
  for (let i = 0; i < points.length; i += 2) {
    if (Math.abs((points[i] ?? 0) - x) < 30 && Math.abs((points[i + 1] ?? 0) - y) < 10) covered++;
  }

  expect(covered).toBeLessThan(10);
  expect(Math.hypot(x - 200, y - 150)).toBeLessThan(90);
  expect(label).not.toHaveProperty('to');
});

test.each([
  ['below', 1],
  ['above', -1],
])('a label stands %s where the points are on the other side', (_, side) => {
  const points = disc(200, 150, 110, 4000);
  const half = points.flatMap((y, i) => (i % 2 === 1 && (y - 150) * side < 5 ? [points[i - 1] ?? 0, y] : []));
  const [label] = placeLabels(Float32Array.from(half), [place('a', 200, 150)], box);

  expect(((label?.y ?? NaN) - 150) * side).toBeGreaterThan(10);
});

test('a line leads from a label that has to stand off', () => {
  const points = Float32Array.from(disc(200, 150, 110, 4000));
  const [label] = placeLabels(points, [place('a', 200, 150, 30)], box);

  expect(label?.to).toEqual([200, 150]);
});

test('a label that finds no place is left out', () => {
  const narrow = { ...box, width: 70, height: 25 };
  const placed = placeLabels(Float32Array.from([30, 30]), [place('a', 40, 30), place('b', 42, 30)], narrow);

  expect(placed.map(({ label }) => label)).toEqual(['a']);
});

test('whatever the points, no label covers another and none leaves the box', () => {
  const coordinate = integer({ min: -50, max: 500 });
  const wanted = record({
    x: coordinate,
    y: coordinate,
    radius: integer({ min: 0, max: 90 }),
    width: integer({ min: 5, max: 500 }),
  });
  assert(
    property(array(wanted, { minLength: 1, maxLength: 8 }), array(coordinate, { maxLength: 40 }), (places, flat) => {
      const asked = places.map(({ x, y, radius, width }, i) => place(String(i), x, y, radius, width));
      const boxes = placeLabels(Float32Array.from(flat.slice(flat.length % 2)), asked, box).map(({ label, x, y }) => {
        const width = asked[Number(label)]?.width ?? 0;
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
