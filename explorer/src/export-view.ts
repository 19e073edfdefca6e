/** The maps as they are seen, with their legend, as PNG or SVG. */
import { pointRadius, themes } from 'category2vec/page';
import { colorOf, grayOf, scaleColors } from './colors.js';
import { download } from './export-csv.js';
import { imageFromSvg, overlayOf } from './export-overlay.js';
import type { Explorer } from './explorer.svelte.js';
import { behind, opacityOf } from './map/renderer.js';
import { covered, coveredOnPhone, pixelsPerUnit, toPixels, wholeView } from './map/view.js';
import { escaped, shortened } from './picture-text.js';

const legendWidth = 220;
const lineHeight = 22;
/** characters of a name in the legend */
const longestName = 20;
/** Above this many points an SVG holds the points as a picture, the rest as shapes. */
const mostShapes = 20_000;

interface Picture {
  readonly canvas: HTMLCanvasElement;
  /** rings, names and outline, as SVG */
  readonly overlay: string;
  readonly width: number;
  readonly height: number;
  readonly left: number;
}

/** Saves the view as a picture of the screen's resolution, or says why it cannot. */
export async function downloadPng(explorer: Explorer): Promise<void> {
  try {
    await savePng(explorer);
  } catch (error) {
    explorer.say(`The picture could not be drawn: ${error instanceof Error ? error.message : String(error)}.`, true);
  }
}

async function savePng(explorer: Explorer): Promise<void> {
  const { pictures, width, height, ratio } = takePictures(explorer);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (context === null || pictures.length === 0) return explorer.say('There is no map to save.', true);
  const { ground } = tones(explorer);
  context.scale(ratio, ratio);
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  const overlays = await Promise.all(pictures.map((each) => imageFromSvg(each.overlay, each.width, each.height)));
  for (const [i, { canvas: points, left, width: across, height: down }] of pictures.entries()) {
    context.drawImage(points, left, 0, across, down);
    if (overlays[i] !== undefined) context.drawImage(overlays[i], left, 0, across, down);
  }
  context.drawImage(await imageFromSvg(legendOf(explorer, width), width, height), 0, 0, width, height);
  canvas.toBlob((blob) => {
    if (blob === null) explorer.say('The picture is too large to be saved; make the window smaller.', true);
    else download('map.png', blob);
  });
}

/** Saves the view as shapes. */
export function downloadSvg(explorer: Explorer): void {
  const { pictures, width, height } = takePictures(explorer);
  if (pictures.length === 0) return explorer.say('There is no map to save.', true);
  const { ground } = tones(explorer);
  const maps = pictures.map((picture, i) => {
    const count = explorer.spaces[i]?.size ?? 0;
    const points = count > mostShapes ? imageOf(picture) : circlesOf(explorer, i, picture);
    return `<svg x="${picture.left}" y="0" width="${picture.width}" height="${picture.height}">${points}${picture.overlay}</svg>`;
  });
  const text =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    'font-family="system-ui, sans-serif" font-size="13">' +
    `<rect width="100%" height="100%" fill="${ground}"/>${maps.join('')}${legendOf(explorer, width)}</svg>`;
  download('map.svg', new Blob([text], { type: 'image/svg+xml' }));
}

function takePictures(explorer: Explorer) {
  const { coloring } = explorer;
  const maps = explorer.maps.slice(0, explorer.spaces.length);
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const pictures: Picture[] = [];
  let left = 0;
  let height = 0;
  for (const draw of maps) {
    const canvas = draw?.();
    if (canvas === undefined) continue;
    // A copy, because the canvas is cleared when this turn ends.
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    const shade = canvas.parentElement?.querySelector<HTMLCanvasElement>('canvas.shade');
    const context = copy.getContext('2d');
    if (shade !== null && shade !== undefined) context?.drawImage(shade, 0, 0);
    context?.drawImage(canvas, 0, 0);
    const overlay = overlayOf(canvas) + (maps.length > 1 ? nameOf(explorer, pictures.length) : '');
    const picture = { canvas: copy, overlay, width: canvas.width / ratio, height: canvas.height / ratio, left };
    pictures.push(picture);
    left += picture.width;
    height = Math.max(height, picture.height);
  }
  return {
    pictures,
    width: left + (coloring.items.length > 0 || coloring.scale !== undefined ? legendWidth : 0),
    height,
    ratio,
  };
}

