/** What is known of a category: clicks and attributes, as the page tells them. */
import { labelValues, numberText, valueText } from 'category2vec/page';
import type { Space } from './space.js';

/** A name and a text. */
export type Fact = readonly [name: string, text: string];

/** Clicks, where they are known, and every attribute of a row. */
export function factsOf({ embedding }: Space, row: number): Fact[] {
  const count = embedding.vocabulary.counts[row] ?? 0;
  const attributes = Array.from(embedding.attributes, ([name, values]): Fact => [name, textOf(values[row] ?? null)]);
  return count > 0 ? [['clicks', count.toLocaleString('en')], ...attributes] : attributes;
}

function textOf(value: string | number | boolean | null): string {
  if (typeof value === 'number') return numberText(value);
  return labelValues(value).map(valueText).join(', ') || '–';
}
