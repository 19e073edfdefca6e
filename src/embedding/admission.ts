/** Which categories may be an answer: those of an attribute's value, those not excluded, and never the query's own. */
import { InputError, named, sentence } from '../checks.js';
import type { Vocabulary } from '../vocabulary.js';
import { attributeNamed, type Attribute } from './attribute.js';

/** One value of an attribute. */
export type AttributeValue = string | number | boolean;

/** Where neighbors may come from; everything that is given must hold. */
export interface NearestOptions {
  /** only categories with this value of an attribute; without a value, the one that the query's own categories share */
  readonly within?: { readonly attribute: string; readonly value?: AttributeValue | undefined } | undefined;
  /** attribute → the value, or one of the values, that an answer must have */
  readonly where?: Readonly<Record<string, AttributeValue | readonly AttributeValue[]>> | undefined;
  /** categories that are no answer; a category that the embedding lacks never is one */
  readonly exclude?: readonly string[] | undefined;
}

interface Space {
  readonly vocabulary: Vocabulary;
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** Which rows may be an answer. */
export interface Admission {
  readonly isAdmitted: (row: number) => boolean;
  /** how many they are of all */
  readonly count: () => number;
  /** how many they are not, where they are only named; undefined where attributes decide */
  readonly excludedRows: number | undefined;
}

/**
 * The rows that may be an answer.
 *
 * @param own - rows of the query's own categories, which are none
 * @throws InputError for an attribute that is not there, a value that no category has, and a `within` that names no value
 */
export function admittedRows(
  space: Space,
  own: readonly number[],
  { within, where = {}, exclude = [] }: NearestOptions,
): Admission {
  const excluded = new Set(own);
  for (const category of exclude) {
    const row = space.vocabulary.rowOf(category);
    if (row !== undefined) excluded.add(row);
  }
  const tests = Object.entries(where).map(([name, value]) => hasValue(space, name, value));
  if (within !== undefined) tests.push(sharesValue(space, own, within));
  const isAdmitted = (row: number) => !excluded.has(row) && tests.every((test) => test(row));
  const { size } = space.vocabulary;
  const excludedRows = tests.length === 0 ? excluded.size : undefined;
  const count = (): number => {
    if (tests.length === 0) return size - excluded.size;
    let admitted = 0;
    for (let row = 0; row < size; row++) if (isAdmitted(row)) admitted++;
    return admitted;
  };
  return { isAdmitted, count, excludedRows };
}

function hasValue(
  { attributes }: Space,
  name: string,
  wanted: AttributeValue | readonly AttributeValue[],
): (row: number) => boolean {
  const values = attributeNamed(attributes, name, 'where');
  const chosen = new Set<AttributeValue | null>(typeof wanted === 'object' ? wanted : [wanted]);
  for (const value of chosen) {
    if (!values.includes(value)) {
      throw new InputError(`where.${name} must be a value of ${name}, got ${JSON.stringify(value)}`);
    }
  }
  return (row) => chosen.has(values[row] ?? null);
}

function sharesValue(
  { attributes, vocabulary }: Space,
  own: readonly number[],
  { attribute, value }: NonNullable<NearestOptions['within']>,
): (row: number) => boolean {
  const values = attributeNamed(attributes, attribute, 'within');
  if (value !== undefined) {
    if (!values.includes(value)) {
      throw new InputError(`within.value must be a value of ${attribute}, got ${JSON.stringify(value)}`);
    }
    return (row) => values[row] === value;
  }
  const [first] = own;
  if (first === undefined) {
    throw new InputError(`within ${attribute} needs a value where the query is a vector; give within.value`);
  }
  const shared = values[first] ?? null;
  const other = own.find((row) => (values[row] ?? null) !== shared);
  if (shared === null || other !== undefined) {
    const firstKey = vocabulary.keyOf(first);
    throw new InputError(
      other === undefined
        ? sentence`${named('within')} needs a category that has a value of ${attribute}, got
          ${JSON.stringify(firstKey)}, which has none`
        : `within ${attribute} needs a value, because ${firstKey} and ${vocabulary.keyOf(other)} differ in it; give within.value`,
    );
  }
  return (row) => values[row] === shared;
}
