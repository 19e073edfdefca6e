/** Movement from the clicks of both periods: whether those who click a category are still the same kind of people. */
import type { Embedding } from '../embedding/embedding.js';
import type { Histories } from '../histories/histories.js';
import { Random, shuffle } from '../numerics/random.js';
import { groupByDirection, unitRows } from './context-groups.js';
import { axesOf, type GroupAxes } from './context-axes.js';
import { meanContexts, peopleOf, visitContexts, type Person } from './contexts.js';
import type { MovedByCount } from './noise-floor.js';

/** How far contexts moved, and how far chance moves them. */
export interface ContextMovement {
  /** of each shared category, shape [S]: `moved` is 1 where it is what chance gives */
  readonly observed: MovedByCount;
  /** the same where chance decided which history is of which period, several times over, shape [R S] */
  readonly byChance: MovedByCount;
}

/** Values of chance to have at least, and the fewest and most times that periods are drawn anew. */
const [leastByChance, leastDraws, mostDraws] = [20_000, 2, 50];
/** Categories of a cluster and of a group, and the most of each; clusters are what contexts are told in. */
const [inCluster, mostClusters, inGroup, mostGroups] = [12.5, 512, 150, 32];

/**
 * Compares the contexts of every category in the two periods.
 *
 * The context of a click is the mean of the other categories that the person clicked, in either period, told in
 * clusters of the mean of both spaces, so that neither training's noise is taken for taste. Of each category the mean
 * contexts of both periods differ by δ, which chance gives the covariance v W, v = 1 / n + 1 / m of its n and m clicks,
 * W the covariance of contexts within a category. On axes where W is 1 and the covariance λ between categories is
 * diagonal, a mover's δ has the variance v + 2 λ, and
 *
 * moved = Σ a δ² / v / Σ a, a = 2 λ / (v + 2 λ)
 *
 * is, but for what depends on n and m alone, its log likelihood ratio (Fisher's discriminant axes, Rao 1948). W and λ
 * are those of the group of similar categories, as topics differ from language to language. What a group shifts as a
 * whole is taken off.
 *
 * Chance: with the periods of a person's two histories exchanged with probability ½, and those of other histories
 * shuffled. That is exact where nothing but the draw of the clicks differs.
 *
 * @param older - the shared categories
 * @param newer - the same, in the same order, turned onto the older
 * @param seed - of the draws; default 1
 */
export function contextMovement(
  older: Embedding,
  newer: Embedding,
  logs: readonly [Histories, Histories],
  seed = 1,
): ContextMovement {
  const people = peopleOf(logs, older.vocabulary.keys);
  const points = clusterVectors(older, newer);
  const n = older.dimension;
  const size = older.vocabulary.size;
  const means = meanContexts(people, points, n, size);
  const groups = Math.max(1, Math.min(mostGroups, Math.round(size / inGroup)));
  const { group } = groupByDirection({ points: means.sums, dimension: n, weights: shrunk(means.counts) }, groups);
  const axes = axesOf({ people, points, dimension: n, means, group });
  const draws = Math.max(leastDraws, Math.min(mostDraws, Math.ceil(leastByChance / size)));
  const random = new Random(seed, 0x6374);
  const drawn = Array.from({ length: draws }, () =>
    movedBetween({ people, points, n, size, group, axes }, drawPeriods(people, random)),
  );
  const join = (field: keyof MovedByCount) => Float64Array.from(drawn.flatMap((each) => Array.from(each[field])));
  return {
    observed: movedBetween({ people, points, n, size, group, axes }, people),
    byChance: { moved: join('moved'), counts: join('counts') },
  };
}

