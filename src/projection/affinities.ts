/**
 * Affinities of t-SNE: how likely each category would pick each near one as its neighbor. van der Maaten and Hinton
 * 2008, JMLR 9:2579–2605.
 */
import { exp, log } from '../numerics/elementary.js';

/** Steps of the search for a row's bandwidth; each halves what is left, so that f64 is exhausted. */
const STEPS = 64;
/** How far the entropy may be from that of the perplexity, in nats. */
const TOLERANCE = 1e-6;

/** Symmetric affinities as rows of a sparse matrix. */
export interface Affinities {
  /** where each row begins, shape [V + 1] */
  readonly offsets: Int32Array;
  /** the other category of each entry; each row is padded to a multiple of 4 with its own number and affinity 0 */
  readonly columns: Int32Array;
  /** affinity of each entry; all together sum to 1 */
  readonly values: Float32Array;
}

/**
 * Room for affinities: `offsets` of shape [V + 1] with a first 0, the rest as long as they may become; whatever stood
 * there is overwritten.
 */
export type AffinityRoom = Affinities;

/** Perplexity that is used for a number of categories: each row has 3 × as many neighbors, so at most a third of the others. */
export function usedPerplexity(perplexity: number, rows: number): number {
  return Math.max(1, Math.min(perplexity, (rows - 1) / 3));
}

/** Neighbors of each row in the graph: three times the perplexity, van der Maaten 2014 §4.1. */
export function graphNeighbors(perplexity: number, rows: number): number {
  return Math.max(0, Math.min(rows - 1, Math.floor(3 * usedPerplexity(perplexity, rows))));
}

/**
 * Turns squared distances into conditional affinities, in place.
 *
 * p(j | i) = exp(−βᵢ d²ᵢⱼ) / Σ, with βᵢ such that the entropy of row i is log(perplexity), found by bisection.
 *
 * @param squares - shape [rows, k]
 */
export function conditionalAffinities(squares: Float32Array, k: number, perplexity: number): void {
  const target = log(perplexity);
  const row = new Float64Array(k);
  for (let from = 0; from < squares.length; from += k) {
    let least = Infinity;
    for (let i = 0; i < k; i++) least = Math.min(least, squares[from + i] ?? 0);
    let mean = 0;
    for (let i = 0; i < k; i++) mean += ((squares[from + i] ?? 0) - least) / k;
    let low = 0;
    let high = Infinity;
    let beta = mean > 0 ? 1 / mean : 1;
    let sum = 0;
    for (let step = 0; step < STEPS; step++) {
      sum = 0;
      let weighted = 0;
      for (let i = 0; i < k; i++) {
        const square = (squares[from + i] ?? 0) - least;
        const value = exp(-beta * square);
        row[i] = value;
        sum += value;
        weighted += value * square;
      }
      const surplus = log(sum) + (beta * weighted) / sum - target;
      if (Math.abs(surplus) < TOLERANCE) break;
      if (surplus > 0) low = beta;
      else high = beta;
      beta = high === Infinity ? beta * 2 : (low + high) / 2;
    }
    for (let i = 0; i < k; i++) squares[from + i] = (row[i] ?? 0) / sum;
  }
}

/**
 * Joins both directions: pᵢⱼ = (p(j | i) + p(i | j)) / 2V.
 *
 * @param neighbors - shape [V, k]
 * @param conditional - shape [V, k], each row sums to 1
 * @param room - where the result is written; new arrays where missing
 */
export function jointAffinities(
  neighbors: Int32Array,
  conditional: Float32Array,
  k: number,
  room?: AffinityRoom,
): Affinities {
  const rows = neighbors.length / k;
  const backward = transposed(neighbors, conditional, rows, (entry) => Math.floor(entry / k));
  // transposed twice, a row is sorted by column
  const forward = transposed(backward.columns, backward.values, rows, rowReader(backward.offsets));
  const offsets = room?.offsets ?? new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    let count = 0;
    walkUnion(forward, backward, row, () => count++);
    offsets[row + 1] = (offsets[row] ?? 0) + Math.ceil(count / 4) * 4;
  }
  const length = offsets[rows] ?? 0;
  const columns = room?.columns.subarray(0, length) ?? new Int32Array(length);
  const values = room?.values.subarray(0, length) ?? new Float32Array(length);
  for (let row = 0; row < rows; row++) {
    let at = offsets[row] ?? 0;
    columns.fill(row, at, offsets[row + 1]);
    values.fill(0, at, offsets[row + 1]);
    walkUnion(forward, backward, row, (column, value) => {
      columns[at] = column;
      values[at] = value / (2 * rows);
      at++;
    });
  }
  return { offsets, columns, values };
}

/** Entries of a sparse matrix by column, in the order of their rows; entries must come row by row. */
function transposed(
  columns: Int32Array,
  values: Float32Array,
  rows: number,
  rowOf: (entry: number) => number,
): Affinities {
  const offsets = new Int32Array(rows + 1);
  for (const column of columns) offsets[column + 1] = (offsets[column + 1] ?? 0) + 1;
  for (let row = 0; row < rows; row++) offsets[row + 1] = (offsets[row + 1] ?? 0) + (offsets[row] ?? 0);
  const next = offsets.slice();
  const out = { offsets, columns: new Int32Array(columns.length), values: new Float32Array(columns.length) };
  for (let entry = 0; entry < columns.length; entry++) {
    const column = columns[entry] ?? 0;
    const at = next[column] ?? 0;
    next[column] = at + 1;
    out.columns[at] = rowOf(entry);
    out.values[at] = values[entry] ?? 0;
  }
  return out;
}

/** Row of an entry, for entries asked in ascending order. */
function rowReader(offsets: Int32Array): (entry: number) => number {
  let row = 0;
  return (entry) => {
    while ((offsets[row + 1] ?? Infinity) <= entry) row++;
    return row;
  };
}

/** Visits the columns that a row has in one matrix or the other, ascending, with the sum of both values. */
function walkUnion(a: Affinities, b: Affinities, row: number, visit: (column: number, value: number) => void): void {
  let i = a.offsets[row] ?? 0;
  let j = b.offsets[row] ?? 0;
  const endA = a.offsets[row + 1] ?? 0;
  const endB = b.offsets[row + 1] ?? 0;
  while (i < endA || j < endB) {
    const columnA = i < endA ? (a.columns[i] ?? 0) : Infinity;
    const columnB = j < endB ? (b.columns[j] ?? 0) : Infinity;
    let value = 0;
    if (columnA <= columnB) value += a.values[i++] ?? 0;
    if (columnB <= columnA) value += b.values[j++] ?? 0;
    visit(Math.min(columnA, columnB), value);
  }
}
