/**
 * All eigenvalues and eigenvectors of a small symmetric matrix: Householder tridiagonalization, then implicit QL (tred2
 * and tql2 of EISPACK).
 */

/** Eigenvalues, largest first, and their vectors. */
export interface SymmetricEigen {
  /** shape [n] */
  readonly values: Float64Array;
  /** row-major, shape [n, n]; column j is the unit eigenvector of value j */
  readonly vectors: Float64Array;
}

/** Steps for one eigenvalue; two to three are usual. */
const MOST_STEPS = 60;
const EPSILON = 2.220446049250313e-16;

/**
 * Golub and Van Loan, Matrix Computations §8.3; Bowdler, Martin, Reinsch and Wilkinson 1968. + − × ÷ √ only.
 *
 * @param matrix - row-major, shape [n, n]; only the lower triangle is read
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  // row j of `rows` becomes eigenvector j
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      rows[i * n + j] = matrix[i * n + j] ?? 0;
      rows[j * n + i] = matrix[i * n + j] ?? 0;
    }
  }
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  tridiagonalize(rows, n, diagonal, beside);
  diagonalize(rows, n, diagonal, beside);
  const order = Int32Array.from(diagonal.keys()).sort((a, b) => (diagonal[b] ?? 0) - (diagonal[a] ?? 0) || a - b);
  const vectors = new Float64Array(n * n);
  order.forEach((from, j) => {
    for (let i = 0; i < n; i++) vectors[i * n + j] = rows[from * n + i] ?? 0;
  });
  return { values: Float64Array.from(order, (from) => diagonal[from] ?? 0), vectors };
}

/** Reduces to tridiagonal form by reflections; `rows` becomes the transpose of the orthogonal matrix of the change. */
function tridiagonalize(rows: Float64Array, n: number, diagonal: Float64Array, beside: Float64Array): void {
  // the reflection that clears column k below its subdiagonal, and where it is kept until all are multiplied
  const reflections: { readonly vector: Float64Array; readonly from: number }[] = [];
  for (let k = 0; k + 2 < n; k++) {
    const from = k + 1;
    const vector = new Float64Array(n);
    let largest = 0;
    for (let i = from; i < n; i++) largest = Math.max(largest, Math.abs(rows[k * n + i] ?? 0));
    if (largest === 0) continue;
    let squares = 0;
    for (let i = from; i < n; i++) {
      const value = (rows[k * n + i] ?? 0) / largest;
      vector[i] = value;
      squares += value * value;
    }
    const first = vector[from] ?? 0;
    vector[from] = first + (first < 0 ? -1 : 1) * Math.sqrt(squares);
    const length = Math.sqrt(dotFrom(vector, vector, from));
    if (length === 0) continue;
    for (let i = from; i < n; i++) vector[i] = (vector[i] ?? 0) / length;
    reflectBothSides(rows, n, k, vector);
    reflections.push({ vector, from });
  }
  for (let i = 0; i < n; i++) {
    diagonal[i] = rows[i * n + i] ?? 0;
    beside[i] = i === 0 ? 0 : (rows[i * n + i - 1] ?? 0);
  }
  rows.fill(0);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  // Q = H₁ H₂ …; its transpose is built from the last reflection on, so that only the trailing part is touched
  for (const { vector, from } of reflections.toReversed()) {
    for (let i = from; i < n; i++) {
      const row = rows.subarray(i * n, (i + 1) * n);
      const share = 2 * dotFrom(row, vector, from);
      for (let j = from; j < n; j++) row[j] = (row[j] ?? 0) - share * (vector[j] ?? 0);
    }
  }
}

/** A ← H A H with H = I − 2 v vᵀ, where columns before k + 1 but the k-th are done with. */
function reflectBothSides(rows: Float64Array, n: number, k: number, vector: Float64Array): void {
  const from = k + 1;
  // p = A v, then w = p − (vᵀ p) v: A − 2 v wᵀ − 2 w vᵀ
  const product = new Float64Array(n);
  for (let i = k; i < n; i++) product[i] = dotFrom(rows.subarray(i * n, (i + 1) * n), vector, from);
  const share = dotFrom(product, vector, from);
  for (let i = k; i < n; i++) product[i] = (product[i] ?? 0) - share * (vector[i] ?? 0);
  for (let i = k; i < n; i++) {
    const row = rows.subarray(i * n, (i + 1) * n);
    const own = 2 * (vector[i] ?? 0);
    const other = 2 * (product[i] ?? 0);
    for (let j = k; j < n; j++) row[j] = (row[j] ?? 0) - own * (product[j] ?? 0) - other * (vector[j] ?? 0);
  }
}

/** Implicit QL with Wilkinson's shifts; turns the rows along. */
function diagonalize(rows: Float64Array, n: number, diagonal: Float64Array, beside: Float64Array): void {
  beside.copyWithin(0, 1);
  if (n > 0) beside[n - 1] = 0;
  for (let low = 0; low < n; low++) {
    for (let step = 0; step < MOST_STEPS; step++) {
      let high = low;
      while (high + 1 < n && !isSmall(diagonal, beside, high)) high++;
      if (high === low) break;
      chase(rows, n, { diagonal, beside, low, high });
    }
  }
}

function isSmall(diagonal: Float64Array, beside: Float64Array, i: number): boolean {
  const scale = Math.abs(diagonal[i] ?? 0) + Math.abs(diagonal[i + 1] ?? 0);
  return Math.abs(beside[i] ?? 0) <= EPSILON * scale;
}

interface Stretch {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
  readonly low: number;
  readonly high: number;
}

/** One QL step on an unreduced stretch of the tridiagonal matrix. */
function chase(rows: Float64Array, n: number, { diagonal, beside, low, high }: Stretch): void {
  const below = beside[low] ?? 0;
  const half = ((diagonal[low + 1] ?? 0) - (diagonal[low] ?? 0)) / (2 * below);
  const length = Math.sqrt(half * half + 1);
  let g = (diagonal[high] ?? 0) - (diagonal[low] ?? 0) + below / (half + (half < 0 ? -length : length));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let i = high - 1; i >= low; i--) {
    const f = sine * (beside[i] ?? 0);
    const b = cosine * (beside[i] ?? 0);
    const r = Math.sqrt(f * f + g * g);
    beside[i + 1] = r;
    if (r === 0) {
      diagonal[i + 1] = (diagonal[i + 1] ?? 0) - shift;
      beside[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = (diagonal[i + 1] ?? 0) - shift;
    const t = ((diagonal[i] ?? 0) - g) * sine + 2 * cosine * b;
    shift = sine * t;
    diagonal[i + 1] = g + shift;
    g = cosine * t - b;
    turn(rows.subarray(i * n, (i + 1) * n), rows.subarray((i + 1) * n, (i + 2) * n), cosine, sine);
  }
  diagonal[low] = (diagonal[low] ?? 0) - shift;
  beside[low] = g;
  beside[high] = 0;
}

/** (a, b) → (c a − s b, s a + c b). */
function turn(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

function dotFrom(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < b.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
