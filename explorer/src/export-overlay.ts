/** The rings, names and outline over a map as shapes that need no style sheet. */
import { legible } from './picture-text.js';

const properties = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'paint-order',
  'font-size',
  'font-weight',
];

/** What stands over a map's canvas, as SVG. @param canvas - the one in the page */
export function overlayOf(canvas: HTMLCanvasElement): string {
  const shapes = [...(canvas.parentElement?.querySelectorAll('svg > :not(g), svg > g > *') ?? [])];
  return shapes
    .map((shape) => {
      const copy = document.createElementNS('http://www.w3.org/2000/svg', shape.localName);
      for (const { name, value } of shape.attributes) if (name !== 'class') copy.setAttribute(name, legible(value));
      const style = getComputedStyle(shape);
      for (const name of properties) copy.setAttribute(name, style.getPropertyValue(name));
      copy.textContent = legible(shape.textContent);
      return new XMLSerializer().serializeToString(copy);
    })
    .join('');
}

/** An SVG as an image that a canvas can draw. */
export async function imageFromSvg(content: string, width: number, height: number): Promise<HTMLImageElement> {
  const image = new Image();
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif">${content}</svg>`;
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  return image;
}