/** The legend at the right of the picture: values with their counts, or the scale with its ends. */
function legendOf(explorer: Explorer, width: number): string {
  const { coloring, color, hidden, isDark } = explorer;
  const { ink } = tones(explorer);
  const left = width - legendWidth + 16;
  const line = (x: number, row: number, text: string, more = '') =>
    `<text x="${x}" y="${28 + row * lineHeight}" fill="${ink}" font-size="13" ${more}>${escaped(text)}</text>`;
  if (coloring.items.length === 0 && coloring.scale === undefined) return '';
  const title = line(left - 6, 0, shortened(color, longestName), 'font-weight="650"');
  if (coloring.scale !== undefined) {
    const { least, most, isLogarithmic } = coloring.scale;
    const step = (legendWidth - 30) / scaleColors().length;
    const bars = scaleColors().map(
      (tint, i) => `<rect x="${left - 6 + i * step}" y="38" width="${step + 0.5}" height="12" fill="${tint}"/>`,
    );
    const right = line(width - 20, 2, most, 'text-anchor="end"');
    const middle = isLogarithmic ? line(width - legendWidth / 2 - 5, 2, 'logarithmic', 'text-anchor="middle"') : '';
    return `${title}${bars.join('')}${line(left - 6, 2, least)}${middle}${right}`;
  }
  const lines = coloring.items
    .filter(({ label }) => !hidden.has(label))
    .map(
      (item, i) =>
        `<circle cx="${left}" cy="${24 + (i + 1) * lineHeight}" r="5" fill="${colorOf(item, isDark)}"/>` +
        line(
          left + 12,
          i + 1,
          `${shortened(item.label, longestName)}  ${item.count.toLocaleString('en')}`,
          'xml:space="preserve"',
        ),
    );
  return title + lines.join('');
}

/** The name of one of two maps, above it. */
function nameOf(explorer: Explorer, i: number): string {
  const { ink } = tones(explorer);
  return `<text x="16" y="28" fill="${ink}" font-size="14" font-weight="650">${escaped(explorer.spaces[i]?.name ?? '')}</text>`;
}

function imageOf({ canvas, width, height }: Picture): string {
  return `<image width="${width}" height="${height}" href="${canvas.toDataURL('image/png')}"/>`;
}

function circlesOf(explorer: Explorer, i: number, size: Picture): string {
  const { spaces, layouts, views, coloring, palette, masks, filters, isDark, isPhone } = explorer;
  const space = spaces[i];
  const codes = coloring.codes[i];
  if (space === undefined || codes === undefined) return '';
  const view = views[i] ?? wholeView;
  const { coordinates, reach, crowding } = layouts.placesOf(space);
  const frame = { width: size.width, height: size.height, ...(isPhone ? coveredOnPhone : covered), reach };
  const radius = pointRadius(space.size, size, view.scale);
  const fade = masks[i] === undefined ? opacityOf(space.size, crowding, radius, pixelsPerUnit(view, frame)) : 1;
  const groups = new Map<string, string[]>();
  for (let row = 0; row < space.size; row++) {
    const [r = 0, g = 0, b = 0, alpha = 0] = palette.subarray((codes[row] ?? 0) * 4);
    const { x, y } = toPixels({ x: coordinates[row * 2] ?? 0, y: coordinates[row * 2 + 1] ?? 0 }, view, frame);
    if (alpha === 0 || filters.passing[i]?.[row] === 0 || x < 0 || y < 0 || x > size.width || y > size.height) continue;
    const isBehind = masks[i]?.[row] === 0;
    const opacity = isBehind ? behind : fade * (alpha / 255);
    const tint = isBehind ? grayOf(isDark).map((value) => Math.round(value * 255)) : [r, g, b];
    const style = `fill="rgb(${tint.join(',')})" fill-opacity="${opacity.toFixed(2)}"`;
    const circles = groups.get(style) ?? [];
    circles.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(1)}"/>`);
    groups.set(style, circles);
  }
  return Array.from(groups, ([style, circles]) => `<g ${style}>${circles.join('')}</g>`).join('');
}

function tones({ isDark }: Explorer): { readonly ground: string; readonly ink: string } {
  const { page, ink } = themes[isDark ? 'dark' : 'light'];
  return { ground: page, ink };
}
