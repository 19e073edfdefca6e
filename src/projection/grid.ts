/** The grid on which repulsion is computed: how long its transforms are, how fine it is, and the turns that they need. */
import { sinCosTurns } from '../numerics/elementary.js';

/** Lengths of transforms that the kernels know: twice the side of the grid. */
const lengths = [64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096];

/**
 * Spacing wherever the longest transform allows it; the kernel 1 / (1 + d²) has a width of one. Forces then differ from those of all pairs by 1 % where points
 * are dense and by 15 % where they are a unit or more apart, for a point also meets its own image on the grid; test/projection/forces.test.ts has the bounds.
 */
const finest = 0.5;

/** Grid points beyond those that the points lie between: a spline reaches two further on either side. */
const margin = 4;

/** Transforms of length n over a grid of side n / 2. */
export interface Grid {
  readonly length: number;
  readonly spacing: number;
}

/** Longest transform that a map of so many rows may need: its extent grows with the square root of the rows. */
export function longestTransform(rows: number): number {
  return rows <= 2000 ? 1024 : rows <= 200_000 ? 2048 : 4096;
}

/** The smallest grid that holds an extent, and a tenth more to grow into. */
export function gridFor(span: number, longest: number): Grid {
  const room = span * 1.1;
  const length = lengths.find((n) => n <= longest && (n / 2 - margin) * finest >= room);
  if (length !== undefined) return { length, spacing: finest };
  return { length: longest, spacing: room / (longest / 2 - margin) };
}

/** Cosine and −sine of 2π i / n, side by side. */
export function writeTurns(out: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const [sine, cosine] = sinCosTurns(i / n);
    out[2 * i] = cosine;
    out[2 * i + 1] = -sine;
  }
}
