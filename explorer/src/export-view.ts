/** The maps as they are seen, with their legend, as PNG or SVG. */
import { themed } from './colors.js';
import { download } from './export-csv.js';
import type { Explorer } from './explorer.svelte.js';
import { pointSizeOf } from './map/renderer.js';
import { toPixels, wholeView } from './map/view.js';

const legendWidth = 220;
const lineHeight = 22;
/** Above this many points an SVG holds the points as a picture, the rest as shapes. */
const mostShapes = 20_000;

interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly width: number;
  readonly height: number;
  readonly left: number;
}

/** Saves the view as a picture of the screen's resolution. */
export function downloadPng(explorer: Explorer): void {
  const { pictures, width, height, ratio } = takePictures(explorer);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (context === null || pictures.length === 0) return explorer.say('There is no map to save.', true);
  const { ground, ink } = tones(explorer);
  context.scale(ratio, ratio);
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  for (const picture of pictures) context.drawImage(picture.canvas, picture.left, 0, picture.width, picture.height);
  context.font = '13px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const { x, y, label, color } of legendLines(explorer, width)) {
    context.fillStyle = color;
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = ink;
    context.fillText(label, x + 12, y);
  }
  canvas.toBlob((blob) => {
    if (blob !== null) download('map.png', blob);
  });
}

/** Saves the view as shapes. */
export function downloadSvg(explorer: Explorer): void {
  const { pictures, width, height } = takePictures(explorer);
  if (pictures.length === 0) return explorer.say('There is no map to save.', true);
  const { ground, ink } = tones(explorer);
  const maps = pictures.map((picture, i) => {
    const count = explorer.spaces[i]?.size ?? 0;
    const points = count > mostShapes ? imageOf(picture) : circlesOf(explorer, i, picture);
    return `<svg x="${picture.left}" y="0" width="${picture.width}" height="${picture.height}">${points}</svg>`;
  });
  const legend = legendLines(explorer, width).map(
    ({ x, y, label, color }) =>
      `<circle cx="${x}" cy="${y}" r="5" fill="${color}"/><text x="${x + 12}" y="${y + 4}" fill="${ink}">${escaped(label)}</text>`,
  );
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13"><rect width="100%" height="100%" fill="${ground}"/>${maps.join('')}${legend.join('')}</svg>`;
  download('map.svg', new Blob([text], { type: 'image/svg+xml' }));
}

function takePictures({ maps, coloring }: Explorer) {
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
    copy.getContext('2d')?.drawImage(canvas, 0, 0);
    const picture = { canvas: copy, width: canvas.width / ratio, height: canvas.height / ratio, left };
    pictures.push(picture);
    left += picture.width;
    height = Math.max(height, picture.height);
  }
  return { pictures, width: left + (coloring.items.length > 0 ? legendWidth : 0), height, ratio };
}

function legendLines({ coloring, hidden, isDark }: Explorer, width: number) {
  return coloring.items
    .filter(({ label }) => !hidden.has(label))
    .map(({ label, color, count }, i) => ({
      x: width - legendWidth + 16,
      y: 24 + i * lineHeight,
      label: `${label.length > 20 ? `${label.slice(0, 19)}…` : label}  ${count.toLocaleString('en')}`,
      color: themed(color, isDark),
    }));
}

function imageOf({ canvas, width, height }: Picture): string {
  return `<image width="${width}" height="${height}" href="${canvas.toDataURL('image/png')}"/>`;
}

function circlesOf({ spaces, layouts, views, coloring, palette, masks }: Explorer, i: number, size: Picture): string {
  const space = spaces[i];
  const codes = coloring.codes[i];
  if (space === undefined || codes === undefined) return '';
  const view = views[i] ?? wholeView;
  const { coordinates } = layouts.placesOf(space);
  const radius = pointSizeOf(space.size, view) / 2;
  const groups = new Map<string, string[]>();
  for (let row = 0; row < space.size; row++) {
    const [r = 0, g = 0, b = 0, alpha = 0] = palette.subarray((codes[row] ?? 0) * 4);
    const { x, y } = toPixels({ x: coordinates[row * 2] ?? 0, y: coordinates[row * 2 + 1] ?? 0 }, view, size);
    if (alpha === 0 || x < 0 || y < 0 || x > size.width || y > size.height) continue;
    const opacity = (alpha / 255) * (masks[i] !== undefined && masks[i][row] === 0 ? 0.12 : 1);
    const style = `fill="rgb(${r},${g},${b})" fill-opacity="${opacity.toFixed(2)}"`;
    const circles = groups.get(style) ?? [];
    circles.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(1)}"/>`);
    groups.set(style, circles);
  }
  return Array.from(groups, ([style, circles]) => `<g ${style}>${circles.join('')}</g>`).join('');
}

function tones({ isDark }: Explorer): { readonly ground: string; readonly ink: string } {
  return isDark ? { ground: '#15181d', ink: '#e6e8eb' } : { ground: '#ffffff', ink: '#1c1f24' };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
