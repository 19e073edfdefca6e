/** Parts of a table that several processes share: `3/16` is the third of sixteen. */
import { checkInteger, InputError } from '../checks.js';
import { checkCall, inputsKind } from '../step.js';

/** One of several parts. */
export interface Part {
  /** from 1 */
  readonly index: number;
  readonly count: number;
}

/** Most parts that a table can have. */
const mostParts = 100_000;
const partKind = inputsKind<Part>('an object such as { index: 3, count: 16 }', { index: true, count: true });

/** Reads `3/16`. @throws InputError for anything else, with the option's name */
export function parsePart(name: string, text: string): Part {
  const [, index = '', count = ''] = /^\s*(\d{1,6})\s*\/\s*(\d{1,6})\s*$/.exec(text) ?? [];
  const part = { index: Number(index), count: Number(count) };
  if (count !== '' && part.index >= 1 && part.index <= part.count && part.count <= mostParts) return part;
  throw new InputError(
    `${name} must be a part such as 3/16, the third of sixteen (100,000 at most), got ${JSON.stringify(text)}`,
  );
}

/** @throws InputError for a part that is none, with the option's name */
export function checkPart(name: string, part: Part): void {
  checkCall(`${name} as { index: 3, count: 16 }`, { [name]: [part, partKind] });
  checkInteger(`${name}.count`, part.count, { min: 1, max: mostParts });
  checkInteger(`${name}.index`, part.index, { min: 1, max: part.count });
}

/** The range of a part among so many things, which all parts share out without a gap: from `start` to before `end`. */
export function rangeOfPart({ index, count }: Part, size: number): { readonly start: number; readonly end: number } {
  const edge = (part: number): number => Number((BigInt(part) * BigInt(size)) / BigInt(count));
  return { start: edge(index - 1), end: edge(index) };
}
