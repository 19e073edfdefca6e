/** A grid over the plane that finds the point under the pointer. */

/** Rows sorted by cell: those of cell c stand at starts[c] … starts[c + 1] − 1. */
export interface Grid {
  readonly side: number;
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
}

/** Builds a grid of about four points a cell by a counting sort. @param coordinates - shape [V, 2], in [−1, 1] */
export function buildGrid(coordinates: Float32Array): Grid {
  const size = coordinates.length / 2;
  const side = Math.max(1, Math.min(1024, Math.floor(Math.sqrt(size / 4))));
  const starts = new Uint32Array(side * side + 1);
  const cells = new Uint32Array(size);
  for (let row = 0; row < size; row++) {
    const cell = cellOf(coordinates[row * 2 + 1] ?? 0, side) * side + cellOf(coordinates[row * 2] ?? 0, side);
    cells[row] = cell;
    starts[cell + 1] = (starts[cell + 1] ?? 0) + 1;
  }
  for (let cell = 0; cell < side * side; cell++) starts[cell + 1] = (starts[cell + 1] ?? 0) + (starts[cell] ?? 0);
  const next = starts.slice();
  const rows = new Uint32Array(size);
  cells.forEach((cell, row) => {
    const at = next[cell] ?? 0;
    rows[at] = row;
    next[cell] = at + 1;
  });
  return { side, starts, rows };
}

/** How many times more points a point has in its cell than a cell has on average; 1 where they are spread evenly. */
export function crowdingOf({ side, starts, rows }: Grid): number {
  let squares = 0;
  for (let cell = 0; cell < side * side; cell++) {
    const inside = (starts[cell + 1] ?? 0) - (starts[cell] ?? 0);
    squares += inside * inside;
  }
  return Math.max(1, (squares * side * side) / Math.max(1, rows.length) ** 2);
}

function cellOf(value: number, side: number): number {
  return Math.max(0, Math.min(side - 1, Math.floor(((value + 1) / 2) * side)));
}

/** What is sought: the nearest admitted row within a radius of a place. */
export interface Near {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly isAdmitted: (row: number) => boolean;
}

/** The nearest row while points are on their way from one map to another; asks all of them. */
export function nearestBetween(
  from: Float32Array,
  to: Float32Array,
  progress: number,
  { x, y, radius, isAdmitted }: Near,
): number | undefined {
  let best: number | undefined;
  let least = radius * radius;
  for (let row = 0; row < to.length / 2; row++) {
    const [u = 0, v = 0, p = 0, q = 0] = [from[row * 2], from[row * 2 + 1], to[row * 2], to[row * 2 + 1]];
    const [dx, dy] = [u + (p - u) * progress - x, v + (q - v) * progress - y];
    const distance = dx * dx + dy * dy;
    if (distance >= least || !isAdmitted(row)) continue;
    least = distance;
    best = row;
  }
  return best;
}

/** A rectangle of the plane. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly low: number;
  readonly high: number;
}

/** The admitted rows in a rectangle, the first ones up to so many. */
export function rowsIn(
  { side, starts, rows }: Grid,
  coordinates: Float32Array,
  { left, right, low, high }: Area,
  { most, isAdmitted }: { readonly most: number; readonly isAdmitted: (row: number) => boolean },
): number[] {
  const found: number[] = [];
  for (let line = cellOf(low, side); line <= cellOf(high, side); line++) {
    const end = starts[line * side + cellOf(right, side) + 1] ?? 0;
    for (let at = starts[line * side + cellOf(left, side)] ?? 0; at < end; at++) {
      const row = rows[at] ?? 0;
      const [x = 0, y = 0] = [coordinates[row * 2], coordinates[row * 2 + 1]];
      if (x < left || x > right || y < low || y > high || !isAdmitted(row)) continue;
      found.push(row);
      if (found.length === most) return found;
    }
  }
  return found;
}

/**
 * The nearest row within a radius that is admitted, or undefined.
 *
 * @param isAdmitted - which rows can be found, such as those that are not filtered out
 */
export function nearestPoint(
  { side, starts, rows }: Grid,
  coordinates: Float32Array,
  { x, y, radius, isAdmitted }: Near,
): number | undefined {
  let best: number | undefined;
  let least = radius * radius;
  const [left, right] = [cellOf(x - radius, side), cellOf(x + radius, side)];
  for (let line = cellOf(y - radius, side); line <= cellOf(y + radius, side); line++) {
    const end = starts[line * side + right + 1] ?? 0;
    for (let at = starts[line * side + left] ?? 0; at < end; at++) {
      const row = rows[at] ?? 0;
      const dx = (coordinates[row * 2] ?? 0) - x;
      const dy = (coordinates[row * 2 + 1] ?? 0) - y;
      const distance = dx * dx + dy * dy;
      if (distance >= least || !isAdmitted(row)) continue;
      least = distance;
      best = row;
    }
  }
  return best;
}
