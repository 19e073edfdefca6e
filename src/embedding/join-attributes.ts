/** Attributes by key → attributes by row, the way an embedding holds them. */
import { checkCall, hooksKind, type ArgumentKind } from '../step.js';
import { aVocabulary, type Vocabulary } from '../vocabulary.js';
import type { Attribute } from './attribute.js';
import { anEmbedding, type Embedding } from './embedding.js';
import { meetKeys, type KeyHooks, type Partners } from './key-match.js';

/** Attribute → category → value; a category that is not there has no value. */
export type AttributesByKey = ReadonlyMap<string, ReadonlyMap<string, Attribute[number]>>;

/** How a table of attributes is joined, and how `onKeys` calls the sides. */
export interface JoinHooks extends KeyHooks {
  /** the side that needs a partner, in the plural; default `categories` */
  readonly keys?: string | undefined;
  /** where the partners are looked up; default `the table of attributes` */
  readonly partner?: string | undefined;
}

/** A table of attributes as the argument of a step. */
export const attributeTable: ArgumentKind = {
  what: 'a Map of attribute → category → value, as readAttributes gives it',
  is: (value) => value instanceof Map && [...value.values()].every((column) => column instanceof Map),
};

const joinHooks = hooksKind<JoinHooks>({ onKeys: true, gathered: true, keys: true, partner: true });

/**
 * Looks every category up in a table of attributes.
 *
 * @param hooks - `onKeys` receives how many of the categories the table knows: below half of them, something may be wrong
 * @returns attribute → one value for each category, null where the table has none
 * @throws InputError where the table knows none of 20 categories or more and would know some if they were spelled
 *   alike: see `matchKeys`
 */
export function joinAttributes(
  vocabulary: Vocabulary,
  table: AttributesByKey,
  hooks?: JoinHooks,
): ReadonlyMap<string, Attribute> {
  checkCall('joinAttributes(vocabulary, table, hooks)', {
    vocabulary: [vocabulary, aVocabulary],
    table: [table, attributeTable],
    hooks: [hooks, joinHooks],
  });
  meetAttributes(vocabulary, table, hooks);
  const valuesOf = (values: ReadonlyMap<string, Attribute[number]>) =>
    vocabulary.keys.map((key) => presentOrNull(values.get(key)));
  return new Map([...table].map(([attribute, values]) => [attribute, valuesOf(values)]));
}

/** Reports how many of the categories a table knows. @throws InputError as `joinAttributes` */
export function meetAttributes(
  { keys: categories }: Pick<Vocabulary, 'keys'>,
  table: AttributesByKey,
  { keys = 'categories', partner = 'the table of attributes', ...hooks }: JoinHooks = {},
): void {
  if (table.size > 0) meetKeys(categories, keysOf(table), { keys, partner }, hooks);
}

/** The keys that any of the attributes has. */
function keysOf(table: AttributesByKey): Partners {
  const columns = [...table.values()];
  return {
    get keys() {
      return new Set(columns.flatMap((values) => [...values.keys()]));
    },
    rowOf: (key) => (columns.some((values) => values.has(key)) ? 0 : undefined),
  };
}

/** NaN is missing. */
function presentOrNull(value: Attribute[number] | undefined): Attribute[number] {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/**
 * How many keys of a table have a value of an attribute but no category, and so no vector; 0 where the table lacks the
 * attribute.
 */
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

/** The same embedding with more attributes; one of the same name is replaced. Hooks and errors are those of `joinAttributes`. */
export function withAttributes(embedding: Embedding, table: AttributesByKey, hooks?: JoinHooks): Embedding {
  checkCall('withAttributes(embedding, table, hooks)', { embedding: [embedding, anEmbedding] });
  return embedding.with({ attributes: joinAttributes(embedding.vocabulary, table, hooks) });
}
