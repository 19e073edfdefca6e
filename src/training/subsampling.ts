/** Chance-dropping of very frequent categories. */

/**
 * Probability of keeping one click of a category during subsampling.
 *
 * keep(c) = min(1, √(t / f) + t / f), f = count(c) / N
 *
 * Mikolov et al. 2013, arXiv:1310.4546 §2.3, in the form of the released C code.
 *
 * @param counts - clicks per category, shape [V], all > 0
 * @param t - threshold as a share of all clicks, in (0, 1]; 0 keeps everything
 * @returns probabilities in (0, 1], shape [V]
 */
export function keepProbabilities(counts: Float64Array, t: number): Float64Array {
  if (t === 0) return new Float64Array(counts.length).fill(1);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => {
    const ratio = (t * total) / count;
    return Math.min(1, Math.sqrt(ratio) + ratio);
  });
}

/** The same as 32-bit thresholds: a click is kept when its draw is ≤ the threshold. */
export function keepThresholds(counts: Float64Array, t: number): Uint32Array {
  const thresholds = keepProbabilities(counts, t).map((keep) =>
    Math.min(4294967295, Math.max(0, Math.ceil(keep * 4294967296) - 1)),
  );
  return new Uint32Array(thresholds);
}
