/** Keys of one column that are spelled in several ways, such as `Apple` and `apple `: told, never changed. */
import { named, sentence, type Sentence } from './checks.js';
import { plainSpelling, spellingDifference } from './closest-spellings.js';
import { withThousands } from './numerics/thousands.js';

/** How many keys are other spellings of one that is there. */
export interface SpellingTwins {
  /** distinct keys that were looked at */
  readonly distinct: number;
  /** keys that would fall together with a more frequent one */
  readonly twins: number;
  /** the share of the rows that such keys have; that of the keys where rows are not known */
  readonly share: number;
  /** the twin with the most rows, the key it equals, and what tells them apart */
  readonly key: string;
  readonly known: string;
  readonly by: string;
}

/** From this share of keys or of rows on, twins are a reason for a warning: names that differ by case alone are fewer. */
const enough = 0.01;

/**
 * Looks for keys that differ from another by Unicode normalization, invisible characters, spaces, case, a trailing `.0`
 * or leading zeros alone.
 *
 * @param keys - distinct
 * @param rows - rows of each key; all alike where it is left out
 * @returns undefined where there are none
 */
export function findSpellingTwins(keys: readonly string[], rows?: ArrayLike<number>): SpellingTwins | undefined {
  const rowsOf = (i: number): number => rows?.[i] ?? 1;
  const known = new Map<string, number>();
  let [twins, moved, all] = [0, 0, 0];
  let most: { readonly key: number; readonly known: number } | undefined;
  for (const [i, key] of keys.entries()) {
    all += rowsOf(i);
    const plain = plainSpelling(key);
    const first = known.get(plain);
    if (first === undefined) {
      known.set(plain, i);
      continue;
    }
    const [more, less] = rowsOf(i) > rowsOf(first) ? [i, first] : [first, i];
    known.set(plain, more);
    twins++;
    moved += rowsOf(less);
    if (most === undefined || rowsOf(less) > rowsOf(most.key)) most = { key: less, known: more };
  }
  if (most === undefined) return undefined;
  const [key = '', other = ''] = [keys[most.key], keys[most.known]];
  return { distinct: keys.length, twins, share: moved / all, key, known: other, by: spellingDifference(key, other) };
}

/** Whether so many keys have a twin that results are most likely wrong for it. */
export function areTwinsMany({ distinct, twins, share }: SpellingTwins): boolean {
  return twins >= enough * distinct || share >= enough;
}

/** `37 of 77 keys of item (20.1 % of the rows) repeat another in another spelling, such as "C1" and "c1", which …`. */
export function describeTwins(
  { distinct, twins, share, key, known, by }: SpellingTwins,
  keys: string,
  rows = 'rows',
): string {
  return (
    `${withThousands(twins)} of ${withThousands(distinct)} ${keys} (${(100 * share).toFixed(1)} % of the ${rows}) ` +
    `${twins === 1 ? 'repeats' : 'repeat'} another in another spelling, such as ${JSON.stringify(key)} and ` +
    `${JSON.stringify(known)}, which differ by ${by} alone; if they mean the same, write both alike`
  );
}

/** Something to be known of the keys of a column. */
export interface KeyNote {
  readonly text: Sentence;
  /** whether results may be wrong for it */
  readonly isWarning: boolean;
}

/** Fewer keys may well all stand in quotes. */
const fewestQuoted = 3;

/**
 * What is odd about how the keys of a column are spelled.
 *
 * @param distinct - its keys
 * @param keys - how they are called, such as `keys of item`
 * @param rows - rows of each
 */
export function notesOfKeys(distinct: readonly string[], keys: string, rows?: ArrayLike<number>): KeyNote[] {
  const twins = findSpellingTwins(distinct, rows);
  const areQuoted = distinct.length >= fewestQuoted && distinct.every((key) => /^(['"`]).+\1$/s.test(key));
  return [
    ...(twins === undefined ? [] : [{ text: sentence`${describeTwins(twins, keys)}`, isWarning: areTwinsMany(twins) }]),
    ...(areQuoted
      ? [
          {
            text: sentence`all ${withThousands(distinct.length)} ${keys} stand in quotes, such as ${distinct[0] ?? ''},
              which are read as a part of them: name the sign that quotes fields with ${named('quote')}, or take it away`,
            isWarning: true,
          },
        ]
      : []),
  ];
}
