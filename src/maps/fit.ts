/** Coordinates of any extent → a square or a box, both axes with the same unit. */

/** A rectangle, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Moves and enlarges coordinates so that all lie in [−1, 1] and the middle is 0, the same scale on both axes.
 *
 * @param coordinates - shape [V, 2]
 */
export function fitToPlane(coordinates: Float32Array): Float32Array {
  const [[left, right], [bottom, top]] = [rangeOf(coordinates, 0), rangeOf(coordinates, 1)];
  const half = Math.max(right - left, top - bottom) / 2 || 1;
  const [middleX, middleY] = [(left + right) / 2, (bottom + top) / 2];
  return coordinates.map((value, i) => (value - (i % 2 === 0 ? middleX : middleY)) / half);
}

/**
 * Coordinates → pixels in a box: both axes with the same unit, centered, as large as fits; y points up.
 *
 * @param coordinates - shape [V, 2]
 * @returns shape [V, 2]
 */
export function fitPoints(coordinates: Float32Array, { left, top, width, height }: Box): Float32Array {
  const [minX, maxX] = rangeOf(coordinates, 0);
  const [minY, maxY] = rangeOf(coordinates, 1);
  const scale = Math.min(width / Math.max(maxX - minX, 1e-30), height / Math.max(maxY - minY, 1e-30));
  const points = new Float32Array(coordinates.length);
  for (let i = 0; i < coordinates.length; i += 2) {
    points[i] = left + width / 2 + ((coordinates[i] ?? 0) - (minX + maxX) / 2) * scale;
    points[i + 1] = top + height / 2 - ((coordinates[i + 1] ?? 0) - (minY + maxY) / 2) * scale;
  }
  return points;
}

function rangeOf(coordinates: Float32Array, axis: 0 | 1): [min: number, max: number] {
  let [min, max] = [Infinity, -Infinity];
  for (let i = axis; i < coordinates.length; i += 2) {
    min = Math.min(min, coordinates[i] ?? 0);
    max = Math.max(max, coordinates[i] ?? 0);
  }
  return [min, max];
}
