/**
 * Where labels stand in a map: beside what they name, over as few points as can be, none over another; a line leads
 * where one stands off.
 */
import { sinCosTurns } from '../numerics/elementary.js';
import type { Box } from './fit.js';

/** A place that wants a label. */
export interface LabeledPlace {
  readonly label: string;
  /** size of the label's box, in pixels */
  readonly width: number;
  readonly height: number;
  /** what is named, in pixels */
  readonly x: number;
  readonly y: number;
  /** how far it reaches, in pixels */
  readonly radius: number;
}

/** A label's center, in pixels. */
export interface PlacedLabel {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  /** where a line from the label leads to, where it stands off what it names */
  readonly to?: readonly [x: number, y: number];
}

/** Side of a cell in which points are counted, in pixels. */
const cellSize = 12;
const directions = 16;
/** Distances beyond the edge of what is named at which a label is tried, in pixels. */
const distances = [2, 18, 40, 70, 110];
/** A line is drawn from this distance on. */
const leastLine = 24;
/** Points that a label may cover, to stand a hundred pixels nearer. */
const pointsPerHundred = 25;

/**
 * Places labels one after the other, so the first get the best places; a label that finds none is left out.
 *
 * A label is tried in 16 directions at five distances around what it names, and over it. The best place covers fewest
 * points; a point counts as much as four pixels of distance.
 *
 * @param points - x and y of every point in pixels, row-major, shape [V, 2]
 * @param wanted - in order of importance
 * @param box - where labels may stand
 * @returns the labels that found a place, in the same order
 */
export function placeLabels(points: Float32Array, wanted: readonly LabeledPlace[], box: Box): PlacedLabel[] {
  const countIn = counter(points, box);
  const taken: Box[] = [];
  return wanted.flatMap((place) => {
    let best: { readonly frame: Box; readonly cost: number; readonly distance: number } | undefined;
    for (const { x, y, distance } of candidatesOf(place)) {
      const frame = inside(x, y, place, box);
      if (frame === undefined || taken.some((other) => overlap(frame, other))) continue;
      const moved = Math.abs(frame.left + frame.width / 2 - x) + Math.abs(frame.top + frame.height / 2 - y);
      const cost = countIn(frame) + ((Math.max(0, distance) + moved) * pointsPerHundred) / 100;
      if (best === undefined || cost < best.cost) best = { frame, cost, distance };
    }
    if (best === undefined) return [];
    const { frame, distance } = best;
    taken.push(frame);
    const [x, y] = [frame.left + frame.width / 2, frame.top + frame.height / 2];
    return [{ label: place.label, x, y, ...(distance >= leastLine ? { to: [place.x, place.y] as const } : {}) }];
  });
}

/** Centers at which a label is tried; the distance from the edge of what is named, below 0 over it. */
function* candidatesOf({ x, y, radius, width, height }: LabeledPlace) {
  for (const distance of distances) {
    for (let i = 0; i < directions; i++) {
      const [sine, cosine] = sinCosTurns(i / directions);
      // the label's box touches a circle around what is named
      const reach = radius + distance;
      yield { x: x + cosine * (reach + width / 2), y: y - sine * (reach + height / 2), distance };
    }
  }
  yield { x, y, distance: -1 };
}

/** Counts the points in a box, cell by cell, from sums over all cells above and left. */
function counter(points: Float32Array, box: Box): (frame: Box) => number {
  const columns = Math.ceil(box.width / cellSize) + 1;
  const rows = Math.ceil(box.height / cellSize) + 1;
  const sums = new Float64Array((columns + 1) * (rows + 1));
  const columnOf = (x: number): number => Math.min(columns - 1, Math.max(0, Math.floor((x - box.left) / cellSize)));
  const rowOf = (y: number): number => Math.min(rows - 1, Math.max(0, Math.floor((y - box.top) / cellSize)));
  const at = (column: number, row: number): number => row * (columns + 1) + column;
  for (let i = 0; i < points.length; i += 2) {
    const cell = at(columnOf(points[i] ?? 0) + 1, rowOf(points[i + 1] ?? 0) + 1);
    sums[cell] = (sums[cell] ?? 0) + 1;
  }
  for (let row = 1; row <= rows; row++) {
    for (let column = 1; column <= columns; column++) {
      const before = (sums[at(column - 1, row)] ?? 0) + (sums[at(column, row - 1)] ?? 0);
      sums[at(column, row)] = (sums[at(column, row)] ?? 0) + before - (sums[at(column - 1, row - 1)] ?? 0);
    }
  }
  return ({ left, top, width, height }) => {
    const [u, v] = [columnOf(left), rowOf(top)];
    const [p, q] = [columnOf(left + width) + 1, rowOf(top + height) + 1];
    const sum = (column: number, row: number): number => sums[at(column, row)] ?? 0;
    return sum(p, q) - sum(u, q) - sum(p, v) + sum(u, v);
  };
}

/** The label's box around a point, moved inwards where it would stand out; undefined where it is wider than all there is. */
function inside(x: number, y: number, { width, height }: LabeledPlace, box: Box): Box | undefined {
  if (width > box.width || height > box.height) return undefined;
  const left = Math.min(Math.max(x - width / 2, box.left), box.left + box.width - width);
  const top = Math.min(Math.max(y - height / 2, box.top), box.top + box.height - height);
  return { left, top, width, height };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}
