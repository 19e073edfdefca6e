/** Maps as a picture fit for a slide: coordinates and colors → one SVG, alone or side by side. */
import type { Coloring } from '../maps/coloring.js';
import { fontFamily, textWidth } from './font.js';
import type { Box } from '../maps/fit.js';
import { drawLegend } from './legend.js';
import { drawPanel, type MapPanel } from './map-panel.js';
import { escapeMarkup, oneLine } from './markup.js';
import { themes, type ThemeName } from '../maps/palette.js';

export type { MapPanel } from './map-panel.js';

/** What is drawn. */
export interface MapPicture {
  readonly title: string;
  readonly subtitle: string;
  /** maps of the same V categories, one or more */
  readonly panels: readonly MapPanel[];
  readonly coloring: Coloring;
  /** default light */
  readonly theme?: ThemeName | undefined;
  /** pixels of the finished picture; its height is 9/16 of it; default 1600 */
  readonly width?: number | undefined;
}

/** The picture is laid out on this canvas and scaled as a whole. */
const canvas = { width: 1600, height: 900 };
const margin = 56;
const legendWidth = 268;
const gap = 32;

/**
 * Draws maps as one SVG of 16 : 9: title, subtitle, the maps with labels at the densest spots of the largest groups,
 * and a legend.
 *
 * Both axes of a map have the same unit, and each map fills its panel; no axes are drawn, because directions mean
 * nothing. The same picture gives the same text.
 */
export function drawMap({
  title,
  subtitle,
  panels,
  coloring,
  theme: name = 'light',
  width = 1600,
}: MapPicture): string {
  const theme = themes[name];
  const hasHeadings = panels.some(({ heading }) => heading !== undefined);
  const top = 148 + (hasHeadings ? 40 : 0);
  const across = canvas.width - 2 * margin - legendWidth - gap;
  const panelWidth = (across - gap * (panels.length - 1)) / panels.length;
  const boxes = panels.map((_, i): Box => ({
    left: margin + i * (panelWidth + gap),
    top,
    width: panelWidth,
    height: canvas.height - top - 44,
  }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" ` +
      `height="${(width * canvas.height) / canvas.width}" viewBox="0 0 ${canvas.width} ${canvas.height}" ` +
      `font-family="${escapeMarkup(fontFamily)}" role="img" ` +
      `aria-label="${escapeMarkup(oneLine(`${title}. ${subtitle}`))}">`,
    `<rect width="${canvas.width}" height="${canvas.height}" fill="${theme.page}"/>`,
    headline(title, { y: margin + 26, size: 34, weight: 700, color: theme.ink, width: canvas.width - 2 * margin }),
    headline(subtitle, { y: margin + 62, size: 18, weight: 400, color: theme.muted, width: canvas.width - 2 * margin }),
    ...panels.map((panel, i) =>
      drawPanel(panel, {
        box: boxes[i] ?? emptyBox,
        coloring,
        theme,
        labelSize: panels.length > 1 ? 18 : 22,
        labels: panels.length > 1 ? 10 : 14,
      }),
    ),
    drawLegend(coloring, theme, {
      left: canvas.width - margin - legendWidth,
      top: 148,
      width: legendWidth,
      height: canvas.height - 148 - 44,
    }),
    '</svg>\n',
  ].join('\n');
}

const emptyBox: Box = { left: 0, top: 0, width: 0, height: 0 };

/**
 * One map alone, without title and legend, for a page that has its own; it scales with the page.
 *
 * @param size - pixels on which points and labels are laid out
 */
export function drawBareMap(
  panel: MapPanel,
  coloring: Coloring,
  {
    theme: name = 'light',
    size,
    label,
  }: {
    readonly theme?: ThemeName;
    readonly size: { readonly width: number; readonly height: number };
    readonly label: string;
  },
): string {
  const theme = themes[name];
  const box = { left: 0, top: 0, ...size };
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" ` +
    `font-family="${escapeMarkup(fontFamily)}" role="img" ` +
    `aria-label="${escapeMarkup(oneLine(label))}">${drawPanel(panel, { box, coloring, theme, labelSize: 17, labels: 12 })}</svg>`
  );
}

/** A line of text at the left margin, shrunk where it would be too long. */
function headline(
  text: string,
  {
    y,
    size,
    weight,
    color,
    width,
  }: {
    readonly y: number;
    readonly size: number;
    readonly weight: 400 | 700;
    readonly color: string;
    readonly width: number;
  },
): string {
  const line = oneLine(text);
  const natural = textWidth(line, size, weight === 700 ? 'bold' : 'regular');
  const fitted = natural > width ? Math.max(11, (size * width) / natural) : size;
  return (
    `<text x="${margin}" y="${y}" font-size="${Math.round(fitted * 10) / 10}" font-weight="${weight}" ` +
    `fill="${color}">${escapeMarkup(line)}</text>`
  );
}
