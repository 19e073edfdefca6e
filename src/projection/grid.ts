/** The grid on which repulsion is computed: how long its transforms are, how fine it is, and the turns that they need. */
import { sinCosTurns } from '../numerics/elementary.js';

/** Lengths of transforms that the kernels know: twice the side of the grid. */
const lengths = [64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096];

/**
 * Widest spacing wherever the longest transform allows it; the kernel 1 / (1 + d²) has a width of one. Forces then
 * differ from those of all pairs by 1 to 2 % (test/projection/forces.test.ts has the bounds). It matters: of 10,000 ×
 * 64 numbers a spacing of 0.5 gave a divergence of 1.128, one of 0.4 1.088, 0.33 1.060, 0.3 1.058, and all pairs 1.052.
 */
const widest = 0.37;
/**
 * Narrowest spacing: narrower, differences of the potential between neighboring grid points would drown in the rounding
 * of f32.
 */
const narrowest = 0.25;

/** Grid points beyond those that the points lie between: a spline reaches two further on either side. */
const margin = 4;

/** Transforms of length n over a grid of side n / 2. */
export interface Grid {
  readonly length: number;
  readonly spacing: number;
}

/** No grid: the repulsion of all pairs is summed. */
export const noGrid: Grid = { length: 0, spacing: 1 };

/** Longest transform that a map of so many rows may need: its extent grows with the square root of the rows. */
export function longestTransform(rows: number): number {
  return rows <= 2000 ? 1024 : rows <= 200_000 ? 2048 : 4096;
}

/**
 * The shortest transform whose grid holds an extent, and a tenth more to grow into; as fine as it then can be.
 *
 * @param current - the grid there is; it stays where it still is what would be chosen, or nearly, for a new one needs a
 *   new filter
 */
export function gridFor(span: number, longest: number, current: Grid = noGrid): Grid {
  const room = span * 1.1;
  const length = lengths.find((n) => n <= longest && (n / 2 - margin) * widest >= room) ?? longest;
  const spacing = Math.max(narrowest, room / (length / 2 - margin));
  const isNear = current.spacing >= spacing * 0.95 && current.spacing <= spacing * 1.05;
  return current.length === length && isNear ? current : { length, spacing };
}

/** Cosine and −sine of 2π i / n, side by side. */
export function writeTurns(out: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const [sine, cosine] = sinCosTurns(i / n);
    out[2 * i] = cosine;
    out[2 * i + 1] = -sine;
  }
}
