/** How large a point is on a map: the same rule for pictures, pages and the explorer. */
import type { Box } from './fit.js';

/** What the radius of a point follows from, in pixels. */
export const pointRule = {
  /** of the side of the square that each point would have alone: all discs cover an eighth of the largest square */
  share: 0.2,
  least: 0.8,
  most: 4,
  /** the most in an enlarged view */
  mostEnlarged: 8,
} as const;

/**
 * Radius of a point, in pixels: all discs cover about an eighth of the largest square in the map, and grow slower than
 * the view is enlarged.
 *
 * @param points - in the whole map, ≥ 0
 * @param size - of the map, in pixels
 * @param zoom - how many times the view is enlarged; below 1 it counts as 1
 */
export function pointRadius(points: number, { width, height }: Pick<Box, 'width' | 'height'>, zoom = 1): number {
  const { share, least, most, mostEnlarged } = pointRule;
  const natural = (share * Math.min(width, height)) / Math.sqrt(Math.max(1, points));
  return Math.min(mostEnlarged, Math.min(most, Math.max(least, natural)) * Math.sqrt(Math.max(1, zoom)));
}
