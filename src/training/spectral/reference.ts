/** Products with the click matrix in plain TypeScript and f64: the definition that the kernels are tested against. */
import { historyCount, type Histories } from '../../histories/histories.js';
import { Random } from '../../numerics/random.js';
import type { ClickMatrix } from './click-matrix.js';
import type { Block, BlockPair } from './leading-subspace.js';

/** Tells the random start from other uses of the seed. */
export const PURPOSE_START = 0x53504543;

/** A pair of blocks on the caller's thread, and their numbers, row-major, shape [V, L] each. */
export function referenceBlocks(
  histories: Histories,
  matrix: ClickMatrix,
  { width, seed }: { readonly width: number; readonly seed: number },
): BlockPair & { readonly tables: readonly [Float64Array, Float64Array] } {
  const rows = histories.vocabulary.size;
  const tables = [new Float64Array(rows * width), new Float64Array(rows * width)] as const;
  const columns = Array.from({ length: width }, (_, j) => j);
  const sumOverRows = (term: (row: number) => number): number => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += term(row);
    return sum;
  };
  const at = (block: Block, row: number, column: number): number => tables[block][row * width + column] ?? 0;
  return {
    width,
    tables,
    async start() {
      for (let row = 0; row < rows; row++) {
        const random = new Random(seed, PURPOSE_START, row);
        for (const j of columns) tables[0][row * width + j] = random.uniform() - 0.5;
      }
    },
    async multiply(from, to, { alpha, beta, gamma }) {
      const old = tables[from];
      tables[to].forEach((value, i) => {
        tables[to][i] = beta * (old[i] ?? 0) + gamma * value;
      });
      if (alpha !== 0) addProduct(histories, matrix, { width, alpha, from: old, to: tables[to] });
    },
    async gram(left, right) {
      return Float64Array.from(
        columns.flatMap((i) => columns.map((j) => sumOverRows((row) => at(left, row, i) * at(right, row, j)))),
      );
    },
    async turn(block, turn) {
      const old = tables[block].slice();
      for (let row = 0; row < rows; row++) {
        for (const j of columns) {
          let sum = 0;
          for (const k of columns) sum += (old[row * width + k] ?? 0) * (turn[k * width + j] ?? 0);
          tables[block][row * width + j] = sum;
        }
      }
    },
    async residuals(left, right, values) {
      const rest = (row: number, j: number): number => at(right, row, j) - (values[j] ?? 0) * at(left, row, j);
      return Float64Array.from(columns, (j) => sumOverRows((row) => rest(row, j) * rest(row, j)));
    },
  };
}

interface Product {
  readonly width: number;
  readonly alpha: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** to += alpha × AᵀA from: each history sums the rows of its clicks, and adds that sum to each of them. */
function addProduct(histories: Histories, matrix: ClickMatrix, { width, alpha, from, to }: Product): void {
  const { items, offsets, weights } = histories;
  const sum = new Float64Array(width);
  for (let h = 0; h < historyCount(histories); h++) {
    sum.fill(0);
    for (const isBack of [false, true]) {
      for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
        const row = (items[at] ?? 0) * width;
        const share = (weights?.[at] ?? 1) * (matrix.categoryScales[items[at] ?? 0] ?? 0);
        const factor = isBack ? share * alpha * (matrix.historyScales[h] ?? 0) : share;
        for (let j = 0; j < width; j++) {
          if (isBack) to[row + j] = (to[row + j] ?? 0) + factor * (sum[j] ?? 0);
          else sum[j] = (sum[j] ?? 0) + factor * (from[row + j] ?? 0);
        }
      }
    }
  }
}
