/** Where labels stand in a map: each at the densest spot of its group, none over another. */

/** A group of points that wants a label. */
export interface LabeledGroup {
  readonly label: string;
  /** size of the label's box, in pixels */
  readonly width: number;
  readonly height: number;
  /** indices of its points */
  readonly members: Int32Array;
}

/** A label's center, in pixels. */
export interface PlacedLabel {
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

/** A rectangle, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Side of a cell in which points are counted, in pixels. */
const cellSize = 18;
/** A label may stand where its group is this much thinner than at its densest, no thinner. */
const leastDensity = 0.3;

/**
 * Places labels one after the other, so the first groups get the best places; a label that finds none is left out.
 *
 * The density of a group is its count in cells of 18 pixels, smoothed over 3 × 3 of them. A label is tried at the mean of the points of the
 * densest cell, then of the next, down to 30 % of the greatest density.
 *
 * @param points - x and y of every point in pixels, row-major, shape [V, 2]
 * @param groups - in order of importance
 * @param box - where labels may stand
 * @returns the labels that found a place, in the order of the groups
 */
export function placeLabels(points: Float32Array, groups: readonly LabeledGroup[], box: Box): PlacedLabel[] {
  const taken: Box[] = [];
  return groups.flatMap((group) => {
    for (const [x, y] of candidatesOf(points, group, box)) {
      const place = inside(x, y, group, box);
      if (place === undefined || taken.some((other) => overlap(place, other))) continue;
      taken.push(place);
      return [{ label: group.label, x: place.left + place.width / 2, y: place.top + place.height / 2 }];
    }
    return [];
  });
}

/** Centers of a group's dense cells, densest first. */
function candidatesOf(points: Float32Array, { members }: LabeledGroup, box: Box): [x: number, y: number][] {
  const columns = Math.ceil(box.width / cellSize) + 1;
  const rows = Math.ceil(box.height / cellSize) + 1;
  const counts = new Float64Array(columns * rows);
  const sums = new Float64Array(columns * rows * 2);
  for (const member of members) {
    const x = points[member * 2] ?? 0;
    const y = points[member * 2 + 1] ?? 0;
    const column = Math.min(columns - 1, Math.max(0, Math.floor((x - box.left) / cellSize)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor((y - box.top) / cellSize)));
    const cell = row * columns + column;
    counts[cell] = (counts[cell] ?? 0) + 1;
    sums[cell * 2] = (sums[cell * 2] ?? 0) + x;
    sums[cell * 2 + 1] = (sums[cell * 2 + 1] ?? 0) + y;
  }
  const smooth = smoothed(counts, columns, rows);
  const occupied = Array.from(counts.keys()).filter((cell) => (counts[cell] ?? 0) > 0);
  const dense = occupied.sort((a, b) => (smooth[b] ?? 0) - (smooth[a] ?? 0) || a - b);
  const least = (smooth[dense[0] ?? 0] ?? 0) * leastDensity;
  return dense
    .filter((cell) => (smooth[cell] ?? 0) >= least)
    .map((cell) => {
      const count = counts[cell] ?? 1;
      return [(sums[cell * 2] ?? 0) / count, (sums[cell * 2 + 1] ?? 0) / count];
    });
}

/** Sums over 3 × 3 cells, the middle one counted four times and its sides twice (a binomial kernel). */
function smoothed(counts: Float64Array, columns: number, rows: number): Float64Array {
  const smooth = new Float64Array(counts.length);
  const at = (column: number, row: number) =>
    column < 0 || row < 0 || column >= columns || row >= rows ? 0 : (counts[row * columns + column] ?? 0);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) sum += at(column + dx, row + dy) * (2 - Math.abs(dx)) * (2 - Math.abs(dy));
      }
      smooth[row * columns + column] = sum;
    }
  }
  return smooth;
}

/** The label's box around a point, moved inwards where it would stand out; undefined where it is wider than all there is. */
function inside(x: number, y: number, { width, height }: LabeledGroup, box: Box): Box | undefined {
  if (width > box.width || height > box.height) return undefined;
  const left = Math.min(Math.max(x - width / 2, box.left), box.left + box.width - width);
  const top = Math.min(Math.max(y - height / 2, box.top), box.top + box.height - height);
  return { left, top, width, height };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}
