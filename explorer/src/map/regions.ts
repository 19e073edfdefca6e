/** Names on the map: of regions by value, or of the most frequent categories where nothing colors it; as many as have room. */
import type { Region } from 'category2vec/page';
import { toPixels, type Size, type View } from './view.js';

const mostLevel = 3;

/** How fine the regions of a view are: 0 for all of it, one more for each doubling. */
export function levelOf({ scale }: View): number {
  return Math.max(0, Math.min(mostLevel, Math.round(Math.log2(scale))));
}

/**
 * The category with most clicks in each cell of a grid over the plane, most clicks first: what a region without
 * attributes is known by.
 *
 * @param coordinates - shape [V, 2], in [−1, 1]
 * @param keys - by falling count, as a vocabulary has them
 * @param level - cells double on each side with it
 */
export function typicalOf(
  coordinates: Float32Array,
  keys: readonly string[],
  level: number,
): { readonly text: string; readonly x: number; readonly y: number }[] {
  const side = 8 * 2 ** level;
  const cellOf = (value: number): number => Math.max(0, Math.min(side - 1, Math.floor(((value + 1) / 2) * side)));
  const taken = new Uint8Array(side * side);
  const found: { text: string; x: number; y: number }[] = [];
  for (const [row, text] of keys.entries()) {
    const [x = 0, y = 0] = [coordinates[row * 2], coordinates[row * 2 + 1]];
    const cell = cellOf(y) * side + cellOf(x);
    if (taken[cell] === 1) continue;
    taken[cell] = 1;
    found.push({ text, x, y });
  }
  return found;
}

/** of the page's bold font at 13 pixels, generously */
const letterWidth = 8.5;
const lineHeight = 20;
const longest = 24;

/** A name and where it stands, in pixels. */
export interface RegionName {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/**
 * Names that have room, the first ones first; none over another, none under the controls.
 *
 * @param most - names at most
 */
export function placeRegions(
  regions: readonly Pick<Region, 'text' | 'x' | 'y'>[],
  view: View,
  size: Size,
  most: number,
): RegionName[] {
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
