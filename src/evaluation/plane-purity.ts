/** Label purity in a map: how often the nearest points of a point in the plane share its label, beside purity in the space. */
import { checkInteger, InputError, named, sentence } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';
import { labelMatcher, labelsOf } from './labels.js';

/** Label purity of a map. */
export interface PlanePurity {
  /** mean over labeled categories of the share of their k nearest labeled points that have the same label, in [0, 1] */
  readonly purity: number;
  /** the same mean over the categories with each value */
  readonly values: ReadonlyMap<string, number>;
}

/**
 * Measures label purity@k by Euclidean distance in the plane; points equally far that compete for the last places count
 * by their chance of one.
 *
 * Of the same labeled categories as `labelPurity`, so that the two figures differ by what the map has lost or made up.
 *
 * @param coordinates - row-major, shape [V, 2]
 * @param k - neighbors looked at, ≥ 1; default 10
 * @throws InputError for an unknown attribute, or k labeled categories or fewer
 */
export function planePurity(
  embedding: Pick<Embedding, 'attributes'>,
  coordinates: Float32Array,
  {
    attribute,
    k: asked = 10,
    separator,
  }: { readonly attribute: string; readonly k?: number | undefined; readonly separator?: string | undefined },
): PlanePurity {
  const k = checkInteger('k', asked, { min: 1 });
  const labels = labelsOf(embedding, attribute, separator);
  const { rows, codes, sets, values } = labels;
  if (rows.length <= k)
    throw new InputError(sentence`${named('k')} must be below the ${rows.length} categories with a label, got ${k}`);
  const points = new Float32Array(rows.length * 2);
  rows.forEach((row, i) => points.set(coordinates.subarray(row * 2, row * 2 + 2), i * 2));
  const isMatch = labelMatcher(labels);
  const nearest = planeNeighbors(points, k);
  const sums = new Float64Array(values.length);
  const members = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    const own = codes[i] ?? 0;
    const { nearer, ties } = nearest(i);
    const matching = (others: readonly number[]) => others.filter((other) => isMatch(own, codes[other] ?? 0)).length;
    const share = (matching(nearer) + ((k - nearer.length) * matching(ties)) / Math.max(1, ties.length)) / k;
    sum += share;
    for (const value of sets[own] ?? []) {
      sums[value] = (sums[value] ?? 0) + share;
      members[value] = (members[value] ?? 0) + 1;
    }
  }
  return {
    purity: sum / rows.length,
    values: new Map(values.map((value, i) => [value, (sums[i] ?? 0) / (members[i] ?? 1)])),
  };
}

/** The points nearer than the k-th nearest, fewer than k, and those as far as it. */
interface PlaneNeighbors {
  readonly nearer: readonly number[];
  readonly ties: readonly number[];
}

/**
 * Exact neighbors in the plane by a grid of about two points to a cell, looked through in growing squares.
 *
 * @param points - shape [n, 2], n > k
 */
export function planeNeighbors(points: Float32Array, k: number): (point: number) => PlaneNeighbors {
  const grid = gridOf(points);
  const { cell, columns, lines, columnOf, lineOf } = grid;
  return (point) => {
    const x = points[point * 2] ?? 0;
    const y = points[point * 2 + 1] ?? 0;
    for (let reach = 1; ; reach *= 2) {
      const found = pointsAround(grid, { column: columnOf(x), line: lineOf(y), reach })
        .filter((other) => other !== point)
        .map((other) => ({ other, far: squareDistance(points, other, x, y) }));
      // Whatever lies outside of the square is farther than `reach` cells.
      const inside =
        reach >= Math.max(columns, lines) ? found : found.filter(({ far }) => far < reach * cell * reach * cell);
      if (inside.length < k) continue;
      inside.sort((a, b) => a.far - b.far);
      const limit = inside[k - 1]?.far ?? 0;
      return {
        nearer: inside.filter(({ far }) => far < limit).map(({ other }) => other),
        ties: inside.filter(({ far }) => far === limit).map(({ other }) => other),
      };
    }
  };
}

interface Grid {
  readonly cell: number;
  readonly columns: number;
  readonly lines: number;
  /** points cell by cell, and where each cell begins */
  readonly members: Int32Array;
  readonly starts: Int32Array;
  readonly columnOf: (x: number) => number;
  readonly lineOf: (y: number) => number;
}

function gridOf(points: Float32Array): Grid {
  const size = points.length / 2;
  const [left, right] = rangeOf(points, 0);
  const [low, high] = rangeOf(points, 1);
  const widest = Math.max(right - left, high - low, 1e-30);
  // No side has more cells than points, also where all points lie on a line.
  const cell = Math.max(Math.sqrt(((right - left) * (high - low) * 2) / size), widest / size);
  const columns = Math.floor((right - left) / cell) + 1;
  const lines = Math.floor((high - low) / cell) + 1;
  const columnOf = (x: number) => Math.min(columns - 1, Math.floor((x - left) / cell));
  const lineOf = (y: number) => Math.min(lines - 1, Math.floor((y - low) / cell));
  const cellOf = (point: number) => lineOf(points[point * 2 + 1] ?? 0) * columns + columnOf(points[point * 2] ?? 0);
  const starts = new Int32Array(columns * lines + 1);
  for (let point = 0; point < size; point++) starts[cellOf(point) + 1] = (starts[cellOf(point) + 1] ?? 0) + 1;
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const next = starts.slice();
  const members = new Int32Array(size);
  for (let point = 0; point < size; point++) {
    const at = next[cellOf(point)] ?? 0;
    members[at] = point;
    next[cellOf(point)] = at + 1;
  }
  return { cell, columns, lines, members, starts, columnOf, lineOf };
}

function pointsAround(
  { columns, lines, members, starts }: Grid,
  { column, line, reach }: { readonly column: number; readonly line: number; readonly reach: number },
): number[] {
  const first = Math.max(0, column - reach);
  const last = Math.min(columns - 1, column + reach);
  const found: number[] = [];
  for (let at = Math.max(0, line - reach); at <= Math.min(lines - 1, line + reach); at++) {
    const end = starts[at * columns + last + 1] ?? 0;
    for (let i = starts[at * columns + first] ?? 0; i < end; i++) found.push(members[i] ?? 0);
  }
  return found;
}

function squareDistance(points: Float32Array, point: number, x: number, y: number): number {
  const across = (points[point * 2] ?? 0) - x;
  const up = (points[point * 2 + 1] ?? 0) - y;
  return across * across + up * up;
}

function rangeOf(points: Float32Array, axis: 0 | 1): [min: number, max: number] {
  let min = Infinity;
  let max = -Infinity;
  for (let i = axis; i < points.length; i += 2) {
    min = Math.min(min, points[i] ?? 0);
    max = Math.max(max, points[i] ?? 0);
  }
  return [min, max];
}
