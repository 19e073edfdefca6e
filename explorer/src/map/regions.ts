/** Names of regions: where the values of an attribute are dense, and more of them than chance would put there. */
import { mostColors, type LegendItem } from '../colors.js';
import { toPixels, type Size, type View } from './view.js';

/** A place in the plane where most points share a value. */
export interface Region {
  readonly text: string;
  readonly code: number;
  readonly x: number;
  readonly y: number;
  /** points of the value around it */
  readonly count: number;
}

/** Cells on each side of the plane for the whole view; twice as many for each doubling of the scale. */
const cells = 14;
const mostLevel = 3;
const leastCount = 5;
const leastShare = 0.5;
/** deviations above chance: one name in a million on a map of noise */
const leastDeviations = 5;
const mostOfValue = 5;

/** How fine the regions of a view are: 0 for all of it, one more for each doubling. */
export function levelOf({ scale }: View): number {
  return Math.max(0, Math.min(mostLevel, Math.round(Math.log2(scale))));
}

/**
 * Regions of every value of a coloring, the largest first; a value may have several, and none on a map of noise.
 *
 * The plane is cut into cells. A region is a block of 3 × 3 cells that holds more points of a value than those around it, where at least half of
 * the points have it, and more than chance would put there (binomial, five standard deviations).
 *
 * @param coordinates - shape [V, 2], in [−1, 1]
 * @param codes - index of each point's value, shape [V]
 * @param level - see `levelOf`
 */
export function regionsOf(
  coordinates: Float32Array,
  codes: Uint8Array,
  items: readonly LegendItem[],
  level: number,
): Region[] {
  const side = cells * 2 ** level;
  const values = items.filter(({ code }) => code < mostColors);
  const table = tally(coordinates, codes, values.length, side);
  return values.flatMap((item) => peaksOf(item, table, codes.length)).sort((a, b) => b.count - a.count);
}

interface Tally {
  readonly side: number;
  readonly values: number;
  /** points of each cell, shape [side²] */
  readonly all: Float64Array;
  /** count, Σ x and Σ y of each value in each cell, shape [side², values, 3] */
  readonly each: Float64Array;
}

function tally(coordinates: Float32Array, codes: Uint8Array, values: number, side: number): Tally {
  const all = new Float64Array(side * side);
  const each = new Float64Array(side * side * values * 3);
  const cellOf = (value: number): number => Math.max(0, Math.min(side - 1, Math.floor(((value + 1) / 2) * side)));
  for (let row = 0; row < codes.length; row++) {
    const [x, y] = [coordinates[row * 2] ?? 0, coordinates[row * 2 + 1] ?? 0];
    const cell = cellOf(y) * side + cellOf(x);
    all[cell] = (all[cell] ?? 0) + 1;
    const code = codes[row] ?? 0;
    if (code >= values) continue;
    const at = (cell * values + code) * 3;
    for (const [i, amount] of [1, x, y].entries()) each[at + i] = (each[at + i] ?? 0) + amount;
  }
  return { side, values, all, each };
}

/** The places of one value, the largest first, none within two cells of another. */
function peaksOf({ code, label, count: total }: LegendItem, table: Tally, points: number): Region[] {
  const { side } = table;
  const share = total / Math.max(1, points);
  const found: Region[] = [];
  for (let cell = 0; cell < side * side; cell++) {
    const { all, count, x, y } = blockOf(table, cell, code);
    if (count < leastCount || count < leastShare * all) continue;
    if (count - all * share < leastDeviations * Math.sqrt(all * share * (1 - share))) continue;
    found.push({ text: label, code, x: x / count, y: y / count, count });
  }
  found.sort((a, b) => b.count - a.count);
  const apart = 5 / side;
  const chosen: Region[] = [];
  for (const region of found) {
    if (chosen.length === mostOfValue) break;
    if (chosen.every(({ x, y }) => Math.hypot(x - region.x, y - region.y) > apart)) chosen.push(region);
  }
  return chosen;
}

function blockOf({ side, values, all, each }: Tally, cell: number, code: number) {
  const [line, column] = [Math.floor(cell / side), cell % side];
  const sum = { all: 0, count: 0, x: 0, y: 0 };
  for (let v = Math.max(0, line - 1); v <= Math.min(side - 1, line + 1); v++) {
    for (let u = Math.max(0, column - 1); u <= Math.min(side - 1, column + 1); u++) {
      const at = ((v * side + u) * values + code) * 3;
      sum.all += all[v * side + u] ?? 0;
      sum.count += each[at] ?? 0;
      sum.x += each[at + 1] ?? 0;
      sum.y += each[at + 2] ?? 0;
    }
  }
  return sum;
}

/** of the page's bold font at 13 pixels, generously */
const letterWidth = 8.5;
const lineHeight = 20;
const longest = 24;

/** A region's name, where it stands in pixels. */
export interface RegionName {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/**
 * Names that have room, the largest regions first; none over another, none under the controls.
 *
 * @param most - names at most
 */
export function placeRegions(regions: readonly Region[], view: View, size: Size, most: number): RegionName[] {
  const placed: (RegionName & { readonly half: number })[] = [];
  for (const region of regions) {
    if (placed.length === most) break;
    const { x, y } = toPixels(region, view, size);
    const text = region.text.length > longest ? `${region.text.slice(0, longest - 1)}…` : region.text;
    const half = (text.length * letterWidth) / 2;
    if (x < half || x > size.width - half || y < (size.top ?? 0) || y > size.height - (size.bottom ?? 0)) continue;
    const isFree = placed.every(
      (other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > lineHeight,
    );
    if (isFree) placed.push({ text, x, y, half });
  }
  return placed;
}
