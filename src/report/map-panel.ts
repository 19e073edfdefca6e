/** One map within a picture: points, and labels at the densest spots of the largest groups. */
import { entryColors, numberColor, type Coloring } from '../maps/coloring.js';
import { fitPoints, fitToPlane, type Box } from '../maps/fit.js';
import { textWidth } from './font.js';
import { placeLabels, type LabeledPlace, type PlacedLabel } from '../maps/label-places.js';
import { pointRadius } from '../maps/point-size.js';
import { regionsOf, type Region } from '../maps/regions.js';
import { decimal, escapeMarkup, oneLine, shorten } from './markup.js';
import type { Theme } from '../maps/palette.js';

/** One map of a picture. */
export interface MapPanel {
  /** heading above the map, where several stand side by side */
  readonly heading?: string | undefined;
  /** row-major, shape [V, 2] */
  readonly coordinates: Float32Array;
}

/** How a map is drawn. */
export interface PanelStyle {
  readonly box: Box;
  readonly coloring: Coloring;
  readonly theme: Theme;
  /** size of labels, in pixels */
  readonly labelSize: number;
  /** most labels */
  readonly labels: number;
}

/** Room between the panel's edge and the outermost points, in pixels. */
const padding = 20;

/** Draws one map into its box, as SVG elements. */
export function drawPanel({ heading, coordinates }: MapPanel, style: PanelStyle): string {
  const { box, coloring, theme } = style;
  const inner = {
    left: box.left + padding,
    top: box.top + padding,
    width: box.width - 2 * padding,
    height: box.height - 2 * padding,
  };
  const points = fitPoints(coordinates, inner);
  const title =
    heading === undefined
      ? []
      : [
          `<text x="${box.left + 2}" y="${box.top - 16}" font-size="20" font-weight="700" ` +
            `fill="${theme.ink}">${escapeMarkup(shortenToWidth(oneLine(heading), 20, box.width))}</text>`,
        ];
  return [
    `<rect x="${decimal(box.left)}" y="${box.top}" width="${decimal(box.width)}" height="${box.height}" ` +
      `rx="10" fill="${theme.panel}"/>`,
    ...title,
    ...drawPoints(points, coloring, theme, pointRadius(coordinates.length / 2, inner)),
    ...placePanelLabels(coordinates, { ...style, box: inner }).map((label) => drawLabel(label, style)),
  ].join('\n');
}

/** Where labels stand in a box, for a page that draws its maps itself: in pixels, y pointing down as in `fitPoints`. */
export function placePanelLabels(coordinates: Float32Array, style: Omit<PanelStyle, 'theme'>): PlacedLabel[] {
  return placeLabels(fitPoints(coordinates, style.box), namedPlaces(coordinates, style), style.box);
}

/** Each color is drawn in so many passes, turn by turn with the others, so that no group covers another. */
const passes = 6;

/**
 * Points as paths of zero length with round ends: a third of the text that circles take.
 *
 * Missing and "other" come first, so that they lie below.
 */
function drawPoints(points: Float32Array, coloring: Coloring, theme: Theme, radius: number): string[] {
  const byColor = new Map<string, number[]>();
  const colorOf = pointColors(coloring, theme);
  for (let row = 0; row < points.length / 2; row++) {
    const color = colorOf(row);
    const rows = byColor.get(color);
    if (rows === undefined) byColor.set(color, [row]);
    else rows.push(row);
  }
  const isBelow = (color: string) => color === theme.missing || color === theme.other;
  const below = [theme.missing, theme.other].filter((color) => byColor.has(color));
  const above = [...byColor.keys()].filter((color) => !isBelow(color));
  const paths = below.map((color) => pathOf(points, byColor.get(color) ?? [], color));
  for (let pass = 0; pass < passes; pass++) {
    for (const color of above) {
      const rows = (byColor.get(color) ?? []).filter((row) => row % passes === pass);
      if (rows.length > 0) paths.push(pathOf(points, rows, color));
    }
  }
  return [
    `<g fill="none" stroke-linecap="round" stroke-width="${decimal(radius * 2)}" stroke-opacity="0.85">`,
    ...paths,
    '</g>',
  ];
}

/** Numbers are drawn in 64 colors, so that they fall into as many paths. */
const scaleSteps = 64;

