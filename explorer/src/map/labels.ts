/** Names on the map: beside what they name, where they cover fewest points; none over another, none under the controls. */
import { shortened } from '../picture-text.js';
import type { Point, Size } from './view.js';

/** What a name stands for: the category asked for, a neighbor found, a region, or any point where there is room. */
export type LabelKind = 'asked' | 'found' | 'region' | 'typical' | 'point';

/** A name and where it stands, in pixels; y is the middle of its line. */
export interface Label {
  readonly text: string;
  readonly kind: LabelKind;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** A rectangle in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Something to be named: its middle and how far it reaches, in pixels. */
export interface Named extends Point {
  readonly key: string;
  readonly kind: LabelKind;
  readonly reach: number;
}

/** Of the page's font, generously: pixels of a letter and of a line, letters at most, and room to others. */
const looks: Readonly<Record<LabelKind, { letter: number; line: number; longest: number; room: number }>> = {
  asked: { letter: 7.8, line: 17, longest: 28, room: 10 },
  found: { letter: 7, line: 15, longest: 28, room: 6 },
  region: { letter: 8.5, line: 20, longest: 24, room: 2 },
  typical: { letter: 7.4, line: 18, longest: 24, room: 2 },
  point: { letter: 6.4, line: 13, longest: 24, room: 3 },
};

/** Right, left, above, below, then the corners. */
const sides = [
  [1, 0],
  [-1, 0],
  [0, -1],
  [0, 1],
  [1, -1],
  [1, 1],
  [-1, -1],
  [-1, 1],
] as const;
/** Pixels beyond the reach of a region at which its name is tried. */
const distances = [4, 22, 44];
/** A region's name may stand on it where it would cover more points than these beside it. */
const mostBeside = 14;

/**
 * Places names one after the other, so that the first ones get the best places; what finds none is left out.
 *
 * @param countIn - how many points a rectangle covers
 * @param apart - pixels between two regions of the same name
 */
export function placeLabels(
  named: readonly Named[],
  { width, height, top = 0, bottom = 0 }: Size,
  countIn: (box: Box) => number,
  apart = 0,
): Label[] {
  const placed: Label[] = [];
  const taken: Box[] = [];
  for (const each of named) {
    const { kind } = each;
    if (kind === 'region' && placed.some((other) => isRepeated(other, each, apart))) continue;
    let best: { readonly label: Label; readonly box: Box; readonly cost: number } | undefined;
    for (const { label, box, extra } of candidatesOf(each)) {
      if (box.left < 0 || box.right > width || box.top < top || box.bottom > height - bottom) continue;
      if (taken.some((other) => isOver(box, other))) continue;
      const covered = countIn(box);
      // the name of a mere point covers none
      if (kind === 'point' && covered > 0) continue;
      const cost = extra < 0 ? Math.min(covered, mostBeside) : covered + extra;
      if (best === undefined || cost < best.cost) best = { label, box, cost };
    }
    if (best === undefined) continue;
    placed.push(best.label);
    const { room } = looks[kind];
    const { left, right, top: above, bottom: below } = best.box;
    taken.push({ left: left - room, right: right + room, top: above - room, bottom: below + room });
  }
  return placed;
}

/** Places for a name; `extra` is what one costs beside the points it covers, negative on the region itself. */
function* candidatesOf(named: Named): Generator<{ label: Label; box: Box; extra: number }> {
  const { key, kind, x, y, reach } = named;
  const { letter, line, longest } = looks[kind];
  const text = shortened(key, longest);
  const [width, half] = [text.length * letter, line / 2];
  const isRegion = kind === 'region';
  if (isRegion) {
    const box = { left: x - width / 2, right: x + width / 2, top: y - half, bottom: y + half };
    yield { label: { text, kind, x, y, anchor: 'middle' }, box, extra: -1 };
  }
  for (const distance of isRegion ? distances : [0]) {
    for (const [i, [across, down]] of sides.entries()) {
      const gap = (reach + distance) * (across !== 0 && down !== 0 ? Math.SQRT1_2 : 1);
      const [edge, middle] = [x + across * gap, y + down * (gap + (down === 0 ? 0 : half))];
      const left = across === 0 ? x - width / 2 : across > 0 ? edge : edge - width;
      const anchor = across === 0 ? 'middle' : across > 0 ? 'start' : 'end';
      const box = { left, right: left + width, top: middle - half, bottom: middle + half };
      yield { label: { text, kind, x: edge, y: middle, anchor }, box, extra: distance / 8 + i / 10 };
    }
  }
}

function isRepeated({ text, kind, x, y }: Label, named: Named, apart: number): boolean {
  return (
    kind === 'region' &&
    text === shortened(named.key, looks.region.longest) &&
    Math.hypot(x - named.x, y - named.y) < apart
  );
}

function isOver(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
