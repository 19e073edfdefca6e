/** Attributes by key → attributes by row, the way an embedding holds them. */
import { InputError } from '../checks.js';
import type { Vocabulary } from '../vocabulary.js';
import type { Attribute } from './attribute.js';
import { Embedding } from './embedding.js';

/** Attribute → category → value; a category that is not there has no value. */
export type AttributesByKey = ReadonlyMap<string, ReadonlyMap<string, Attribute[number]>>;

/**
 * Looks every category up in a table of attributes.
 *
 * @returns attribute → one value for each category, null where the table has none
 * @throws InputError where the table knows none of the categories
 */
export function joinAttributes(vocabulary: Vocabulary, table: AttributesByKey): ReadonlyMap<string, Attribute> {
  const joined = new Map<string, Attribute>();
  for (const [name, values] of table) {
    if (!vocabulary.keys.some((key) => values.has(key))) {
      const [first] = values.keys();
      throw new InputError(
        `the keys of attribute ${name} must be categories such as ${JSON.stringify(vocabulary.keys[0])}, got none of them but ${JSON.stringify(first)}`,
      );
    }
    joined.set(
      name,
      vocabulary.keys.map((key) => values.get(key) ?? null),
    );
  }
  return joined;
}

/** The same embedding with more attributes; one of the same name is replaced. */
export function withAttributes(embedding: Embedding, table: AttributesByKey): Embedding {
  const { vocabulary, dimension, vectors, outputVectors, provenance } = embedding;
  const attributes = new Map([...embedding.attributes, ...joinAttributes(vocabulary, table)]);
  return new Embedding({ vocabulary, dimension, vectors, outputVectors, attributes, provenance });
}
