/** One map within a picture: points, and labels at the densest spots of the largest groups. */
import { entryColors, numberColor, type Coloring } from './coloring.js';
import { textWidth } from './font.js';
import { placeLabels, type Box, type LabeledGroup, type PlacedLabel } from './label-places.js';
import { decimal, escapeMarkup, oneLine, shorten } from './markup.js';
import type { Theme } from './palette.js';

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
          `<text x="${box.left + 2}" y="${box.top - 16}" font-size="20" font-weight="700" fill="${theme.ink}">${escapeMarkup(shortenToWidth(oneLine(heading), 20, box.width))}</text>`,
        ];
  return [
    `<rect x="${decimal(box.left)}" y="${box.top}" width="${decimal(box.width)}" height="${box.height}" rx="10" fill="${theme.panel}"/>`,
    ...title,
    ...drawPoints(points, coloring, theme, pointRadius(coordinates.length / 2, inner)),
    ...placeLabels(points, labelGroups(style), inner).map((label) => drawLabel(label, style)),
  ].join('\n');
}

/** Where labels stand in a box, for a page that draws its maps itself: in pixels, y pointing down as in `fitPoints`. */
export function placePanelLabels(coordinates: Float32Array, style: Omit<PanelStyle, 'theme'>): PlacedLabel[] {
  return placeLabels(fitPoints(coordinates, style.box), labelGroups(style), style.box);
}

/**
 * Coordinates → pixels in a box: both axes with the same unit, centered, as large as fits; y points up.
 *
 * @param coordinates - shape [V, 2]
 * @returns shape [V, 2]
 */
export function fitPoints(coordinates: Float32Array, { left, top, width, height }: Box): Float32Array {
  const [minX, maxX] = rangeOf(coordinates, 0);
  const [minY, maxY] = rangeOf(coordinates, 1);
  const scale = Math.min(width / Math.max(maxX - minX, 1e-30), height / Math.max(maxY - minY, 1e-30));
  const points = new Float32Array(coordinates.length);
  for (let i = 0; i < coordinates.length; i += 2) {
    points[i] = left + width / 2 + ((coordinates[i] ?? 0) - (minX + maxX) / 2) * scale;
    points[i + 1] = top + height / 2 - ((coordinates[i + 1] ?? 0) - (minY + maxY) / 2) * scale;
  }
  return points;
}

function rangeOf(coordinates: Float32Array, axis: 0 | 1): [min: number, max: number] {
  let min = Infinity;
  let max = -Infinity;
  for (let i = axis; i < coordinates.length; i += 2) {
    min = Math.min(min, coordinates[i] ?? 0);
    max = Math.max(max, coordinates[i] ?? 0);
  }
  return [min, max];
}

/** Radius of a point, in pixels: all discs together cover about an eighth of the box, between 0.7 and 5.5. */
export function pointRadius(points: number, { width, height }: Box): number {
  return Math.min(5.5, Math.max(0.7, 0.2 * Math.sqrt((width * height) / Math.max(1, points))));
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

/** Values worth a label: the largest of those that hold at least one category in a hundred. */
function labelGroups({ coloring, labels, labelSize }: Omit<PanelStyle, 'theme'>): LabeledGroup[] {
  if (coloring.kind === 'numbers') return [];
  const { entries, codes } = coloring;
  return entries
    .map((entry, code) => ({ ...entry, code }))
    .filter(({ kind, count }) => kind === 'value' && count >= codes.length / 100)
    .slice(0, labels)
    .map(({ label, code }) => {
      const text = shorten(oneLine(label), 24);
      const members = Int32Array.from(Array.from(codes.keys()).filter((row) => codes[row] === code));
      return { label: text, width: textWidth(text, labelSize) + 12, height: labelSize * 1.3, members };
    });
}

/** A label in the page's ink, on a halo that keeps the points off. */
function drawLabel({ label, x, y }: PlacedLabel, { theme, labelSize }: PanelStyle): string {
  return `<text x="${decimal(x)}" y="${decimal(y + labelSize * 0.36)}" font-size="${labelSize}" font-weight="700" text-anchor="middle" fill="${theme.ink}" stroke="${theme.panel}" stroke-width="6" stroke-opacity="0.9" stroke-linejoin="round" paint-order="stroke">${escapeMarkup(label)}</text>`;
}

/** A text that fits a width, with an ellipsis where it was longer; at least four characters are kept. Each character is measured once. */
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
