/** How vectors came to be, as the attribute `origin` of an embedding names it. */
import { InputError, named, sentence } from '../checks.js';
import type { Attribute } from './attribute.js';

/** Name of the attribute. */
export const originName = 'origin';

const vectorOrigins: ReadonlySet<unknown> = new Set([
  'learned',
  'shrunk',
  'folded in',
  'from attributes',
  'nearest by attributes',
  'value mean',
  'mean',
]);

/** Whether a value says how a vector came to be, and is not of an attribute of other meaning, such as a country. */
export function isVectorOrigin(value: unknown): value is string {
  return vectorOrigins.has(value);
}

/**
 * Checks that a column `origin`, where there is one, says how vectors came to be: one of other meaning would be lost.
 *
 * @param values - of the column
 * @throws InputError for any other value
 */
export function checkOriginColumn(values: Iterable<Attribute[number]> | undefined): void {
  for (const value of values ?? []) {
    if (value === null || isVectorOrigin(value)) continue;
    throw new InputError(
      sentence`${named('attributes')} must have another name than origin, where it is noted how each vector came to be,
        got a column origin with ${JSON.stringify(value)}; rename it`,
    );
  }
}
