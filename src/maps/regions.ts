/** Names of regions: where the values of an attribute are dense, and more of them than chance would put there. */
import { log } from '../numerics/elementary.js';
import type { LegendEntry } from './coloring.js';

/** A place in the plane where most points share a value. */
export interface Region {
  readonly text: string;
  /** index of the value among the entries of the coloring */
  readonly code: number;
  readonly x: number;
  readonly y: number;
  /** mean distance of its points from the middle, in units of the plane */
  readonly radius: number;
  /** points of the value around it */
  readonly count: number;
}

/** Cells on each side of the plane for the whole view; twice as many for each doubling of the scale. */
const cells = 14;
const leastCount = 5;
const leastShare = 0.5;
/** −ln of the probability that a block of a map of noise gets a name: one in ten million */
const leastSurprise = 16.1;
const mostOfValue = 5;

/** Points of the value's largest region, of which another region of it needs this share in the whole view */
const leastOfLargest = 0.25;

/**
 * Regions of every value of a coloring, the largest first; a value may have several, and none on a map of noise.
 *
 * The plane is cut into cells. A region is a block of 3 × 3 cells that holds more points of a value than those around
 * it, where at least half of the points have it, and more than chance would put there: by Chernoff's bound of the
 * binomial tail, P ≤ exp(−n KL(c / n ‖ p)) ≤ 10⁻⁷. In the whole view, blocks that touch are one region, at the densest
 * of them, so that a cluster has one name; closer views name parts of it.
 *
 * @param coordinates - shape [V, 2], in [−1, 1]
 * @param codes - entry of each point, shape [V]
 * @param level - how fine: 0 for the whole map, one more for each doubling of the scale
 */
export function regionsOf(
  coordinates: Float32Array,
  codes: Uint8Array,
  entries: readonly LegendEntry[],
  level: number,
): Region[] {
  const side = cells * (1 << level);
  const values = entries.filter(({ kind }) => kind === 'value').length;
  const table = tally(coordinates, codes, values, side);
  return entries
    .slice(0, values)
    .flatMap(({ label }, code) => {
      const blocks = blocksOf(label, code, table);
      return peaksOf(level === 0 ? onePerCluster(blocks, side) : blocks, side);
    })
    .sort((a, b) => b.count - a.count);
}

interface Tally {
  readonly side: number;
  readonly values: number;
  /** points of each cell, shape [side²] */
  readonly all: Float64Array;
  /** count, Σ x, Σ y and Σ (x² + y²) of each value in each cell, shape [side², values, 4] */
  readonly each: Float64Array;
  /** points of each value */
  readonly totals: Float64Array;
  readonly points: number;
}

function tally(coordinates: Float32Array, codes: Uint8Array, values: number, side: number): Tally {
  const all = new Float64Array(side * side);
  const each = new Float64Array(side * side * values * 4);
  const totals = new Float64Array(values);
  const cellOf = (value: number): number => Math.max(0, Math.min(side - 1, Math.floor(((value + 1) / 2) * side)));
  for (let row = 0; row < codes.length; row++) {
    const [x, y] = [coordinates[row * 2] ?? 0, coordinates[row * 2 + 1] ?? 0];
    const cell = cellOf(y) * side + cellOf(x);
    all[cell] = (all[cell] ?? 0) + 1;
    const code = codes[row] ?? 0;
    if (code >= values) continue;
    totals[code] = (totals[code] ?? 0) + 1;
    const at = (cell * values + code) * 4;
    for (const [i, amount] of [1, x, y, x * x + y * y].entries()) each[at + i] = (each[at + i] ?? 0) + amount;
  }
  return { side, values, all, each, totals, points: codes.length };
}

/** A region and the cell in the middle of its block. */
interface Block extends Region {
  readonly cell: number;
}

/** The blocks in which one value is dense beyond chance, the largest first. */
function blocksOf(text: string, code: number, table: Tally): Block[] {
  const { side, totals, points } = table;
  const share = (totals[code] ?? 0) / Math.max(1, points);
  const found: Block[] = [];
  for (let cell = 0; cell < side * side; cell++) {
    const { all, count, x, y, squares } = blockOf(table, cell, code);
    if (count < leastCount || count < leastShare * all || surprise(count, all, share) < leastSurprise) continue;
    const [middleX, middleY] = [x / count, y / count];
    const variance = squares / count - middleX * middleX - middleY * middleY;
    found.push({ cell, text, code, x: middleX, y: middleY, radius: Math.sqrt(Math.max(0, variance)), count });
  }
  return found.sort((a, b) => b.count - a.count);
}

/** Of blocks whose cells touch, the largest; not those that are small beside the value's largest. */
function onePerCluster(blocks: readonly Block[], side: number): Block[] {
  const waiting = new Set(blocks.map(({ cell }) => cell));
  const [largest] = blocks;
  return blocks.filter(({ cell, count }) => {
    if (!waiting.has(cell)) return false;
    const cluster = [cell];
    for (const each of cluster) {
      const around = [-1, 0, 1].flatMap((line) => [-1, 0, 1].map((column) => each + line * side + column));
      for (const next of around) {
        const isBeside = Math.abs((next % side) - (each % side)) <= 1;
        if (isBeside && waiting.delete(next)) cluster.push(next);
      }
    }
    return count >= leastOfLargest * (largest?.count ?? 0);
  });
}

/** The largest blocks, none within two cells of another. */
function peaksOf(blocks: readonly Block[], side: number): Region[] {
  const apart = (5 / side) * (5 / side);
  const chosen: Region[] = [];
  for (const { cell: _, ...region } of blocks) {
    if (chosen.length === mostOfValue) break;
    const isApart = ({ x, y }: Region): boolean =>
      (x - region.x) * (x - region.x) + (y - region.y) * (y - region.y) > apart;
    if (chosen.every(isApart)) chosen.push(region);
  }
  return chosen;
}

/** n KL(c / n ‖ p), 0 where chance would put as many there. */
function surprise(count: number, all: number, share: number): number {
  if (count <= all * share) return 0;
  const rest = all - count;
  return count * log(count / all / share) + (rest === 0 ? 0 : rest * log(rest / all / (1 - share)));
}

function blockOf({ side, values, all, each }: Tally, cell: number, code: number) {
  const [line, column] = [Math.floor(cell / side), cell % side];
  const sum = { all: 0, count: 0, x: 0, y: 0, squares: 0 };
  for (let v = Math.max(0, line - 1); v <= Math.min(side - 1, line + 1); v++) {
    for (let u = Math.max(0, column - 1); u <= Math.min(side - 1, column + 1); u++) {
      const at = ((v * side + u) * values + code) * 4;
      sum.all += all[v * side + u] ?? 0;
      sum.count += each[at] ?? 0;
      sum.x += each[at + 1] ?? 0;
      sum.y += each[at + 2] ?? 0;
      sum.squares += each[at + 3] ?? 0;
    }
  }
  return sum;
}
