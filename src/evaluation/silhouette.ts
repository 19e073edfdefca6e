/** Silhouette of labeled vectors under cosine distance. Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7. */
import { openKernelMemory } from '../numerics/kernel-memory.js';
import { Random, shuffle } from '../numerics/random.js';
import { paddedDimension, writeUnitRows } from '../numerics/row-products.js';

/** A silhouette and how many categories it was measured on. */
export interface Silhouette {
  /** mean over the categories, in [−1, 1]; near 1 where groups stand apart, 0 where they do not */
  readonly silhouette: number;
  /** categories measured: all of them, or a seeded sample where all would take too long */
  readonly measured: number;
}

/** Rows and their group 0…G−1, shape [n] each; at least two groups. */
export interface SilhouetteOptions {
  readonly rows: Int32Array;
  readonly groups: Int32Array;
  /** of the sample; default 1 */
  readonly seed?: number;
  /** multiplications above which at least 1000 categories are sampled; default 2 × 10¹⁰, one to two seconds */
  readonly mostMultiplications?: number;
}

const blockRows = 64;

/**
 * Mean of s = (b − a) / max(a, b): a is the mean distance 1 − cosine to the others of the own group, b the least mean
 * distance to another group. A member of a group of one has s = 0, as in scikit-learn. A zero vector is at distance 1
 * from everything.
 *
 * The mean distance to a group is 1 − unit · (mean of the group's units), so this takes n × G × D multiplications, not n² D.
 *
 * @param vectors - row-major, shape [V, D]
 */
export function silhouette(
  vectors: Float32Array,
  dimension: number,
  { rows, groups, seed = 1, mostMultiplications = 2e10 }: SilhouetteOptions,
): Silhouette {
  const stride = paddedDimension(dimension);
  const sizes = groupSizes(groups);
  const paddedGroups = Math.ceil(sizes.length / 4) * 4;
  const measured = Math.min(rows.length, Math.max(1000, Math.floor(mostMultiplications / (sizes.length * stride))));
  const members = Int32Array.from(rows.keys());
  if (measured < rows.length) shuffle(members, new Random(seed, 0x5117));
  const { kernels, regions } = openKernelMemory({
    means: paddedGroups * stride * 4,
    units: blockRows * stride * 4,
    products: blockRows * paddedGroups * 4,
  });
  regions.f32('means').set(groupMeans(vectors, dimension, { rows, groups, sizes }));
  const units = regions.f32('units', blockRows * stride);
  const products = regions.f32('products', blockRows * paddedGroups);
  const at = regions.addresses();
  let total = 0;
  for (let first = 0; first < measured; first += blockRows) {
    const block = members.subarray(first, Math.min(first + blockRows, measured));
    const lengths = writeUnitRows(vectors, dimension, { rows: block.map((member) => rows[member] ?? 0), out: units });
    kernels.rowProducts(at.units, block.length, at.means, paddedGroups, stride * 4, at.products, paddedGroups * 4);
    block.forEach((member, i) => {
      const cosines = products.subarray(i * paddedGroups, i * paddedGroups + sizes.length);
      const ownSquare = (lengths[i] ?? 0) > 0 ? 1 : 0;
      total += silhouetteOf(cosines, sizes, groups[member] ?? 0, ownSquare);
    });
  }
  return { silhouette: total / measured, measured };
}

/** s of one member from its mean cosine with every group, its own with itself included. */
function silhouetteOf(cosines: Float32Array, sizes: Float64Array, own: number, ownSquare: number): number {
  const ownSize = sizes[own] ?? 0;
  if (ownSize < 2) return 0;
  const inside = 1 - ((cosines[own] ?? 0) * ownSize - ownSquare) / (ownSize - 1);
  let nearest = -Infinity;
  for (let group = 0; group < cosines.length; group++) {
    const cosine = cosines[group] ?? 0;
    if (cosine > nearest && group !== own && sizes[group] !== 0) nearest = cosine;
  }
  const outside = 1 - nearest;
  const larger = Math.max(inside, outside);
  // Distances below a hundred-thousandth may be rounding: vectors that coincide have no silhouette.
  return larger > 1e-5 ? (outside - inside) / larger : 0;
}

function groupSizes(groups: Int32Array): Float64Array {
  const sizes = new Float64Array(groups.reduce((most, group) => Math.max(most, group + 1), 0));
  for (const group of groups) sizes[group] = (sizes[group] ?? 0) + 1;
  return sizes;
}

/** Mean of the unit vectors of each group, summed in f64, shape [G, stride]. */
function groupMeans(
  vectors: Float32Array,
  dimension: number,
  of: { readonly rows: Int32Array; readonly groups: Int32Array; readonly sizes: Float64Array },
): Float64Array {
  const { rows, groups, sizes } = of;
  const stride = paddedDimension(dimension);
  const sums = new Float64Array(sizes.length * stride);
  const unit = new Float32Array(stride);
  rows.forEach((_, member) => {
    writeUnitRows(vectors, dimension, { rows: rows.subarray(member, member + 1), out: unit });
    const from = (groups[member] ?? 0) * stride;
    for (let j = 0; j < stride; j++) sums[from + j] = (sums[from + j] ?? 0) + (unit[j] ?? 0);
  });
  return sums.map((sum, i) => sum / Math.max(1, sizes[Math.floor(i / stride)] ?? 1));
}