function pointColors(coloring: Coloring, theme: Theme): (row: number) => string {
  if (coloring.kind === 'values') {
    const colors = entryColors(coloring, theme);
    return (row) => colors[coloring.codes[row] ?? 0] ?? theme.other;
  }
  return (row) => numberColor(coloring, coloring.values[row] ?? NaN, theme, scaleSteps);
}

function pathOf(points: Float32Array, rows: readonly number[], color: string): string {
  const dots = rows.map((row) => `M${tenth(points[row * 2])} ${tenth(points[row * 2 + 1])}h0`);
  return `<path stroke="${color}" d="${dots.join('')}"/>`;
}

function tenth(value = 0): string {
  return String(Math.round(value * 10) / 10);
}

/**
 * Regions worth a label, the largest first, where they stand in the box: of values that are dense there beyond chance,
 * so that noise has none.
 */
function namedPlaces(coordinates: Float32Array, style: Omit<PanelStyle, 'theme'>): LabeledPlace[] {
  const { coloring, labels, labelSize, box } = style;
  if (coloring.kind === 'numbers') return [];
  const plane = fitToPlane(coordinates);
  // a value that is dense nowhere on the coarse grid may be on a finer one
  const regions: Region[] = regionsOf(plane, coloring.codes, coloring.entries, 0);
  for (const level of [1, 2]) {
    const known = new Set(regions.map(({ code }) => code));
    for (const region of regionsOf(plane, coloring.codes, coloring.entries, level)) {
      if (known.has(region.code)) continue;
      known.add(region.code);
      regions.push(region);
    }
  }
  // every value once, then again where it has several regions
  const seen = new Set<number>();
  const isFirst = regions.map(({ code }) => !seen.has(code) && seen.add(code) !== undefined);
  const ordered = [...regions.filter((_, i) => isFirst[i]), ...regions.filter((_, i) => isFirst[i] === false)];
  const unit = unitOf(plane, box);
  return ordered.slice(0, labels).map(({ text: label, x, y, radius }) => {
    const text = shorten(oneLine(label), 24);
    const [left, top] = [box.left + box.width / 2 + x * unit, box.top + box.height / 2 - y * unit];
    const reach = Math.min(1.2 * radius * unit, box.width / 6);
    return {
      label: text,
      width: textWidth(text, labelSize) + 12,
      height: labelSize * 1.3,
      x: left,
      y: top,
      radius: reach,
    };
  });
}

/** Pixels for one unit of a plane whose middle is 0, as `fitPoints` takes them. */
function unitOf(plane: Float32Array, { width, height }: Box): number {
  let [x, y] = [1e-30, 1e-30];
  for (let i = 0; i < plane.length; i += 2) {
    x = Math.max(x, Math.abs(plane[i] ?? 0));
    y = Math.max(y, Math.abs(plane[i + 1] ?? 0));
  }
  return Math.min(width / (2 * x), height / (2 * y));
}

/** A label in the page's ink, on a halo that keeps the points off, and the line that leads to what it names. */
function drawLabel({ label, x, y, to }: PlacedLabel, { theme, labelSize }: PanelStyle): string {
  const line =
    to === undefined
      ? ''
      : `<path d="M${decimal(x)} ${decimal(y)}L${decimal(to[0])} ${decimal(to[1])}" stroke="${theme.ink}" ` +
        `stroke-width="1.2" stroke-opacity="0.7"/><circle cx="${decimal(to[0])}" cy="${decimal(to[1])}" ` +
        `r="2.5" fill="${theme.ink}"/>`;
  return (
    `${line}<text x="${decimal(x)}" y="${decimal(y + labelSize * 0.36)}" font-size="${labelSize}" ` +
    `font-weight="700" text-anchor="middle" fill="${theme.ink}" stroke="${theme.panel}" stroke-width="6" ` +
    `stroke-opacity="0.9" stroke-linejoin="round" paint-order="stroke">${escapeMarkup(label)}</text>`
  );
}

/**
 * A text that fits a width, with an ellipsis where it was longer; at least four characters are kept. Each character is
 * measured once.
 */
function shortenToWidth(text: string, size: number, width: number): string {
  const looked = Array.from(text.slice(0, mostLooked));
  let taken = 0;
  let fits = 0;
  const room = width - textWidth('…', size);
  for (const character of looked) {
    taken += textWidth(character, size);
    if (taken <= room) fits++;
    if (taken > width) break;
  }
  return taken <= width && looked.join('') === text ? text : shorten(text, Math.max(4, fits + 1));
}

/** No heading shows more. */
const mostLooked = 4096;
