/** Unit rows and their products: the definition in plain TypeScript of what kernels/numerics/nearest.ts computes, bit for bit. */

/** Products on the grid of 2⁻²⁰ (about a millionth) are compared as equal where they differ by rounding only. */
export const gridSteps = 1_048_576;

/** Floats from one padded row to the next: the dimension, rounded up to a multiple of 4. */
export function paddedDimension(dimension: number): number {
  return Math.ceil(dimension / 4) * 4;
}

/**
 * Writes row / |row| for some rows of a matrix, padded with zeros; a row of zeros stays one.
 *
 * @param vectors - row-major, shape [V, D]
 * @param rows - which rows, or undefined for all of them in order
 * @param out - shape [rows, paddedDimension(D)]
 * @returns the length |row| of each row written
 */
export function writeUnitRows(
  vectors: Float32Array,
  dimension: number,
  { rows, out }: { readonly rows?: Int32Array | undefined; readonly out: Float32Array },
): Float64Array {
  const stride = paddedDimension(dimension);
  const lengths = new Float64Array(rows === undefined ? vectors.length / dimension : rows.length);
  for (let i = 0; i < lengths.length; i++) {
    const from = (rows === undefined ? i : (rows[i] ?? 0)) * dimension;
    const length = lengthOfRow(vectors, from, dimension);
    lengths[i] = length;
    const scale = length > 0 ? 1 / length : 0;
    for (let j = 0; j < dimension; j++) out[i * stride + j] = (vectors[from + j] ?? 0) * scale;
  }
  return lengths;
}

/** |row|, summed in f64, of the row that begins at `from`. */
export function lengthOfRow(vectors: Float32Array, from: number, dimension: number): number {
  let squares = 0;
  for (let j = 0; j < dimension; j++) {
    const value = vectors[from + j] ?? 0;
    squares += value * value;
  }
  return Math.sqrt(squares);
}

/** Product of two padded rows in f32, summed in four lanes as the kernel does. */
export function rowProduct(a: Float32Array, fromA: number, b: Float32Array, fromB: number, stride: number): number {
  let lane0 = 0;
  let lane1 = 0;
  let lane2 = 0;
  let lane3 = 0;
  for (let j = 0; j < stride; j += 4) {
    lane0 = Math.fround(lane0 + Math.fround((a[fromA + j] ?? 0) * (b[fromB + j] ?? 0)));
    lane1 = Math.fround(lane1 + Math.fround((a[fromA + j + 1] ?? 0) * (b[fromB + j + 1] ?? 0)));
    lane2 = Math.fround(lane2 + Math.fround((a[fromA + j + 2] ?? 0) * (b[fromB + j + 2] ?? 0)));
    lane3 = Math.fround(lane3 + Math.fround((a[fromA + j + 3] ?? 0) * (b[fromB + j + 3] ?? 0)));
  }
  return Math.fround(Math.fround(lane0 + lane2) + Math.fround(lane1 + lane3));
}

/** A number in [−1, 1] (or near) in whole steps of the grid, halves to even, as f32x4.nearest rounds. */
export function toGridSteps(value: number): number {
  const steps = value * gridSteps;
  const floor = Math.floor(steps);
  const rest = steps - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** How a product becomes a score. */
export interface ScoreRule {
  readonly base: number;
  readonly factor: number;
  /** whether product × factor is rounded to the grid, so that rounding does not order what is equal */
  readonly isOnGrid: boolean;
}

/** (base + product × factor) × weight in f32: what the kernel compares when it counts. */
export function ruleScore(product: number, weight: number, { base, factor, isOnGrid }: ScoreRule): number {
  const scaled = Math.fround(Math.fround(product) * Math.fround(factor));
  const value = isOnGrid ? toGridSteps(scaled) / gridSteps : scaled;
  return Math.fround(Math.fround(base + value) * Math.fround(weight));
}
