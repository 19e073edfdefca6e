/** The inverse of a large symmetric positive definite matrix: blocked sweeps, the products in SIMD kernels. */
import { openKernelMemory } from './kernel-memory.js';

/** Rows and columns that are swept together. */
const BLOCK = 64;

/** A symmetric matrix with rows that are padded. */
export interface PaddedMatrix {
  /** row-major, shape [≥ n, stride] */
  readonly values: Float32Array;
  readonly stride: number;
}

/**
 * Inverts in f32. Sweeping the pivots K turns A_KK into −D with D = A_KK⁻¹, A_iK into A_iK D, and A_ij into A_ij − A_iK
 * D A_Kj; after all of them the matrix is −A⁻¹ (Goodnight 1979, doi:10.1080/00031305.1979.10482685). Half of it is
 * worked on, n³ operations, by one thread in one order, so that every engine gives the same bits.
 *
 * @param n - rows and columns
 * @param fill - adds the matrix to zeros; the lower triangle is read
 * @param onBlock - called with the share done; a promise is waited for
 * @returns both triangles of the inverse
 * @throws InputError if it needs more memory than there is
 */
export async function inverseOf(
  n: number,
  fill: (matrix: PaddedMatrix) => Promise<void> | void,
  onBlock?: (share: number) => Promise<void> | void,
): Promise<PaddedMatrix> {
  const stride = Math.ceil(n / BLOCK) * BLOCK;
  const square = BLOCK * BLOCK * 4;
  const { kernels, regions } = openKernelMemory({
    matrix: stride * stride * 4,
    panel: stride * BLOCK * 4,
    left: square,
    pivots: square,
    turned: square,
  });
  const work: Sweep = {
    kernels,
    stride,
    matrix: regions.f32('matrix'),
    panel: regions.f32('panel'),
    left: regions.f32('left'),
    pivots: regions.f32('pivots'),
    turned: regions.f32('turned'),
  };
  const { matrix } = work;
  await fill({ values: matrix, stride });
  for (let i = n; i < stride; i++) matrix[i * stride + i] = 1;
  for (let from = 0; from < stride; from += BLOCK) {
    sweep(work, from);
    // oxlint-disable-next-line no-await-in-loop -- gives way to others, as asked
    await onBlock?.((from + BLOCK) / stride);
  }
  for (let i = 0; i < stride; i++) {
    for (let j = 0; j <= i; j++) {
      const value = -(matrix[i * stride + j] ?? 0);
      matrix[i * stride + j] = value;
      matrix[j * stride + i] = value;
    }
  }
  return { values: matrix, stride };
}

interface Sweep {
  readonly kernels: ReturnType<typeof openKernelMemory>['kernels'];
  readonly stride: number;
  /** shape [stride, stride] */
  readonly matrix: Float32Array;
  /** the columns of the pivots, 0 in their own rows, in panels of eight rows: shape [stride / 8, BLOCK, 8] */
  readonly panel: Float32Array;
  /** a block of rows in groups of four: shape [BLOCK / 4, BLOCK, 4] */
  readonly left: Float32Array;
  /** D, in panels of eight columns: shape [BLOCK / 8, BLOCK, 8] */
  readonly pivots: Float32Array;
  /** A_iK D of a block of rows, shape [BLOCK, BLOCK] */
  readonly turned: Float32Array;
}

/** Sweeps the pivots of one block. */
function sweep(work: Sweep, from: number): void {
  const { kernels, matrix, stride, panel, left, pivots, turned } = work;
  const inverse = smallInverse(matrix, stride, from);
  copyPanel(work, from);
  for (let i = 0; i < BLOCK; i++)
    for (let j = 0; j < BLOCK; j++) pivots[((j >> 3) * BLOCK + i) * 8 + (j & 7)] = inverse[i * BLOCK + j] ?? 0;
  for (let row = 0; row < stride; row += BLOCK) {
    if (row === from) continue;
    for (let i = 0; i < BLOCK; i++) {
      for (let c = 0; c < BLOCK; c++) {
        left[((i >> 2) * BLOCK + c) * 4 + (i & 3)] = panel[(((row + i) >> 3) * BLOCK + c) * 8 + (i & 7)] ?? 0;
      }
    }
    kernels.multiplyPanels(
      ...([turned.byteOffset, BLOCK * 4, left.byteOffset, pivots.byteOffset] as const),
      ...([BLOCK, BLOCK, BLOCK, 0] as const),
    );
    for (let i = 0; i < BLOCK; i++)
      for (let c = 0; c < BLOCK; c++) left[((i >> 2) * BLOCK + c) * 4 + (i & 3)] = -(turned[i * BLOCK + c] ?? 0);
    kernels.multiplyPanels(
      ...([matrix.byteOffset + row * stride * 4, stride * 4, left.byteOffset, panel.byteOffset] as const),
      ...([BLOCK, row + BLOCK, BLOCK, 1] as const),
    );
    for (let i = 0; i < BLOCK; i++) {
      for (let c = 0; c < BLOCK; c++) {
        const at = row > from ? (row + i) * stride + from + c : (from + c) * stride + row + i;
        matrix[at] = turned[i * BLOCK + c] ?? 0;
      }
    }
  }
  for (let i = 0; i < BLOCK; i++)
    for (let j = 0; j < BLOCK; j++) matrix[(from + i) * stride + from + j] = -(inverse[i * BLOCK + j] ?? 0);
}

/** Copies the columns of the pivots, from below the diagonal and, mirrored, from beside it. */
function copyPanel({ matrix, stride, panel }: Sweep, from: number): void {
  for (let i = 0; i < stride; i++) {
    const isOwn = i >= from && i < from + BLOCK;
    for (let c = 0; c < BLOCK; c++) {
      const at = i < from ? (from + c) * stride + i : i * stride + from + c;
      panel[((i >> 3) * BLOCK + c) * 8 + (i & 7)] = isOwn ? 0 : (matrix[at] ?? 0);
    }
  }
}

/**
 * The inverse of a block of the diagonal by Gauss and Jordan in f64, which needs no pivoting where all eigenvalues are
 * positive.
 */
function smallInverse(matrix: Float32Array, stride: number, from: number): Float64Array {
  const a = new Float64Array(BLOCK * BLOCK);
  for (let i = 0; i < BLOCK; i++) {
    for (let j = 0; j <= i; j++) {
      const value = matrix[(from + i) * stride + from + j] ?? 0;
      a[i * BLOCK + j] = value;
      a[j * BLOCK + i] = value;
    }
  }
  for (let k = 0; k < BLOCK; k++) {
    const pivot = 1 / (a[k * BLOCK + k] ?? 1);
    a[k * BLOCK + k] = 1;
    for (let j = 0; j < BLOCK; j++) a[k * BLOCK + j] = (a[k * BLOCK + j] ?? 0) * pivot;
    for (let i = 0; i < BLOCK; i++) {
      if (i === k) continue;
      const factor = a[i * BLOCK + k] ?? 0;
      a[i * BLOCK + k] = 0;
      for (let j = 0; j < BLOCK; j++) a[i * BLOCK + j] = (a[i * BLOCK + j] ?? 0) - factor * (a[k * BLOCK + j] ?? 0);
    }
  }
  return a;
}
