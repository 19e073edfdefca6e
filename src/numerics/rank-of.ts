/** The rank of one score among many. */

/**
 * Greater + ties / 2 among all but some others: 0 is the first, and equal ones share the mean of their places.
 *
 * @param scores - shape [V]
 * @param others - places that do not count, the answer not among them
 * @param answer - whose rank is asked for
 */
export function rankOf(scores: Float32Array | Float64Array, others: ArrayLike<number>, answer: number): number {
  const target = scores[answer] ?? 0;
  let greater = 0;
  let equal = 0;
  for (const score of scores) {
    if (score > target) greater++;
    else if (score === target) equal++;
  }
  for (let i = 0; i < others.length; i++) {
    const score = scores[others[i] ?? 0] ?? 0;
    if (score > target) greater--;
    else if (score === target) equal--;
  }
  return greater + (equal - 1) / 2;
}
