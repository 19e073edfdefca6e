/** Rows in groups of near directions: spherical k-means in two levels, so that a row is compared with few centers. */
import { Random, shuffle } from '../numerics/random.js';
import { lengthOfRow } from '../numerics/row-products.js';
import { buildNearestIndex } from './nearest-index.js';

/** V rows in C groups. */
export interface RowClusters {
  /** rows, those of a group beside each other, ascending within it, and those of zeros after all groups, shape [V] */
  readonly order: Int32Array;
  /** where each group begins in the order, and where the last one ends, shape [C + 1] */
  readonly starts: Int32Array;
  /** unit mean of the unit rows of each group, shape [C, D] */
  readonly centers: Float32Array;
}

/** Rounds of k-means, rows that a center is fitted on, and rows that are compared with centers at once. */
const [rounds, rowsPerCenter, rowsAtOnce] = [6, 256, 32];

/**
 * Groups rows by direction: about √V groups of about √V rows. A sample of the rows is grouped by √(√V) centers, each
 * group again, and every row goes to the nearest center of either level. Same vectors and seed, same bits.
 *
 * Dhillon and Modha 2001, Concept decompositions for large sparse text data using clustering.
 *
 * @param vectors - shape [V, D]; where all are zeros there is no group
 */
export function clusterRows(vectors: Float32Array, dimension: number, seed = 1): RowClusters {
  const size = vectors.length / dimension;
  const wanted = Math.sqrt(size);
  const random = new Random(seed, 0xc1a5);
  const all = { vectors, dimension, random };
  const rows = Int32Array.from({ length: size }, (_, row) => row);
  const isZero = Uint8Array.from(rows, (row) => (lengthOfRow(vectors, row * dimension, dimension) > 0 ? 0 : 1));
  const directed = rows.filter((row) => isZero[row] === 0);
  const rough = split(all, directed, Math.ceil(Math.sqrt(wanted)));
  const groups = rough.flatMap(({ rows }) => split(all, rows, Math.ceil(rows.length / wanted)));
  const order = new Int32Array(size);
  const starts = new Int32Array(groups.length + 1);
  const centers = new Float32Array(groups.length * dimension);
  order.set(
    rows.filter((row) => isZero[row] === 1),
    directed.length,
  );
  groups.forEach(({ rows: own, center }, i) => {
    const start = starts[i] ?? 0;
    order.set(own, start);
    starts[i + 1] = start + own.length;
    centers.set(center, i * dimension);
  });
  return { order, starts, centers };
}

interface Space {
  readonly vectors: Float32Array;
  readonly dimension: number;
  readonly random: Random;
}

interface Group {
  /** ascending */
  readonly rows: Int32Array;
  readonly center: Float32Array;
}

/** Groups some rows by at most `count` centers, none of them empty. */
function split(space: Space, rows: Int32Array, count: number): Group[] {
  const { dimension } = space;
  const sample = shuffle(rows.slice(), space.random).subarray(0, rowsPerCenter * count);
  let centers = meansOf(
    space,
    sample.subarray(0, count),
    Int32Array.from({ length: count }, (_, i) => i),
    count,
  );
  for (let round = 0; round < rounds; round++) {
    centers = meansOf(space, sample, nearestCenters(space, sample, centers), count, centers);
  }
  const nearest = nearestCenters(space, rows, centers);
  return Array.from({ length: count }, (_, c) => ({
    rows: rows.filter((__, i) => nearest[i] === c),
    center: centers.slice(c * dimension, (c + 1) * dimension),
  })).filter((group) => group.rows.length > 0);
}

/** Unit means of the unit rows of each center; a center without rows stays. */
function meansOf(
  { vectors, dimension }: Space,
  rows: Int32Array,
  centerOf: Int32Array,
  count: number,
  before: Float32Array = new Float32Array(count * dimension),
): Float32Array {
  const sums = new Float64Array(count * dimension);
  rows.forEach((row, i) => {
    const length = lengthOfRow(vectors, row * dimension, dimension);
    const to = (centerOf[i] ?? 0) * dimension;
    if (length === 0) return;
    for (let j = 0; j < dimension; j++)
      sums[to + j] = (sums[to + j] ?? 0) + (vectors[row * dimension + j] ?? 0) / length;
  });
  const centers = before.slice();
  for (let c = 0; c < count; c++) {
    const sum = sums.subarray(c * dimension, (c + 1) * dimension);
    const length = Math.sqrt(sum.reduce((squares, value) => squares + value * value, 0));
    if (length > 0) sum.forEach((value, j) => (centers[c * dimension + j] = value / length));
  }
  return centers;
}

/** Of each row the center of the largest product, the first of equal ones. */
function nearestCenters({ vectors, dimension }: Space, rows: Int32Array, centers: Float32Array): Int32Array {
  const index = buildNearestIndex(centers, dimension, { most: rowsAtOnce, rows: 'raw' });
  const nearest = new Int32Array(rows.length);
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    const some = Array.from(rows.subarray(first, first + rowsAtOnce), (row) =>
      vectors.subarray(row * dimension, (row + 1) * dimension),
    );
    index.products(some).forEach(({ values }, i) => {
      let best = 0;
      for (let c = 1; c < values.length; c++) if ((values[c] ?? 0) > (values[best] ?? 0)) best = c;
      nearest[first + i] = best;
    });
  }
  return nearest;
}
