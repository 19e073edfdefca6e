/**
 * Jacobi rotations: the one formula and the sweeps. Golub and Van Loan, Matrix Computations §8.5. + − × ÷ √ only, so
 * that every engine gives the same bits.
 */

/** Sweeps over all pairs at most; convergence is quadratic, 6 to 10 are usual. */
const MAX_SWEEPS = 60;

/** Goes over all pairs p < q < n until none is rotated any more. @param rotatePair - returns whether it rotated */
export function sweepPairs(n: number, rotatePair: (p: number, q: number) => boolean): void {
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let isDone = true;
    for (let p = 0; p + 1 < n; p++) {
      for (let q = p + 1; q < n; q++) if (rotatePair(p, q)) isDone = false;
    }
    if (isDone) return;
  }
}

/** The smaller of the turns that make `off` zero beside the diagonal entries a and b; off ≠ 0. */
export function rotationOf(off: number, a: number, b: number): { readonly cosine: number; readonly sine: number } {
  const zeta = (b - a) / (2 * off);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  return { cosine, sine: cosine * tangent };
}

/** Turns two vectors in their plane, in place: (a, b) → (c a − s b, s a + c b). */
export function rotate(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

/** Turns two columns of a matrix given by its rows, as `rotate` does. */
export function rotateColumns(rows: readonly Float64Array[], p: number, q: number, cosine: number, sine: number): void {
  for (const row of rows) {
    const x = row[p] ?? 0;
    const y = row[q] ?? 0;
    row[p] = cosine * x - sine * y;
    row[q] = sine * x + cosine * y;
  }
}
