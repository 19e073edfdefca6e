/** What part of the plane is seen: between places in the plane and pixels of the map. */

/** The middle of the map in the plane, and how much it is enlarged; scale 1 shows everything. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** The map's extent in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
  /** pixels at the top and at the bottom that controls cover; default 0 */
  readonly top?: number;
  readonly bottom?: number;
  /** half the extent of the points, which fill the map at scale 1; default 1 on both axes */
  readonly reach?: Point;
}

/** What the floating controls cover of every map. */
export const covered = { top: 56, bottom: 56 } as const;

/** The same on a phone, where the tools stand above the map. */
export const coveredOnPhone = { top: 12, bottom: 56 } as const;

/** A point in pixels from the top left, or a place in the plane with y upwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Everything, in the middle. */
export const wholeView: View = { x: 0, y: 0, scale: 1 };

/** Arrow key → pixels by which the map moves. */
export const arrowSteps: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: 60, y: 0 },
  ArrowRight: { x: -60, y: 0 },
  ArrowUp: { x: 0, y: 60 },
  ArrowDown: { x: 0, y: -60 },
};

const mostScale = 4000;
const margin = 0.94;
const unitReach: Point = { x: 1, y: 1 };

/** Pixels for one unit of the plane, whose points lie in [−1, 1]. */
export function pixelsPerUnit(
  { scale }: View,
  { width, height, top = 0, bottom = 0, reach = unitReach }: Size,
): number {
  const room = Math.max(1, height - top - bottom);
  return (Math.min(width / reach.x, room / reach.y) / 2) * margin * scale;
}

/** The pixel at which the middle of the view stands. */
export function middleOf({ width, height, top = 0, bottom = 0 }: Size): Point {
  return { x: width / 2, y: top + (height - top - bottom) / 2 };
}

/** Half the extent of points around 0. @param coordinates - shape [V, 2], in [−1, 1] */
export function reachOf(coordinates: Float32Array): Point {
  let [x, y] = [0.05, 0.05];
  for (let i = 0; i < coordinates.length; i += 2) {
    x = Math.max(x, Math.abs(coordinates[i] ?? 0));
    y = Math.max(y, Math.abs(coordinates[i + 1] ?? 0));
  }
  return { x, y };
}

/** The view that some points fill, with a little room around. */
export function viewOf(
  { coordinates, reach }: { readonly coordinates: Float32Array; readonly reach: Point },
  rows: Int32Array,
): View {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const row of rows) {
    const [x = 0, y = 0] = [coordinates[row * 2], coordinates[row * 2 + 1]];
    [left, right, low, high] = [Math.min(left, x), Math.max(right, x), Math.min(low, y), Math.max(high, y)];
  }
  if (rows.length === 0) return wholeView;
  const half = { x: Math.max(0.005, (right - left) / 2), y: Math.max(0.005, (high - low) / 2) };
  const scale = 0.85 * Math.min(reach.x / half.x, reach.y / half.y);
  return { x: (left + right) / 2, y: (low + high) / 2, scale: Math.max(1, Math.min(mostScale, scale)) };
}

/** Place in the plane → pixels. */
export function toPixels(place: Point, view: View, size: Size): Point {
  const unit = pixelsPerUnit(view, size);
  const { x, y } = middleOf(size);
  return { x: x + (place.x - view.x) * unit, y: y - (place.y - view.y) * unit };
}

/** Pixels → place in the plane. */
export function toPlace(pixel: Point, view: View, size: Size): Point {
  const unit = pixelsPerUnit(view, size);
  const { x, y } = middleOf(size);
  return { x: view.x + (pixel.x - x) / unit, y: view.y - (pixel.y - y) / unit };
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
