/** One embedding in the page: the library's value, its place in the plane, and what finds a point there. */
import { describeMatch, Embedding, matchWarning, withAttributes, type AttributesByKey } from 'category2vec/browser';
import { categoryTableFromBytes, categoryTableToBytes, checkEmbeddingFile, fitToPlane } from 'category2vec/page';
import { buildGrid, crowdingOf, type Grid } from './map/grid.js';
import { densityOf, type Density } from './map/density.js';
import { reachOf, type Point } from './map/view.js';
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
  readonly density: Density;
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
  /** where the server has its places by t-SNE, from a table that `map` wrote */
  readonly placesUrl?: string | undefined;
}

/** Coordinates of any extent → places. @param coordinates - shape [V, 2] */
export function placesFrom(coordinates: Float32Array): Places {
  const fitted = fitToPlane(coordinates);
  const grid = buildGrid(fitted);
  let density: Density | undefined;
  return {
    coordinates: fitted,
    grid,
    reach: reachOf(fitted),
    crowding: crowdingOf(grid),
    // asked for when the points have been drawn
    get density() {
      return (density ??= densityOf(fitted));
    },
  };
}

/** The coordinates of some rows. @param coordinates - shape [V, 2] */
export function placesAt(coordinates: Float32Array, rows: Int32Array): Float32Array {
  return Float32Array.from({ length: rows.length * 2 }, (_, i) => coordinates[(rows[i >> 1] ?? 0) * 2 + (i & 1)] ?? 0);
}

/** Puts the parts together. */
export function spaceFromParts(
  { name, table, dimension, vectors, outputVectors, provenance, coordinates }: SpaceParts,
  isServed: boolean,
): Space {
  const { vocabulary, attributes } = categoryTableFromBytes(table);
  const embedding = new Embedding({ vocabulary, dimension, vectors, outputVectors, attributes, provenance });
  return { name, embedding, size: vocabulary.size, plane: placesFrom(coordinates), isServed };
}

/** What a worker needs of a space. */
export function partsOfSpace({ name, embedding }: Space): Omit<SpaceParts, 'coordinates'> {
  const { dimension, vectors, outputVectors, provenance } = embedding;
  return {
    name,
    table: Uint8Array.from(categoryTableToBytes(embedding)),
    dimension,
    vectors,
    outputVectors,
    provenance,
  };
}

/**
 * The same space with more attributes, looked up by key.
 *
 * @param tell - is told how many categories the table knows
 * @throws InputError where a mere respelling keeps the two apart, and for a name that no column of an embedding can have
 */
export function withAttributesOf(
  space: Space,
  table: AttributesByKey,
  partner: string,
  tell: (sentence: string) => void,
): Space {
  const embedding = withAttributes(space.embedding, table, {
    keys: `categories of ${space.name}`,
    partner,
    onKeys: (match) => tell(`${capitalized(matchWarning(match) ?? describeMatch(match))}.`),
  });
  checkEmbeddingFile(embedding);
  return { ...space, embedding };
}

/** The spaces, each with the attributes that only the other one has, looked up by key: a value has one color in both maps. */
export function withSharedAttributes(spaces: readonly Space[]): readonly Space[] {
  return spaces.map((space) => {
    const { vocabulary, attributes: own } = space.embedding;
    const attributes = new Map(
      spaces
        .flatMap(({ embedding }) => Array.from(embedding.attributes, ([name, values]) => ({ name, values, embedding })))
        .filter(({ name }) => !own.has(name))
        .map(({ name, values, embedding }) => [
          name,
          vocabulary.keys.map((key) => values[embedding.vocabulary.rowOf(key) ?? -1] ?? null),
        ]),
    );
    return attributes.size === 0 ? space : { ...space, embedding: space.embedding.with({ attributes }) };
  });
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
