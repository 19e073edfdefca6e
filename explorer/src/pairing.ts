/** Two embeddings in one view: where the categories of the first stand in the map of the second, turned onto the first. */
import type { Places, Space } from './space.js';
import { placesFrom } from './space.js';

/** Places of the first space's rows in the map of the second. */
export interface Pairing {
  /** the first space's rows; a category that only it has stays where it is */
  readonly places: Places;
  /** categories of both */
  readonly shared: number;
}

/**
 * Turns, mirrors and scales the map of the second embedding so that the shared categories come as near to their places
 * in the first as can be (orthogonal Procrustes with scaling in the plane, in closed form).
 */
export function pairPlaces([one, other]: readonly [Space, Space], own: Places, others: Places): Pairing {
  const rows: (readonly [number, number])[] = [];
  one.embedding.vocabulary.keys.forEach((key, row) => {
    const there = other.embedding.vocabulary.rowOf(key);
    if (there !== undefined) rows.push([row, there]);
  });
  const a = rows.map(([row]) => pointOf(own, row));
  const b = rows.map(([, row]) => pointOf(others, row));
  const [middleA, middleB] = [meanOf(a), meanOf(b)];
  // as complex numbers: the best turn is the argument of Σ a b̄, of the mirrored map that of Σ a b
  const sums = { turned: [0, 0], mirrored: [0, 0], squares: 0 };
  rows.forEach((_, i) => {
    const [ax, ay] = less(a[i], middleA);
    const [bx, by] = less(b[i], middleB);
    sums.turned = [(sums.turned[0] ?? 0) + ax * bx + ay * by, (sums.turned[1] ?? 0) + ay * bx - ax * by];
    sums.mirrored = [(sums.mirrored[0] ?? 0) + ax * bx - ay * by, (sums.mirrored[1] ?? 0) + ay * bx + ax * by];
    sums.squares += bx * bx + by * by;
  });
  const isMirrored = Math.hypot(...sums.mirrored) > Math.hypot(...sums.turned);
  const [real = 0, imaginary = 0] = (isMirrored ? sums.mirrored : sums.turned).map((sum) => sum / (sums.squares || 1));
  const coordinates = own.coordinates.slice();
  rows.forEach(([row], i) => {
    const [x, up] = less(b[i], middleB);
    const y = isMirrored ? -up : up;
    coordinates[row * 2] = middleA[0] + real * x - imaginary * y;
    coordinates[row * 2 + 1] = middleA[1] + imaginary * x + real * y;
  });
  return { places: placesFrom(coordinates), shared: rows.length };
}

type Point = readonly [number, number];

function pointOf({ coordinates }: Places, row: number): Point {
  return [coordinates[row * 2] ?? 0, coordinates[row * 2 + 1] ?? 0];
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce<Point>(([x, y], [u, v]) => [x + u, y + v], [0, 0]);
  return [sum[0] / Math.max(1, points.length), sum[1] / Math.max(1, points.length)];
}

function less([x, y]: Point = [0, 0], [u, v]: Point): Point {
  return [x - u, y - v];
}
