/** One embedding in the page: the library's value, its place in the plane, and what finds a point there. */
import { categoryTableFromBytes, Embedding } from 'category2vec/browser';
import { buildGrid, crowdingOf, type Grid } from './map/grid.js';
import { fitToPlane, reachOf, type Point } from './map/view.js';
import type { SpaceParts } from './work/parts.js';

/** Where points stand. */
export interface Places {
  /** shape [V, 2], in [−1, 1] */
  readonly coordinates: Float32Array;
  readonly grid: Grid;
  /** half their extent */
  readonly reach: Point;
  /** how many times denser it is around a point than on average over the square */
  readonly crowding: number;
}

/** Immutable. */
export interface Space {
  readonly name: string;
  readonly embedding: Embedding;
  /** V */
  readonly size: number;
  /** by principal components */
  readonly plane: Places;
  /** whether the server has it, so that a link can show it again */
  readonly isServed: boolean;
}

/** Coordinates of any extent → places. @param coordinates - shape [V, 2] */
export function placesFrom(coordinates: Float32Array): Places {
  const fitted = fitToPlane(coordinates);
  const grid = buildGrid(fitted);
  return { coordinates: fitted, grid, reach: reachOf(fitted), crowding: crowdingOf(grid) };
}

/** Puts the parts together. */
export function spaceFromParts(
  { name, table, dimension, vectors, provenance, coordinates }: SpaceParts,
  isServed: boolean,
): Space {
  const { vocabulary, attributes } = categoryTableFromBytes(table);
  const embedding = new Embedding({ vocabulary, dimension, vectors, attributes, provenance });
  return { name, embedding, size: vocabulary.size, plane: placesFrom(coordinates), isServed };
}
