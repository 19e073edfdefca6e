/**
 * Products of matrices with many rows and few columns, in f64: sums of a tile stay in registers, each in the order of
 * its terms, so that the bits are those of one sum at a time.
 */

/** Columns of a tile; rows are padded to a multiple of it. */
const TILE = 4;
/** Rows that are multiplied while they are near. */
const NEAR = 64;

/**
 * Rows × matrix.
 *
 * @param rows - row-major, shape [S, n]
 * @param matrix - row-major, shape [n, n]
 * @returns each number summed in f64, shape [S, n]
 */
export function rowsTimes(rows: Float32Array, matrix: Float64Array, n: number): Float32Array {
  const out = new Float32Array(rows.length);
  const width = Math.ceil(n / TILE) * TILE;
  const padded = new Float64Array(n * width);
  for (let i = 0; i < n; i++) padded.set(matrix.subarray(i * n, (i + 1) * n), i * width);
  const sums = new Float64Array(2 * width);
  for (let a = 0; a < rows.length; a += 2 * n) {
    // of an odd number of rows the last is its own partner
    const b = Math.min(a + n, rows.length - n);
    for (let j = 0; j < width; j += TILE) multiplyTile(rows, [a, b, n], padded, sums, j);
    out.set(sums.subarray(0, n), a);
    out.set(sums.subarray(width, width + n), b);
  }
  return out;
}

/** Four columns of the products of two rows. */
function multiplyTile(
  rows: Float32Array,
  [a, b, n]: readonly [a: number, b: number, n: number],
  matrix: Float64Array,
  sums: Float64Array,
  column: number,
): void {
  const width = sums.length / 2;
  let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0, at = column; i < n; i++, at += width) {
    const x = rows[a + i] ?? 0;
    const y = rows[b + i] ?? 0;
    const m0 = matrix[at] ?? 0;
    const m1 = matrix[at + 1] ?? 0;
    const m2 = matrix[at + 2] ?? 0;
    const m3 = matrix[at + 3] ?? 0;
    a0 += x * m0;
    a1 += x * m1;
    a2 += x * m2;
    a3 += x * m3;
    b0 += y * m0;
    b1 += y * m1;
    b2 += y * m2;
    b3 += y * m3;
  }
  sums.set([a0, a1, a2, a3], column);
  sums.set([b0, b1, b2, b3], width + column);
}

/** Pairs of rows, to be multiplied. */
export interface RowPairs {
  readonly left: Float32Array;
  readonly right: Float32Array;
  /** rows of `left` and of `right`, shape [S] each */
  readonly leftRows: ArrayLike<number>;
  readonly rightRows: ArrayLike<number>;
  /** factor of each left row, finite, shape [S] */
  readonly scales: ArrayLike<number>;
}

/**
 * Σ scale × (left row, transposed) × right row over some pairs of rows, in their order.
 *
 * @param n - numbers of a row
 * @returns row-major, shape [n, n]
 */
export function sumOfOuterProducts({ left, right, leftRows, rightRows, scales }: RowPairs, n: number): Float64Array {
  const width = Math.ceil(n / TILE) * TILE;
  const sums = new Float64Array(width * width);
  const [a, b] = [new Float64Array(NEAR * width), new Float64Array(NEAR * width)];
  for (let first = 0; first < scales.length; first += NEAR) {
    const count = Math.min(NEAR, scales.length - first);
    for (let k = 0; k < count; k++) {
      const scale = scales[first + k] ?? 0;
      const fromLeft = (leftRows[first + k] ?? 0) * n;
      const fromRight = (rightRows[first + k] ?? 0) * n;
      for (let i = 0; i < n; i++) {
        a[k * width + i] = (left[fromLeft + i] ?? 0) * scale;
        b[k * width + i] = right[fromRight + i] ?? 0;
      }
    }
    for (let i = 0; i < width; i += 2) for (let j = 0; j < width; j += TILE) addTile(a, b, count, sums, [i, j]);
  }
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out.set(sums.subarray(i * width, i * width + n), i * n);
  return out;
}

/** Two rows and four columns of the sums. */
function addTile(
  a: Float64Array,
  b: Float64Array,
  count: number,
  sums: Float64Array,
  [row, column]: readonly [row: number, column: number],
): void {
  const width = a.length / NEAR;
  const first = row * width + column;
  const second = first + width;
  let [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = [sums[first], sums[first + 1], sums[first + 2], sums[first + 3]];
  let [t0 = 0, t1 = 0, t2 = 0, t3 = 0] = [sums[second], sums[second + 1], sums[second + 2], sums[second + 3]];
  for (let k = 0, at = 0; k < count; k++, at += width) {
    const x = a[at + row] ?? 0;
    const y = a[at + row + 1] ?? 0;
    const b0 = b[at + column] ?? 0;
    const b1 = b[at + column + 1] ?? 0;
    const b2 = b[at + column + 2] ?? 0;
    const b3 = b[at + column + 3] ?? 0;
    s0 += x * b0;
    s1 += x * b1;
    s2 += x * b2;
    s3 += x * b3;
    t0 += y * b0;
    t1 += y * b1;
    t2 += y * b2;
    t3 += y * b3;
  }
  sums.set([s0, s1, s2, s3], first);
  sums.set([t0, t1, t2, t3], second);
}
