/** How fine regions are, and what they are known by where nothing colors the map. */
import type { View } from './view.js';

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
