/** The normalized click matrix A = D_u^−a R D_i^−b, as scales of its rows and columns; it is never written down. */
import { historyCount, type Histories } from '../../histories/histories.js';
import { pow } from '../../numerics/elementary.js';

/** Scales of the click matrix R, whose entry (u, i) is the sum of the weights of u's clicks on i. */
export interface ClickMatrix {
  /** weight of all clicks of each category: the diagonal of D_i, shape [V] */
  readonly categoryDegrees: Float64Array;
  /** d_i^−b, 0 for a category without clicks, shape [V] */
  readonly categoryScales: Float32Array;
  /** d_u^−2a, both times that a row of A is multiplied, 0 for a history without clicks, shape [H] */
  readonly historyScales: Float32Array;
}

/** How strongly large histories and popular categories are toned down. */
export interface ClickMatrixOptions {
  /** a, exponent of the histories' degrees */
  readonly historyExponent: number;
  /** b, exponent of the categories' degrees */
  readonly categoryExponent: number;
}

/** Degrees and scales of the click matrix of some histories. */
export function clickMatrixOf(
  histories: Histories,
  { historyExponent, categoryExponent }: ClickMatrixOptions,
): ClickMatrix {
  const { items, offsets, weights, vocabulary } = histories;
  const categoryDegrees = new Float64Array(vocabulary.size);
  const historyScales = new Float32Array(historyCount(histories));
  const power = powersOf(-2 * historyExponent);
  for (let h = 0; h < historyScales.length; h++) {
    let degree = 0;
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
      const weight = weights?.[at] ?? 1;
      const item = items[at] ?? 0;
      degree += weight;
      categoryDegrees[item] = (categoryDegrees[item] ?? 0) + weight;
    }
    historyScales[h] = power(degree);
  }
  const categoryPower = powersOf(-categoryExponent);
  return { categoryDegrees, categoryScales: Float32Array.from(categoryDegrees, categoryPower), historyScales };
}

/** x → x^exponent, 0 for 0; degrees are few different numbers, and `pow` is slow. */
function powersOf(exponent: number): (degree: number) => number {
  const known = new Map<number, number>();
  return (degree) => {
    let value = known.get(degree);
    if (value === undefined) {
      value = degree > 0 ? pow(degree, exponent) : 0;
      if (known.size < 100_000) known.set(degree, value);
    }
    return value;
  };
}
