/** Names beside rings: none over another, none beyond the edge. */
import { shortened } from '../picture-text.js';
import type { Size } from './view.js';

/** A name that stands right of its ring, or left of it where the map ends. */
export interface Label {
  readonly text: string;
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly isLeft: boolean;
}

const longest = 28;
/** of the page's font at 12 pixels, generously */
const letterWidth = 7;
const lineHeight = 15;

/**
 * Names that can be read; the first ones win where there is no room for all.
 *
 * @param rings - most important first, in pixels
 * @param gap - pixels from the middle of a ring to its name
 */
export function placeLabels(
  rings: readonly { readonly key: string; readonly kind: string; readonly x: number; readonly y: number }[],
  { width }: Size,
  gap: number,
): Label[] {
  const placed: (Label & { readonly left: number; readonly right: number })[] = [];
  for (const { key, kind, x, y } of rings) {
    const text = shortened(key, longest);
    const extent = text.length * letterWidth;
    const isLeft = x + gap + extent > width && x - gap - extent > 0;
    const [left, right] = isLeft ? [x - gap - extent, x - gap] : [x + gap, x + gap + extent];
    const isFree = placed.every(
      (other) => right < other.left || left > other.right || Math.abs(y - other.y) >= lineHeight,
    );
    if (isFree) placed.push({ text, kind, x: isLeft ? right : left, y, isLeft, left, right });
  }
  return placed;
}
