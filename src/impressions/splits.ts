/** Training, validation and test rows: by time, by user or by seeded row; and nested fractions of a part. */
import { checkChoice, checkInteger, checkNumber, InputError, named, sentence } from '../checks.js';
import { checkMoments } from '../histories/moments.js';
import { ascendingOrder } from '../numerics/ascending-order.js';
import { Random, shuffle } from '../numerics/random.js';
import { someImpressions, type Impressions } from './impressions.js';
import { arrayOf, checkCall, objectWith, optionsKind } from '../step.js';

/** What a split goes by. */
export const splitKinds = ['time', 'user', 'row'] as const;
/** One of them. */
export type SplitKind = (typeof splitKinds)[number];

/** How impressions are split. */
export interface SplitOptions {
  /** shares of training, validation and test; default 80, 10, 10. Only their ratios matter; a part of 0 is empty */
  readonly split?: readonly number[] | undefined;
  /** default: time where rows have one, else user, else row */
  readonly by?: SplitKind | undefined;
  /** of the drawing by user or row; default 1 */
  readonly seed?: number | undefined;
}

/** Row numbers of each part, ascending. */
export interface Split {
  readonly by: SplitKind;
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
  /** what to tell the caller, where the split lets models see what they could not have known */
  readonly warning?: string | undefined;
}

/** A split as the argument of a step. */
export const aSplit = objectWith('a split, as splitImpressions gives it', ['training', 'validation']);

/**
 * Splits impressions.
 *
 * By time, training comes before validation and validation before test; rows of one time stay together, in the earlier
 * part. By user, all rows of a user fall into one part.
 *
 * @throws InputError for shares that are not three numbers ≥ 0 with training above 0, for a split by what the rows do
 *   not have, and for a part with a share above 0 that has no row; for times that are no moments, where no reader has
 *   checked them
 */
export function splitImpressions(impressions: Impressions, options: SplitOptions = {}): Split {
  checkCall('splitImpressions(impressions, options)', {
    impressions: [impressions, someImpressions],
    options: [options, optionsKind<SplitOptions>({ split: true, by: true, seed: true })],
  });
  const { split = [80, 10, 10], by, seed = 1 } = options;
  const shares = checkShares(split);
  const kind = chooseKind(impressions, by);
  checkOwnTimes(impressions);
  const order = kind === 'time' ? undefined : drawnOrder(impressions, kind, seed);
  const groups = kind === 'time' ? impressions.times : kind === 'user' ? impressions.users : undefined;
  const rows = order ?? ascendingOrder(impressions.times ?? []);
  const isTied = (i: number): boolean => groups !== undefined && groups[rows[i] ?? 0] === groups[rows[i - 1] ?? 0];
  let end = 0;
  let share = 0;
  const [training, validation, test] = shares.map((each, part) => {
    const start = end;
    share += each;
    end = part === 2 ? rows.length : Math.max(start, Math.round(share * rows.length));
    while (end > start && end < rows.length && isTied(end)) end++;
    if (each > 0 && end === start) {
      throw new InputError(
        sentence`${named('split')} must leave rows in each part, got none for
          ${['training', 'validation', 'test'][part]} of ${rows.length} rows by ${kind}; choose other shares or
          another kind of split`,
      );
    }
    return rows.slice(start, end).sort();
  });
  if (!training || !validation || !test) throw new Error('three parts');
  return { by: kind, training, validation, test, warning: warningOf(impressions, kind) };
}

/**
 * A seeded fraction of some rows; smaller fractions are contained in larger ones of the same seed.
 *
 * @param fraction - in (0, 1]; at least one row is kept
 * @returns ascending
 */
export function nestedFraction(rows: Uint32Array, fraction: number, seed: number): Uint32Array {
  checkCall('nestedFraction(rows, fraction, seed)', { rows: [rows, arrayOf('a Uint32Array of rows')] });
  checkNumber('fraction', fraction, { min: 0, max: 1, isMinExcluded: true });
  checkInteger('seed', seed, { min: 0 });
  const size = Math.max(1, Math.round(fraction * rows.length));
  return shuffle(Uint32Array.from(rows), new Random(seed, 0xf4ac)).subarray(0, size).slice().sort();
}

function checkShares(split: readonly number[]): readonly number[] {
  const sum = split.reduce((a, b) => a + b, 0);
  const areShares = split.length === 3 && split.every((share) => share >= 0 && Number.isFinite(share));
  if (areShares && (split[0] ?? 0) > 0) return split.map((share) => share / sum);
  throw new InputError(
    sentence`${named('split')} must be three numbers ≥ 0, the first above 0, such as 80,10,10, got
      ${JSON.stringify(split.join(','))}`,
  );
}

function chooseKind({ times, users }: Impressions, by: SplitKind | undefined): SplitKind {
  const kind = by === undefined ? undefined : checkChoice('by', by, splitKinds);
  if (kind === 'time' && times === undefined) throw new InputError('a split by time must have a time column, got none');
  if (kind === 'user' && users === undefined) throw new InputError('a split by user must have a user column, got none');
  return kind ?? (times !== undefined ? 'time' : users !== undefined ? 'user' : 'row');
}

/** @throws InputError for times that are no moments (see `checkMoments`), unless a reader has checked them */
export function checkOwnTimes({ times, timeSpan }: Impressions): void {
  if (times !== undefined && timeSpan === undefined) checkMoments(times);
}

function drawnOrder({ count, users }: Impressions, kind: SplitKind, seed: number): Uint32Array {
  const random = new Random(seed, 0x5911);
  const places = Uint32Array.from({ length: count }, (_, i) => i);
  if (kind === 'row' || users === undefined) return shuffle(places, random);
  let most = 0;
  for (const user of users) most = Math.max(most, user + 1);
  const ranks = shuffle(
    Uint32Array.from({ length: most }, (_, i) => i),
    random,
  );
  return ascendingOrder(Float64Array.from(users, (user) => ranks[user] ?? 0));
}

function warningOf({ lists, times }: Impressions, kind: SplitKind): string | undefined {
  if (kind === 'time' || lists.every((list) => list.times === undefined)) return undefined;
  return (
    `rows are split by ${kind} while histories go by time: training rows may be later than test rows, so ` +
    `scores look better than they will be${times === undefined ? '' : '; split by time'}`
  );
}
