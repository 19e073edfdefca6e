/**
 * Intervals by resampling clusters: the percentile bootstrap. Efron 1979, doi:10.1214/aos/1176344552; clusters:
 * Cameron, Gelbach and Miller 2008.
 */
import { quantile } from './quantile.js';
import { Random } from './random.js';

/** A measured figure with its 95 % interval. */
export interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How intervals are drawn. */
export interface BootstrapOptions {
  /** cluster of each observation, such as its user; any whole numbers, shape [n]. Whole clusters are drawn. */
  readonly clusters: ArrayLike<number>;
  /** default 1000 */
  readonly resamples?: number | undefined;
  /** default 1 */
  readonly seed?: number | undefined;
}

/** How intervals are drawn, as options of steps and commands. */
export const intervalOptions = {
  resamples: {
    kind: 'integer',
    min: 0,
    max: 1_000_000,
    default: 1000,
    value: 'count',
    help: 'of users, for the intervals',
  },
} as const;

/**
 * Means of several columns and differences of such means, each with the 2.5th and 97.5th percentile over resampled clusters.
 *
 * All columns share the resamples, so differences are paired.
 *
 * @param columns - observations, shape [n] each, n ≥ 1
 * @param pairs - [a, b] for each difference mean(a) − mean(b) that is wanted
 */
export function bootstrapMeans(
  columns: readonly Float64Array[],
  pairs: readonly (readonly [a: number, b: number])[],
  { clusters, resamples = intervalOptions.resamples.default, seed = 1 }: BootstrapOptions,
): { readonly means: Figure[]; readonly differences: Figure[] } {
  const { sums, sizes } = clusterSums(columns, clusters);
  const count = sizes.length;
  const width = columns.length;
  const random = new Random(seed, 0xb007);
  const meansOf = (draw: (i: number) => number) => {
    const totals = new Float64Array(width);
    let size = 0;
    for (let i = 0; i < count; i++) {
      const cluster = draw(i);
      size += sizes[cluster] ?? 0;
      for (let c = 0; c < width; c++) totals[c] = (totals[c] ?? 0) + (sums[cluster * width + c] ?? 0);
    }
    return totals.map((total) => total / size);
  };
  const found = meansOf((i) => i);
  const drawn = Array.from({ length: resamples }, () => meansOf(() => random.below(count)));
  const figure = (statistic: (means: Float64Array) => number): Figure => {
    const sorted = Float64Array.from(drawn, statistic).sort();
    const value = statistic(found);
    return resamples === 0
      ? { value, low: value, high: value }
      : { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  };
  return {
    means: columns.map((_, c) => figure((means) => means[c] ?? NaN)),
    differences: pairs.map(([a, b]) => figure((means) => (means[a] ?? NaN) - (means[b] ?? NaN))),
  };
}

function clusterSums(columns: readonly Float64Array[], clusters: ArrayLike<number>) {
  const places = new Map<number, number>();
  const width = columns.length;
  const sums: number[] = [];
  const sizes: number[] = [];
  for (let i = 0; i < clusters.length; i++) {
    const cluster = clusters[i] ?? 0;
    let place = places.get(cluster);
    if (place === undefined) {
      place = places.size;
      places.set(cluster, place);
      sizes.push(0);
      for (let c = 0; c < width; c++) sums.push(0);
    }
    sizes[place] = (sizes[place] ?? 0) + 1;
    for (let c = 0; c < width; c++) sums[place * width + c] = (sums[place * width + c] ?? 0) + (columns[c]?.[i] ?? 0);
  }
  return { sums: Float64Array.from(sums), sizes: Float64Array.from(sizes) };
}
