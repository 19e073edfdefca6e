/** Values of an attribute that split a label, or are most likely none: told beside what is measured by them. */
import { missingTexts } from '../histories/missing-texts.js';
import { withThousands } from '../numerics/thousands.js';
import { describeTwins, findSpellingTwins } from '../embedding/spelling-twins.js';

/** NA is a country, and a continent. */
const noLabels = new Set(missingTexts.filter((text) => text !== 'NA'));

/** Notes on values in several spellings, such as `DE` and `de `, and on those such as `NULL`. */
export function oddLabels(
  attribute: string,
  values: readonly { readonly value: string; readonly count: number }[],
): string[] {
  const twins = findSpellingTwins(
    values.map(({ value }) => value),
    values.map(({ count }) => count),
  );
  const missing = values
    .filter(({ value }) => noLabels.has(value))
    .map(
      ({ value, count }) =>
        `${withThousands(count)} ${count === 1 ? 'category has' : 'categories have'} the value ${value} of ` +
        `${attribute}, as databases write a missing value; it counts as a label: leave it empty in the table`,
    );
  return [...(twins === undefined ? [] : [describeTwins(twins, `values of ${attribute}`, 'categories')]), ...missing];
}