/** Each category at the center of its cluster, in the mean of both spaces. */
function clusterVectors(older: Embedding, newer: Embedding): Float64Array {
  const { dimension: n, vocabulary } = older;
  const [a, b] = [unitRows(older.vectors, n), unitRows(newer.vectors, n)];
  const both = unitRows(
    a.map((value, i) => value + (b[i] ?? 0)),
    n,
  );
  const clusters = Math.max(1, Math.min(mostClusters, Math.round(vocabulary.size / inCluster)));
  const { group, centers } = groupByDirection(
    { points: both, dimension: n, weights: shrunk(vocabulary.counts) },
    clusters,
  );
  group.forEach((own, row) => both.set(centers.subarray(own * n, (own + 1) * n), row * n));
  return both;
}

/** n / (n + 20): beyond some clicks a category is no better known. */
function shrunk(counts: Float64Array): Float64Array {
  return counts.map((count) => count / (count + 20));
}

/** Who clicked what when, if chance decided. */
function drawPeriods(people: readonly Person[], random: Random): Person[] {
  const isSingle = people.map(({ clicked: [before, after] }) => before.length === 0 || after.length === 0);
  const singles = Int32Array.from(people.keys()).filter((i) => isSingle[i] === true);
  const periods = shuffle(
    singles.map((i) => ((people[i]?.clicked[0].length ?? 0) > 0 ? 0 : 1)),
    random,
  );
  let at = 0;
  return people.map(({ clicked: [before, after], all }, i) => {
    const isSwapped = isSingle[i] === true ? periods[at++] !== (before.length > 0 ? 0 : 1) : random.uniform() < 0.5;
    return { clicked: isSwapped ? [after, before] : [before, after], all };
  });
}

interface Space {
  readonly people: readonly Person[];
  readonly points: Float64Array;
  readonly n: number;
  readonly size: number;
  readonly group: Int32Array;
  readonly axes: readonly GroupAxes[];
}

function movedBetween({ points, n, size, group, axes }: Space, people: readonly Person[]): MovedByCount {
  const counts = [new Float64Array(size), new Float64Array(size)];
  const sums = [new Float64Array(size * n), new Float64Array(size * n)];
  const has = people.map(({ clicked }) => clicked.map((places) => new Set(places)));
  visitContexts(people, points, n, (c, context, person) => {
    for (const period of [0, 1]) {
      const [count, sum] = [counts[period], sums[period]];
      if (count === undefined || sum === undefined || has[person]?.[period]?.has(c) !== true) continue;
      count[c] = (count[c] ?? 0) + 1;
      for (let d = 0; d < n; d++) sum[c * n + d] = (sum[c * n + d] ?? 0) + (context[d] ?? 0);
    }
  });
  const [before = new Float64Array(), after = new Float64Array()] = counts;
  const variance = before.map((count, c) => 1 / count + 1 / (after[c] ?? 0));
  const shift = new Float64Array(size * n);
  const drift = new Float64Array(axes.length * n);
  const weights = new Float64Array(axes.length);
  for (let c = 0; c < size; c++) {
    if (!Number.isFinite(variance[c])) continue;
    const g = group[c] ?? 0;
    const weight = 1 / ((variance[c] ?? 0) + 0.02);
    weights[g] = (weights[g] ?? 0) + weight;
    for (let d = 0; d < n; d++) {
      const at = c * n + d;
      const own = (sums[1]?.[at] ?? 0) / (after[c] ?? 1) - (sums[0]?.[at] ?? 0) / (before[c] ?? 1);
      shift[at] = own;
      drift[g * n + d] = (drift[g * n + d] ?? 0) + weight * own;
    }
  }
  const own = new Float64Array(n);
  const moved = Float64Array.from(variance, (v, c) => {
    const g = group[c] ?? 0;
    if (!Number.isFinite(v)) return 0;
    for (let d = 0; d < n; d++) own[d] = (shift[c * n + d] ?? 0) - (drift[g * n + d] ?? 0) / (weights[g] ?? 1);
    return axes[g]?.inUnitsOfChance(own, v) ?? 0;
  });
  return { moved, counts: variance.map((v) => (Number.isFinite(v) ? 2 / v : 0)) };
}
