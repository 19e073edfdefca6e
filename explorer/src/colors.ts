/** What color a point has: the library's colorings, as report and map have them, as codes and a palette that a texture holds. */
import {
  colorNumbers,
  colorTogether,
  scaleColor,
  scalePlace,
  themes,
  type Coloring as LibraryColoring,
} from 'category2vec/page';
import type { Places, Space } from './space.js';

/** One line of the legend. */
export interface LegendItem {
  readonly code: number;
  readonly label: string;
  readonly kind: 'value' | 'other' | 'missing';
  /** categories of the first space that have it */
  readonly count: number;
}

/** Ends of a scale, in words. */
export interface Scale {
  readonly least: string;
  readonly most: string;
  readonly isLogarithmic: boolean;
  /** the ends as numbers */
  readonly low: number;
  readonly high: number;
}

/** How the points of every space are colored. */
export interface Coloring {
  readonly items: readonly LegendItem[];
  /** for each space the code of each row, shape [V] */
  readonly codes: readonly Uint8Array[];
  /** where colors are numbers */
  readonly scale: Scale | undefined;
}

/** The clicks of a category, which every embedding has. */
export const countName = 'clicks';
/** How many points stand around a point in the map. */
export const densityName = 'density in the map';

/** How many of its ten nearest a category shares in two embeddings. */
export const overlapName = 'overlap@10';

const steps = 64;
const missingStep = steps;

/** No attribute: one color for all. */
export function colorByNothing(spaces: readonly Space[]): Coloring {
  return { items: [], codes: spaces.map(({ size }) => new Uint8Array(size)), scale: undefined };
}

/** Colors the points of all spaces alike by the values of an attribute. */
export function colorBy(spaces: readonly Space[], name: string): Coloring {
  if (name === '' || spaces.length === 0) return colorByNothing(spaces);
  const isCount = name === countName && !spaces.some(({ embedding }) => embedding.attributes.has(name));
  const colorings = colorTogether(
    spaces.map(({ embedding }) => embedding),
    isCount ? 'count' : name,
  );
  return fromColorings(colorings);
}

/**
 * Colors by numbers that no attribute holds.
 *
 * @param ends - what least and most are called, where numbers say little
 * @param range - ends of the scale; default the 1st and the 99th percentile
 */
export function colorByNumbers(
  columns: readonly Float64Array[],
  ends?: readonly [string, string],
  range?: readonly [number, number],
): Coloring {
  const colorings = colorNumbers('', columns);
  const [low, high] = range ?? [];
  const coloring = fromColorings(
    low === undefined || high === undefined
      ? colorings
      : colorings.map((each) => ({ ...each, low, high, isLog: false })),
  );
  const { scale } = coloring;
  return ends === undefined || scale === undefined
    ? coloring
    : { ...coloring, scale: { ...scale, least: ends[0], most: ends[1] } };
}

/** Colors by how many points stand in the cell of a point and around it, smoothed. */
export function colorByDensity(places: readonly Places[]): Coloring {
  return colorByNumbers(
    places.map(({ coordinates, density }) =>
      Float64Array.from({ length: coordinates.length / 2 }, (_, row) =>
        density.at(coordinates[row * 2] ?? 0, coordinates[row * 2 + 1] ?? 0),
      ),
    ),
    ['sparse', 'dense'],
  );
}

function fromColorings(colorings: readonly LibraryColoring[]): Coloring {
  const [first] = colorings;
  if (first?.kind === 'values') {
    const items = first.entries.map(({ label, count, kind }, code) => ({ code, label, kind, count }));
    return {
      items,
      codes: colorings.map((each) => (each.kind === 'values' ? each.codes : new Uint8Array())),
      scale: undefined,
    };
  }
  const codes = colorings.map((each) =>
    each.kind === 'values'
      ? new Uint8Array()
      : Uint8Array.from(each.values, (value) => {
          const place = scalePlace(each, value);
          return Number.isNaN(place) ? missingStep : Math.round(Math.min(1, Math.max(0, place)) * (steps - 1));
        }),
  );
  if (first === undefined) return { items: [], codes, scale: undefined };
  const { low, high, isLog } = first;
  return { items: [], codes, scale: { least: endText(low), most: endText(high), isLogarithmic: isLog, low, high } };
}

function endText(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en').replace('-', '−');
}

/** An attribute of numbers, also where they are written as text; NaN where there is none. */
export function numbersOf({ embedding }: Space, name: string): Float64Array {
  const values = embedding.attributes.get(name);
  if (values === undefined)
    return name === countName ? embedding.vocabulary.counts : new Float64Array(embedding.vocabulary.size).fill(NaN);
  return Float64Array.from(values, (value) => (value === null || value === '' ? NaN : Number(value)));
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

/**
 * The 256 colors of a coloring as RGBA; filtered codes are transparent.
 *
 * @param isDark - which of the two themes the page has
 */
export function paletteOf({ items, scale }: Coloring, hidden: ReadonlySet<string>, isDark: boolean): Uint8Array {
  const palette = new Uint8Array(1024);
  const write = (code: number, color: string, alpha: number): void => {
    palette.set([...rgb(color), alpha], code * 4);
  };
  const theme = themes[isDark ? 'dark' : 'light'];
  if (scale !== undefined) {
    for (let step = 0; step < steps; step++) write(step, scaleColor(step / (steps - 1)), 225);
    write(missingStep, theme.missing, 150);
  } else if (items.length === 0) write(0, theme.values[0] ?? theme.other, 200);
  for (const item of items)
    write(item.code, colorOf(item, isDark), hidden.has(item.label) ? 0 : item.kind === 'value' ? 225 : 170);
  return palette;
}

/** The color of a line of the legend, on the page's ground; of no line, that of a map of one color. */
export function colorOf(item: Pick<LegendItem, 'code' | 'kind'> | undefined, isDark: boolean): string {
  const theme = themes[isDark ? 'dark' : 'light'];
  if (item === undefined) return theme.values[0] ?? theme.other;
  return item.kind === 'value' ? (theme.values[item.code] ?? theme.other) : theme[item.kind];
}

/** The gray of points that stand back: red, green and blue from 0 to 1. */
export function grayOf(isDark: boolean): readonly [number, number, number] {
  const [red = 0, green = 0, blue = 0] = rgb(themes[isDark ? 'dark' : 'light'].other);
  return [red / 255, green / 255, blue / 255];
}

/** `#rrggbb` → three numbers. */
function rgb(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** The color at a place of the scale, from 0 to 1. */
export function colorOnScale(place: number): string {
  return scaleColor(place);
}

/** The scale's colors from least to most, for the legend. */
export function scaleColors(): string[] {
  return Array.from({ length: 12 }, (_, i) => scaleColor(i / 11));
}
