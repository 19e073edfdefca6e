/** What is known of a category: clicks and attributes, as the page tells them. */
import type { Space } from './space.js';

/** A name and a text. */
export type Fact = readonly [name: string, text: string];

/** Clicks, where they are known, and every attribute of a row. */
export function factsOf({ embedding }: Space, row: number): Fact[] {
  const count = embedding.vocabulary.counts[row] ?? 0;
  const attributes = Array.from(embedding.attributes, ([name, values]): Fact => [name, textOf(values[row] ?? null)]);
  return count > 0 ? [['clicks', count.toLocaleString('en')], ...attributes] : attributes;
}

/** Numbers with five digits at most where they are not whole; `–` for none. */
function textOf(value: string | number | boolean | null): string {
  if (value === null) return '–';
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(5))) : String(value);
}
