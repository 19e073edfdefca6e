/** Places in the plane out of a table that `writeMapTable` wrote. */
import { InputError } from '../../checks.js';
import type { Vocabulary } from '../../vocabulary.js';
import { readAttributesWith } from './read-attributes.js';

/**
 * Reads the places of all categories of an embedding.
 *
 * @param path - table with the columns `category`, `x` and `y`
 * @returns shape [V, 2], in the order of the vocabulary
 * @throws InputError for a column that is not there, a place that is no number, and a category of the embedding that has none
 */
export async function readMapPlaces(path: string, { keys }: Pick<Vocabulary, 'keys'>): Promise<Float32Array> {
  const table = await readAttributesWith(path, { key: 'category', attributes: ['x', 'y'] });
  const places = new Float32Array(2 * keys.length);
  ['x', 'y'].forEach((axis, i) => {
    const values = table.get(axis);
    keys.forEach((key, row) => {
      const value = values?.get(key) ?? null;
      const place = value === null ? NaN : Number(value);
      if (Number.isFinite(place)) {
        places[2 * row + i] = place;
        return;
      }
      const got = value === null ? 'none' : JSON.stringify(value);
      throw new InputError(
        `${path} must have a number ${axis} for every category of the embedding, got ${got} for ` +
          `${JSON.stringify(key)}; write it with map of this very embedding`,
      );
    });
  });
  return places;
}
