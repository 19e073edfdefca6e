/** One embedding in the page: the library's value, its place in the plane, and what finds a point there. */
import { categoryTableFromBytes, Embedding } from 'category2vec/browser';
import { buildGrid, type Grid } from './map/grid.js';
import { fitToPlane } from './map/view.js';
import type { SpaceParts } from './work/parts.js';

/** Immutable. */
export interface Space {
  readonly name: string;
  readonly embedding: Embedding;
  /** V */
  readonly size: number;
  /** shape [V, 2], in [−1, 1] */
  readonly coordinates: Float32Array;
  readonly grid: Grid;
  /** whether the server has it, so that a link can show it again */
  readonly isServed: boolean;
}

/** The same embedding, its points placed anew. */
export function placedAnew(space: Space, places: Float32Array): Space {
  const coordinates = fitToPlane(places);
  return { ...space, coordinates, grid: buildGrid(coordinates) };
}

/** Puts the parts together. */
export function spaceFromParts(
  { name, table, dimension, vectors, provenance, ...parts }: SpaceParts,
  isServed: boolean,
): Space {
  const { vocabulary, attributes } = categoryTableFromBytes(table);
  const embedding = new Embedding({ vocabulary, dimension, vectors, attributes, provenance });
  const coordinates = fitToPlane(parts.coordinates);
  return { name, embedding, size: vocabulary.size, coordinates, grid: buildGrid(coordinates), isServed };
}
