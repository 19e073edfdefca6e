/** Silhouette of labelled vectors under cosine distance. Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7. */
import { paddedDimension, writeUnitRows } from '../numerics/row-products.js';
import { Random, shuffle } from '../numerics/random.js';

/** A silhouette and how many categories it was measured on. */
export interface Silhouette {
  /** mean over the categories, in [−1, 1]; near 1 where groups stand apart, 0 where they do not */
  readonly silhouette: number;
  /** categories measured: all of them, or a seeded sample where all would take too long */
  readonly measured: number;
}

/** Multiplications above which a sample is drawn: about a second. */
const mostMultiplications = 1_000_000_000;

/**
 * Mean of s = (b − a) / max(a, b): a is the mean distance 1 − cosine to the others of the own group, b the least mean distance to another
 * group. A member of a group of one has s = 0, as in scikit-learn. A zero vector is at distance 1 from everything.
 *
 * The mean distance to a group is 1 − unit · (sum of the group's units) / n, so this takes n × groups × D, not n² D.
 *
 * @param vectors - row-major, shape [V, D]
 * @param members - rows and their group 0…G−1, shape [n] each; at least two groups
 * @param seed - of the sample, which is drawn where n × G × D is above 10⁹
 */
export function silhouette(
  vectors: Float32Array,
  dimension: number,
  { rows, groups, seed = 1 }: { readonly rows: Int32Array; readonly groups: Int32Array; readonly seed?: number },
): Silhouette {
  const stride = paddedDimension(dimension);
  const units = new Float32Array(rows.length * stride);
  const lengths = writeUnitRows(vectors, dimension, { rows, out: units });
  const groupCount = groups.reduce((most, group) => Math.max(most, group + 1), 0);
  const sizes = new Float64Array(groupCount);
  const sums = new Float64Array(groupCount * stride);
  groups.forEach((group, member) => {
    sizes[group] = (sizes[group] ?? 0) + 1;
    for (let j = 0; j < stride; j++)
      sums[group * stride + j] = (sums[group * stride + j] ?? 0) + (units[member * stride + j] ?? 0);
  });
  const measured = Math.min(rows.length, Math.max(1000, Math.floor(mostMultiplications / (groupCount * stride))));
  const members = Int32Array.from(rows, (_, member) => member);
  if (measured < rows.length) shuffle(members, new Random(seed, 0x5117));
  let total = 0;
  for (const member of members.subarray(0, measured)) {
    const own = groups[member] ?? 0;
    if ((sizes[own] ?? 0) < 2) continue;
    let inside = 0;
    let outside = Infinity;
    for (let group = 0; group < groupCount; group++) {
      const product = dot(units, member * stride, sums, group * stride, stride);
      if (group === own) {
        inside = 1 - (product - ((lengths[member] ?? 0) > 0 ? 1 : 0)) / ((sizes[own] ?? 0) - 1);
      } else if (sizes[group] !== 0) {
        outside = Math.min(outside, 1 - product / (sizes[group] ?? 1));
      }
    }
    const larger = Math.max(inside, outside);
    // Distances below a millionth are rounding: vectors that coincide have no silhouette.
    if (larger > 1e-6) total += (outside - inside) / larger;
  }
  return { silhouette: total / measured, measured };
}

function dot(a: Float32Array, fromA: number, b: Float64Array, fromB: number, stride: number): number {
  let sum = 0;
  for (let j = 0; j < stride; j++) sum += (a[fromA + j] ?? 0) * (b[fromB + j] ?? 0);
  return sum;
}
