/** Pearson's chi-square, for tests of samplers: seeded, so that a test that passes always passes. */

/** Σ (observed − expected)² / expected. @param probabilities - of each cell, sum 1; cells of probability 0 must be empty */
export function chiSquare(observed: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < observed.length; i++) total += observed[i] ?? 0;
  let sum = 0;
  for (let i = 0; i < observed.length; i++) {
    const expected = total * (probabilities[i] ?? 0);
    const difference = (observed[i] ?? 0) - expected;
    if (difference !== 0) sum += (difference * difference) / expected;
  }
  return sum;
}

/** What chi-square stays below with probability 0.9999: Wilson and Hilferty 1931. */
export function chiSquareLimit(degrees: number): number {
  const share = 2 / (9 * degrees);
  return degrees * (1 - share + 3.719 * Math.sqrt(share)) ** 3;
}
