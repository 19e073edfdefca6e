/** Lasso and box: an outline in the plane, and the points inside it. */
import type { Point } from './view.js';

/** What dragging on the map does. */
export type Tool = 'pan' | 'lasso' | 'box';

/** A closed polygon in the plane. */
export type Outline = readonly Point[];

/** The outline of a box between two corners. */
export function boxOutline(a: Point, b: Point): Outline {
  return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
}

/** Leaves out corners until at most `most` are left, evenly, and rounds to what a link can hold. */
export function simplify(outline: Outline, most = 80): Outline {
  const step = Math.max(1, outline.length / most);
  const kept: Point[] = [];
  for (let at = 0; at < outline.length; at += step) {
    const corner = outline[Math.floor(at)];
    if (corner !== undefined) kept.push({ x: round(corner.x), y: round(corner.y) });
  }
  return kept;
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

/**
 * Rows inside an outline (even–odd rule), in row order.
 *
 * @param coordinates - shape [V, 2]
 * @param isAdmitted - which rows can be chosen
 */
export function rowsInside(
  outline: Outline,
  coordinates: Float32Array,
  isAdmitted: (row: number) => boolean,
): Int32Array {
  const xs = outline.map(({ x }) => x);
  const ys = outline.map(({ y }) => y);
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const found: number[] = [];
  for (let row = 0; row < coordinates.length / 2; row++) {
    const [x = 0, y = 0] = [coordinates[row * 2], coordinates[row * 2 + 1]];
    if (x < left || x > right || y < bottom || y > top || !isAdmitted(row)) continue;
    if (isInside(outline, x, y)) found.push(row);
  }
  return Int32Array.from(found);
}

function isInside(outline: Outline, x: number, y: number): boolean {
  let inside = false;
  let before = outline.at(-1);
  for (const corner of outline) {
    if (before !== undefined && corner.y > y !== before.y > y) {
      const crossing = corner.x + ((y - corner.y) / (before.y - corner.y)) * (before.x - corner.x);
      if (x < crossing) inside = !inside;
    }
    before = corner;
  }
  return inside;
}
