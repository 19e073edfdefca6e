/** What is asked of the products of a query: the rows of the k largest, and how many reach given ones. */
import { topK } from '../numerics/top-k.js';
import type { QueryProducts } from './nearest-index.js';

/**
 * Rows of the k largest products, largest first; equal ones in the order of their rows.
 *
 * Where only bounds are known, the products of the rows with the k largest bounds come first: the k-th of the products
 * is at least the least of them, so a row whose bound is below that is none of the k. The rest is multiplied.
 */
export function largestRows(asked: QueryProducts, k: number, isAdmitted: (row: number) => boolean): Int32Array {
  const { values, strips, exactly, rows: rowAt } = asked;
  const isHere = rowAt === undefined ? isAdmitted : (place: number) => isAdmitted(rowAt[place] ?? 0);
  const places = topK(values, k, isHere, strips);
  const first = rowAt === undefined ? places : places.map((place) => rowAt[place] ?? 0);
  if (exactly === undefined || first.length === 0) return first;
  const rows =
    first.length < k
      ? first.sort()
      : rowsFrom(
          asked,
          exactly(first).reduce((least, value) => Math.min(least, value)),
          isAdmitted,
        );
  const products = exactly(rows);
  return topK(products, k).map((i) => rows[i] ?? 0);
}

/** Admitted rows whose product reaches a number, with their products; ascending. */
export function productsFrom(
  products: QueryProducts,
  least: number,
  isAdmitted: (row: number) => boolean,
): Float32Array {
  const rows = rowsFrom(products, least, isAdmitted);
  const { values, exactly } = products;
  const own = exactly?.(rows) ?? Float32Array.from(rows, (row) => values[row] ?? 0);
  return exactly === undefined ? own : own.filter((product) => product >= least);
}

/** Admitted rows whose value reaches a number, ascending. */
function rowsFrom(
  { values, strips, rows: rowAt }: Pick<QueryProducts, 'values' | 'strips' | 'rows'>,
  least: number,
  isAdmitted: (row: number) => boolean,
): Int32Array {
  const rows: number[] = [];
  for (let first = 0; first < values.length; first += strips.size) {
    if ((strips.largest[first / strips.size] ?? Infinity) < least) continue;
    const end = Math.min(first + strips.size, values.length);
    for (let place = first; place < end; place++) {
      if ((values[place] ?? 0) < least) continue;
      const row = rowAt === undefined ? place : (rowAt[place] ?? 0);
      if (isAdmitted(row)) rows.push(row);
    }
  }
  const found = Int32Array.from(rows);
  return rowAt === undefined ? found : found.sort();
}
