/** What part of the plane is seen: between places in the plane and pixels of the map. */

/** The middle of the map in the plane, and how much it is enlarged; scale 1 shows everything. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Width and height in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A point in pixels from the top left, or a place in the plane with y upwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Everything, in the middle. */
export const wholeView: View = { x: 0, y: 0, scale: 1 };

const mostScale = 4000;
const margin = 0.94;

/** Pixels for one unit of the plane, whose points lie in [−1, 1]. */
export function pixelsPerUnit({ scale }: View, { width, height }: Size): number {
  return (Math.min(width, height) / 2) * margin * scale;
}

/** Place in the plane → pixels. */
export function toPixels(place: Point, view: View, size: Size): Point {
  const unit = pixelsPerUnit(view, size);
  return { x: size.width / 2 + (place.x - view.x) * unit, y: size.height / 2 - (place.y - view.y) * unit };
}

/** Pixels → place in the plane. */
export function toPlace(pixel: Point, view: View, size: Size): Point {
  const unit = pixelsPerUnit(view, size);
  return { x: view.x + (pixel.x - size.width / 2) / unit, y: view.y - (pixel.y - size.height / 2) / unit };
}

/** Enlarges about a pixel, which keeps its place. */
export function zoomAt(view: View, size: Size, pixel: Point, factor: number): View {
  const scale = Math.max(0.5, Math.min(mostScale, view.scale * factor));
  const place = toPlace(pixel, view, size);
  const after = toPlace(pixel, { ...view, scale }, size);
  return { x: view.x + place.x - after.x, y: view.y + place.y - after.y, scale };
}

/** Moves by pixels. */
export function panBy(view: View, size: Size, { x, y }: Point): View {
  const unit = pixelsPerUnit(view, size);
  return { ...view, x: view.x - x / unit, y: view.y + y / unit };
}

/** Moves and enlarges coordinates so that all lie in [−1, 1] and the middle is 0, the same scale on both axes. */
export function fitToPlane(coordinates: Float32Array): Float32Array {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < coordinates.length; i += 2) {
    const [x = 0, y = 0] = [coordinates[i], coordinates[i + 1]];
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  const half = Math.max(right - left, top - bottom) / 2 || 1;
  const [middleX, middleY] = [(left + right) / 2, (bottom + top) / 2];
  return coordinates.map((value, i) => (value - (i % 2 === 0 ? middleX : middleY)) / half);
}
