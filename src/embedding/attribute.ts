/** Attributes: known properties of the categories, one value each. */
import { describeValue, InputError, named, sentence } from '../checks.js';
import { spellingHint } from '../closest-spellings.js';
import type { Vocabulary } from '../vocabulary.js';
import { meetKeys } from './key-match.js';

/**
 * A known property of every category: never trained on unless said, used to judge and to color. Missing is null, and so
 * is NaN.
 */
export type Attribute = readonly (string | number | boolean | null)[];

/** The values of one attribute: in the order of the vocabulary, or by category. */
export type GivenAttribute = Attribute | ReadonlyMap<string, Attribute[number]>;

/** Attributes as callers have them: of a map or a plain object, by row or by category. */
export type GivenAttributes = ReadonlyMap<string, GivenAttribute> | Readonly<Record<string, GivenAttribute>>;

/**
 * Attributes by row, however they were given.
 *
 * @throws InputError for what is neither a list nor a map, and where a map by category is spelled otherwise: see `matchKeys`
 */
export function attributesInRows(
  given: GivenAttributes | undefined,
  vocabulary: Vocabulary,
): ReadonlyMap<string, Attribute> {
  const named = given === undefined ? [] : given instanceof Map ? [...given] : Object.entries(given);
  return new Map(
    named.map(([name, values]: [string, GivenAttribute]): [string, Attribute] => {
      if (Array.isArray(values)) return [name, values];
      if (!(values instanceof Map)) {
        throw new InputError(
          `attribute ${name} must be a list with one value for each category, or a Map from category to ` +
            `value, got ${describeValue(values)}`,
        );
      }
      const partners = { keys: values.keys(), rowOf: (key: string) => (values.has(key) ? 0 : undefined) };
      meetKeys(vocabulary.keys, partners, { keys: 'categories', partner: `attribute ${name}` });
      return [name, vocabulary.keys.map((key) => values.get(key) ?? null)];
    }),
  );
}

/**
 * One attribute by name.
 *
 * @param option - what the caller named it by, for the error
 * @throws InputError that lists the attributes there are
 */
export function attributeNamed(
  attributes: ReadonlyMap<string, Attribute>,
  name: string,
  option = 'attribute',
): Attribute {
  const values = attributes.get(name);
  if (values === undefined) {
    const known = [...attributes.keys()];
    const there = known.length === 0 ? ', which has none' : ` (${known.join(', ')})`;
    const hint = known.length === 0 ? sentence`; join some with ${named('attributes')}` : spellingHint(name, known);
    throw new InputError(
      sentence`${named(option)} must be one of the embedding's${there}, got ${JSON.stringify(name)}${hint}`,
    );
  }
  return values;
}

/**
 * Checks attributes as every file can hold them, and turns NaN into null.
 *
 * @param categories - V
 * @returns the same values where none is NaN
 * @throws InputError, naming attribute and row, for another number of values than there are categories, for values of
 *   several types, and for numbers that are not finite
 */
export function checkAttributes(
  attributes: ReadonlyMap<string, Attribute>,
  categories: number,
): ReadonlyMap<string, Attribute> {
  const checked = new Map<string, Attribute>();
  for (const [name, values] of attributes) {
    if (values.length !== categories) {
      throw new InputError(
        `attribute ${name} must have one value for each of the ${categories} categories, got ${values.length}`,
      );
    }
    const present = values.some(Number.isNaN) ? values.map((value) => (Number.isNaN(value) ? null : value)) : values;
    checkValues(name, present);
    checked.set(name, present);
  }
  return checked;
}

function checkValues(name: string, values: Attribute): void {
  let type: string | undefined;
  values.forEach((value, row) => {
    if (value === null) return;
    type ??= typeof value;
    if (typeof value !== type) {
      throw new InputError(
        `attribute ${name} must hold values of one type, got ${type} and, in row ${row + 1}, ${typeof value}`,
      );
    }
    if (!['string', 'boolean'].includes(type) && !(typeof value === 'number' && Number.isFinite(value))) {
      throw new InputError(`attribute ${name} must hold finite numbers, got ${describeValue(value)} in row ${row + 1}`);
    }
  });
}
