/**
 * Rows of a file that cannot be read and are left out where that is asked for: counted by cause, the first of them
 * named by their place.
 */

/** What is wrong with a row. */
export type BadRowCause =
  'fields' | 'quotes' | 'encoding' | 'header' | 'length' | 'json' | 'time' | 'weight' | 'label' | 'number' | 'list';

/** Rows that were left out. */
export interface BadRows {
  readonly count: number;
  /** rows of each cause that occurred */
  readonly causes: Readonly<Partial<Record<BadRowCause, number>>>;
  /** what is wrong with the first ones and where, at most three */
  readonly first: readonly string[];
}

/** How causes are called for people. */
export const badRowCauses: Readonly<Record<BadRowCause, string>> = {
  fields: 'another number of fields',
  quotes: 'broken quotes',
  encoding: 'no text in the encoding',
  header: 'the header again',
  length: 'too long',
  json: 'no JSON object',
  time: 'a time that cannot be read',
  weight: 'a weight that cannot be used',
  label: 'a label that is not 0 or 1',
  number: 'a number that cannot be read',
  list: 'lists that cannot be read',
};

/** How many bad rows are named one by one. */
export const namedBadRows = 3;

/** Joins what several steps of reading have left out; undefined where that is nothing. */
export function mergeBadRows(parts: readonly (BadRows | undefined)[]): BadRows | undefined {
  const causes: Partial<Record<BadRowCause, number>> = {};
  const first: string[] = [];
  let count = 0;
  for (const part of parts) {
    if (part === undefined) continue;
    count += part.count;
    first.push(...part.first);
    for (const cause of badRowCauseNames) {
      const more = part.causes[cause];
      if (more !== undefined) causes[cause] = (causes[cause] ?? 0) + more;
    }
  }
  return count === 0 ? undefined : { count, causes, first: first.slice(0, namedBadRows) };
}

/** One sentence: how many rows were left out, why, and the first of them. */
export function describeBadRows(name: string, { count, causes, first }: BadRows): string {
  const rows = (size: number): string => `${size.toLocaleString('en-US')} ${size === 1 ? 'row' : 'rows'}`;
  const list = badRowCauseNames.flatMap((cause) => {
    const size = causes[cause];
    return size === undefined ? [] : [`${size.toLocaleString('en-US')} with ${badRowCauses[cause]}`];
  });
  return `${rows(count)} of ${name} left out as bad (${list.join(', ')}); the first: ${first.join('; ')}`;
}

const badRowCauseNames = Object.keys(badRowCauses).filter((cause): cause is BadRowCause => cause in badRowCauses);
