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
      vocabulary.keys.map((key) => presentOrNull(values.get(key))),
    );
  }
  return joined;
}

/** A number that is not finite says nothing about a category, and no file holds it: it counts as missing. */
function presentOrNull(value: Attribute[number] | undefined): Attribute[number] {
  return value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value;
}

/** How many categories have a value for at least one attribute of a table: less than the vocabulary's size means unlabelled ones. */
export function matchedCategories(vocabulary: Vocabulary, table: AttributesByKey): number {
  const columns = [...table.values()];
  return vocabulary.keys.filter((key) => columns.some((values) => presentOrNull(values.get(key)) !== null)).length;
}

/** How many keys of a table have a value of an attribute but no category, and so no vector; 0 where the table lacks the attribute. */
export function unmatchedKeys(vocabulary: Vocabulary, table: AttributesByKey, attribute: string): number {
  let unmatched = 0;
  for (const [key, value] of table.get(attribute) ?? []) {
    if (presentOrNull(value) !== null && vocabulary.rowOf(key) === undefined) unmatched++;
  }
  return unmatched;
}

/** An embedding's attributes as a table that others can be joined with. */
export function attributesByKey({ vocabulary, attributes }: Embedding): AttributesByKey {
  return new Map(
    [...attributes].map(([name, values]) => [
      name,
      new Map(vocabulary.keys.map((key, row) => [key, values[row] ?? null] as const)),
    ]),
  );
}

/** The same embedding with more attributes; one of the same name is replaced. */
export function withAttributes(embedding: Embedding, table: AttributesByKey): Embedding {
  const { vocabulary, dimension, vectors, outputVectors, provenance } = embedding;
  const attributes = new Map([...embedding.attributes, ...joinAttributes(vocabulary, table)]);
  return new Embedding({ vocabulary, dimension, vectors, outputVectors, attributes, provenance });
}
