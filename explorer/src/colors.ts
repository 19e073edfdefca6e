/** What color a point has: twenty that color-blind readers can tell apart, gray for the others, a scale for numbers. */
import { labelValues, type Attribute } from 'category2vec/browser';
import type { Space } from './space.js';

/** One line of the legend. */
export interface LegendItem {
  readonly code: number;
  readonly label: string;
  /** CSS color */
  readonly color: string;
  /** categories of the first space that have it */
  readonly count: number;
}

/** How the points of every space are colored. */
export interface Coloring {
  readonly items: readonly LegendItem[];
  /** for each space the code of each row, shape [V] */
  readonly codes: readonly Uint8Array[];
  /** ends of the scale, where the attribute is a number */
  readonly scale: { readonly least: number; readonly most: number; readonly isLogarithmic: boolean } | undefined;
}

/** Okabe and Ito 2008, then Tol's muted scheme, ordered so that neighbors in the list differ in lightness too. */
const distinct =
  '#0072b2 #e69f00 #009e73 #cc79a7 #56b4e9 #d55e00 #7f3c8d #b5a400 #882255 #44aa99 #6699cc #994f00 #aa4499 #117733 #ee8866 #332288 #999933 #cc6677 #5f7f95 #8c564b'.split(
    ' ',
  );
/** viridis, at eight places (van der Walt and Smith 2015). */
const viridis = '#440154 #46327e #365c8d #277f8e #1fa187 #4ac16d #a0da39 #fde725'.split(' ');
const steps = 32;
const otherColor = '#8a8f98';
const missingColor = '#b9bdc4';

/** The largest values keep a color of their own; what comes after is `other`. */
export const mostColors = distinct.length;

/** No attribute: one color for all. */
export function colorByNothing(spaces: readonly Space[]): Coloring {
  return { items: [], codes: spaces.map(({ size }) => new Uint8Array(size)), scale: undefined };
}

/** Colors the points of all spaces alike by the values of an attribute. */
export function colorBy(spaces: readonly Space[], name: string): Coloring {
  if (name === '') return colorByNothing(spaces);
  const columns = spaces.map((space) => valuesOf(space, name));
  const isNumber = columns.every((column) => column.every((value) => value === null || typeof value === 'number'));
  const counts = new Map<string, number>();
  for (const column of columns) for (const value of column) if (value !== null) counts.set(String(value), 0);
  return isNumber && counts.size > mostColors ? colorByNumber(columns, name === countName) : colorByText(columns);
}

/** The clicks of a category, which every embedding has. */
export const countName = 'clicks';

function valuesOf({ embedding }: Space, name: string): Attribute {
  const values = embedding.attributes.get(name);
  // of a list the first member counts
  if (values !== undefined)
    return values.map((value) => (typeof value === 'string' ? (labelValues(value)[0] ?? null) : value));
  if (name === countName) return Array.from(embedding.vocabulary.counts);
  return embedding.vocabulary.keys.map(() => null);
}

/** An attribute of numbers, NaN where there is none. */
export function numbersOf(space: Space, name: string): Float64Array {
  return Float64Array.from(valuesOf(space, name), (value) => (typeof value === 'number' ? value : NaN));
}

/** Least, median and most of the numbers that are there; NaN where none is. */
export function spreadOf(numbers: Float64Array): {
  readonly least: number;
  readonly median: number;
  readonly most: number;
} {
  const sorted = numbers.filter((value) => !Number.isNaN(value)).sort();
  const middle = (sorted.length - 1) / 2;
  const [low = NaN, high = NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return { least: sorted[0] ?? NaN, median: (low + high) / 2, most: sorted.at(-1) ?? NaN };
}

function colorByText(columns: readonly Attribute[]): Coloring {
  const counts = new Map<string, number>();
  for (const [i, column] of columns.entries()) {
    // The second space adds values that only it has, but does not change the order.
    for (const value of column) {
      if (value === null) continue;
      const label = String(value);
      counts.set(label, (counts.get(label) ?? 0) + (i === 0 ? 1 : 1e-9));
    }
  }
  const ordered = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const codeOf = new Map(ordered.map(([label], i) => [label, Math.min(i, mostColors)]));
  const missing = mostColors + 1;
  const codes = columns.map((column) =>
    Uint8Array.from(column, (value) => (value === null ? missing : (codeOf.get(String(value)) ?? missing))),
  );
  const [first = new Uint8Array()] = codes;
  const tally = new Uint32Array(256);
  for (const code of first) tally[code] = (tally[code] ?? 0) + 1;
  const items = ordered
    .slice(0, mostColors)
    .map(([label], code) => ({ code, label, color: distinct[code] ?? otherColor, count: tally[code] ?? 0 }));
  const folded = ordered.length - mostColors;
  if (folded > 0) {
    items.push({ code: mostColors, label: `${folded} others`, color: otherColor, count: tally[mostColors] ?? 0 });
  }
  if (codes.some((each) => each.includes(missing))) {
    items.push({ code: missing, label: 'no value', color: missingColor, count: tally[missing] ?? 0 });
  }
  return { items, codes, scale: undefined };
}

function colorByNumber(columns: readonly Attribute[], isLogarithmic: boolean): Coloring {
  let [least, most] = [Infinity, -Infinity];
  for (const column of columns) {
    for (const value of column) {
      if (typeof value !== 'number') continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  const place = (value: number): number => (isLogarithmic ? Math.log1p(value) : value);
  const width = place(most) - place(least) || 1;
  const codes = columns.map((column) =>
    Uint8Array.from(column, (value) =>
      typeof value === 'number'
        ? Math.min(steps - 1, Math.floor(((place(value) - place(least)) / width) * steps))
        : steps,
    ),
  );
  return { items: [], codes, scale: { least, most, isLogarithmic } };
}

/**
 * The 256 colors of a coloring as RGBA; filtered codes are transparent.
 *
 * @param isDark - colors are lightened on a dark ground
 */
export function paletteOf({ items, scale }: Coloring, hidden: ReadonlySet<string>, isDark: boolean): Uint8Array {
  const palette = new Uint8Array(1024);
  const write = (code: number, color: string, alpha: number): void => {
    palette.set([...rgb(themed(color, isDark)), alpha], code * 4);
  };
  if (scale !== undefined) {
    for (let step = 0; step < steps; step++) write(step, viridisAt(step / (steps - 1)), 215);
    write(steps, missingColor, 90);
  } else if (items.length === 0) write(0, '#0072b2', 200);
  for (const { code, color, label } of items)
    write(code, color, hidden.has(label) ? 0 : code >= mostColors ? 130 : 225);
  return palette;
}

/** A color as it stands on the page's ground. */
export function themed(color: string, isDark: boolean): string {
  if (!isDark) return color;
  const [r = 0, g = 0, b = 0] = rgb(color).map((value) => Math.round(value + (255 - value) * 0.28));
  return `rgb(${r} ${g} ${b})`;
}

function viridisAt(share: number): string {
  const at = share * (viridis.length - 1);
  const [from, to] = [rgb(viridis[Math.floor(at)] ?? ''), rgb(viridis[Math.ceil(at)] ?? '')];
  const [r, g, b] = from.map((value, i) => Math.round(value + ((to[i] ?? 0) - value) * (at % 1)));
  return `rgb(${r} ${g} ${b})`;
}

/** `#rrggbb` or `rgb(r g b)` → three numbers. */
function rgb(color: string): number[] {
  if (color.startsWith('rgb')) return [...color.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** The scale's colors from least to most, for the legend. */
export function scaleColors(): string[] {
  return Array.from({ length: 12 }, (_, i) => viridisAt(i / 11));
}
