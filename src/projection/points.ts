/** What is mapped: unit vectors for cosine, vectors as they are for Euclidean distance, moved so that their mean is zero. */
import { paddedDimension, writeUnitRows } from '../numerics/row-products.js';

/** Which vectors, and what near means. */
export interface PointSource {
  /** row-major, shape [V, D] */
  readonly vectors: Float32Array;
  readonly dimension: number;
  readonly metric: 'cosine' | 'euclidean';
}

/**
 * Writes the points whose Euclidean distances a map is about.
 *
 * Of unit vectors |a − b|² = 2 (1 − cos), so that the nearest by cosine are the nearest by distance; a vector of zeros
 * stays at the origin of the unit sphere, at distance 1 from everything but its like. Moving the mean to zero changes
 * no distance, and keeps the bits of f32 for them. Numbers beyond 2^±50 are brought near 1 by a power of two first, so
 * that their squares are floats: that changes no ratio of distances.
 *
 * @param out - shape [V, paddedDimension(D)], zeros where padded
 */
export function writePoints({ vectors, dimension, metric }: PointSource, out: Float32Array): void {
  const stride = paddedDimension(dimension);
  const rows = vectors.length / dimension;
  if (metric === 'cosine') writeUnitRows(vectors, dimension, { out });
  else {
    const scale = scaleNearOne(vectors);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < dimension; j++) out[i * stride + j] = (vectors[i * dimension + j] ?? 0) * scale;
    }
  }
  const sums = new Float64Array(dimension);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < dimension; j++) sums[j] = (sums[j] ?? 0) + (out[i * stride + j] ?? 0);
  }
  const mean = sums.map((sum) => sum / rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < dimension; j++) out[i * stride + j] = (out[i * stride + j] ?? 0) - (mean[j] ?? 0);
  }
}

/** Beyond this, or below its inverse, a sum of squares may leave the range of a float. */
const farFromOne = 2 ** 50;

/** A power of two that brings the greatest magnitude near 1; 1 where it is near enough. */
function scaleNearOne(vectors: Float32Array): number {
  const most = vectors.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
  if (most === 0 || (most < farFromOne && most > 1 / farFromOne)) return 1;
  let scale = 1;
  while (most * scale > 1) scale /= 2;
  while (most * scale < 0.5) scale *= 2;
  return scale;
}
