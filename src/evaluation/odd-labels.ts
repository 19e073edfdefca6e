/** Values of an attribute that split a label, or are most likely none: told beside what is measured by them. */
import type { Embedding } from '../embedding/embedding.js';
import { missingTexts } from '../histories/missing-texts.js';
import { withThousands } from '../numerics/thousands.js';
import { describeTwins, findSpellingTwins } from '../spelling-twins.js';

/** NA is a country, and a continent. */
const noLabels = new Set(missingTexts.filter((text) => text !== 'NA'));

/** Labeled categories from which on a purity says something. */
const enough = 30;

/** Of a share of all categories up to this one a purity says little of the rest. */
const mostOfAll = 0.01;

/** A note where a purity is of so few categories that it says little, or little of the whole. */
export function fewLabels(
  { measured, labeled }: { readonly measured: number; readonly labeled: number },
  { vocabulary: { size } }: Embedding,
): string[] {
  const few = `${withThousands(measured)} of ${withThousands(size)} categories`;
  if (measured < enough) return [`the purity is of ${few}, too few to tell embeddings apart`];
  if (labeled > mostOfAll * size) return [];
  return [`the purity is of ${few} (${((100 * labeled) / size).toFixed(1)} %), those with a label`];
}

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
