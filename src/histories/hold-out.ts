/** Holding categories of the histories out, so that a model that never saw them can be asked for them. */
import { checkNumber, InputError, named, sentence } from '../checks.js';
import { Random, shuffle } from '../numerics/random.js';
import { knownBefore } from './time-span.js';
import { TieOrder } from './tie-order.js';
import { clickCount, historyCount, someHistories, type Histories } from './histories.js';
import { checkCall, optionsKind } from '../step.js';

/** What is held out; without any of these, a cut at 0.9 where there are times, else one drawn category of each history. */
export interface HoldOutOptions {
  /** a share of all clicks in (0, 1) to stay before the cut, or the time of the cut: clicks at or after it are asked for */
  readonly cut?: number | Date | undefined;
  /**
   * instead: the last category in time of each history of three or more; among clicks of one time by lot, see
   * `TieOrder`, which `keepKeys` ties to the history's key
   */
  readonly leaveLast?: boolean | undefined;
  /** instead of the cut even where there are times: one category of each history of three or more, drawn with the seed */
  readonly leaveDrawn?: boolean | undefined;
  /** most questions, a seeded sample of them; default 20,000 */
  readonly maxQueries?: number | undefined;
  /** default 1 */
  readonly seed?: number | undefined;
}

/** Histories as they are known, and what is asked about them. Rows are those of the whole log's vocabulary. */
export interface HeldOut {
  /** the whole log */
  readonly histories: Histories;
  readonly protocol: 'cut' | 'last' | 'drawn';
  /** seconds since 1970, where the protocol is `cut` */
  readonly cutTime?: number | undefined;
  /** for each click of the log, 1 where it is known, shape [N] */
  readonly isKnown: Uint8Array;
  /** distinct known categories of each history, ascending, in CSR as in `Histories` */
  readonly knownItems: Int32Array;
  readonly knownOffsets: Uint32Array;
  /** one question for each held-out category: its history, ascending, shape [Q] */
  readonly queryHistories: Int32Array;
  /** and the category that answers it, shape [Q] */
  readonly answers: Int32Array;
  /** held-out clicks that became no question: their history is unknown before the cut, or knows the category already */
  readonly unasked: number;
  /**
   * share of the histories asked for their last category in which other categories have the same time; where the
   * protocol is `last`
   */
  readonly tiedShare?: number | undefined;
}

/** How many questions are asked, as an option of commands. */
export const questionOptions = {
  maxQueries: {
    kind: 'integer',
    min: 1,
    default: 20_000,
    value: 'count',
    help: 'maximum questions, a seeded sample',
  },
} as const;

const optionKind = optionsKind<HoldOutOptions>({
  cut: true,
  leaveLast: true,
  leaveDrawn: true,
  maxQueries: true,
  seed: true,
});

/**
 * Holds out a part of the histories.
 *
 * A global cut splits all histories at one moment, as in use; a history that begins after it is asked nothing.
 *
 * @param histories - unfiltered, so that what a filter would drop still counts as a miss
 * @throws InputError if times are needed and missing, or nothing is left to learn from or to ask
 */
export function holdOut(histories: Histories, options: HoldOutOptions = {}): HeldOut {
  checkCall('holdOut(histories, options)', {
    histories: [histories, someHistories],
    options: [options, optionKind],
  });
  return heldOutOf(histories, options);
}

/** The same for those who have more options. @throws InputError as `holdOut` */
export function heldOutOf(histories: Histories, options: HoldOutOptions): HeldOut {
  const {
    cut,
    leaveLast = false,
    leaveDrawn = false,
    maxQueries = questionOptions.maxQueries.default,
    seed = 1,
  } = options;
  if ([cut !== undefined, leaveLast, leaveDrawn].filter(Boolean).length > 1) {
    throw new InputError(
      sentence`${named('cut')}, ${named('leaveLast')} and ${named('leaveDrawn')} exclude each other, got more than one; give one`,
    );
  }
  checkNumber('maxQueries', maxQueries, questionOptions.maxQueries);
  const isCut = cut !== undefined || (!leaveLast && !leaveDrawn && histories.times !== undefined);
  const cutTime = isCut ? timeOfCut(histories, cut ?? 0.9) : undefined;
  const { isKnown, tiedShare } =
    cutTime === undefined
      ? keepAllButOne(histories, leaveLast, seed)
      : { isKnown: keepBefore(histories, cutTime), tiedShare: undefined };
  const known = knownSets(histories, isKnown);
  const asked = questions(histories, isKnown, known);
  if (known.knownItems.length === 0 || asked.answers.length === 0) {
    if (isCut && hasOneTimeEach(histories)) {
      throw new InputError(
        sentence`${named('cut')} needs histories that go on over time, got clicks of one time in each history; ask for the last category of each with ${named('leaveLast')}`,
      );
    }
    throw new InputError(
      isCut
        ? sentence`${named('cut')} must leave clicks on both sides, and categories after it that are new to a history known before it; choose another cut`
        : 'histories must hold one of three or more categories, got none; there is nothing to ask',
    );
  }
  return {
    histories,
    protocol: isCut ? 'cut' : leaveLast ? 'last' : 'drawn',
    cutTime,
    isKnown,
    ...known,
    ...sampled(asked, maxQueries, seed),
    unasked: asked.unasked,
    tiedShare,
  };
}

function timeOfCut({ times, timeSpan }: Histories, cut: number | Date): number {
  if (times === undefined)
    throw new InputError(sentence`${named('cut')} needs the time of every click, got none; give a time column`);
  if (cut instanceof Date) {
    // a log that is dated to the day is cut between days
    return knownBefore(checkNumber('cut', cut.getTime() / 1000), { isMidnight: timeSpan?.isMidnight });
  }
  checkNumber('cut', cut, { min: 0, isMinExcluded: true });
  if (cut >= 1)
    throw new InputError(sentence`${named('cut')} must be a share of all clicks below 1, or a date, got ${cut}`);
  return Float64Array.from(times).sort()[Math.floor(cut * times.length)] ?? NaN;
}

/** Whether all clicks of each history have one time, as in baskets and in sessions that are dated as a whole. */
function hasOneTimeEach({ times, offsets }: Histories): boolean {
  if (times === undefined) return false;
  for (let h = 1; h < offsets.length; h++) {
    const first = offsets[h - 1] ?? 0;
    for (let at = first; at < (offsets[h] ?? 0); at++) if (times[at] !== times[first]) return false;
  }
  return true;
}

function keepBefore({ times, items }: Histories, cutTime: number): Uint8Array {
  return Uint8Array.from(items, (_, at) => ((times?.[at] ?? 0) < cutTime ? 1 : 0));
}

function keepAllButOne(histories: Histories, isLast: boolean, seed: number) {
  const { items, offsets, times, isOrdered } = histories;
  if (isLast && times === undefined && !isOrdered) {
    throw new InputError(sentence`${named('leaveLast')} needs the time of every click, got none; give a time column`);
  }
  const isKnown = new Uint8Array(clickCount(histories)).fill(1);
  const random = new Random(seed, 0x401d);
  const lots = new TieOrder(seed, { historyKeys: histories.keys, categoryKeys: histories.vocabulary.keys });
  let asked = 0;
  let tied = 0;
  for (let h = 0; h < historyCount(histories); h++) {
    const start = offsets[h] ?? 0;
    const end = offsets[h + 1] ?? 0;
    const distinct = Int32Array.from(new Set(items.subarray(start, end))).sort();
    if (distinct.length < 3) continue;
    let answer = distinct[isLast ? 0 : random.below(distinct.length)];
    if (isLast) {
      const newest = newestItems(histories, start, end);
      if (newest.length > 1) tied++;
      answer = isOrdered ? items[end - 1] : lots.last(newest, h);
    }
    asked++;
    for (let at = start; at < end; at++) if (items[at] === answer) isKnown[at] = 0;
  }
  return { isKnown, tiedShare: isLast && asked > 0 ? tied / asked : undefined };
}

/** The distinct categories of the newest time, ascending; without times, the last one. */
function newestItems({ items, times }: Histories, start: number, end: number): number[] {
  if (times === undefined) return [items[end - 1] ?? 0];
  const newest = times.subarray(start, end).reduce((latest, time) => Math.max(latest, time), -Infinity);
  const found = new Set(items.subarray(start, end).filter((_, i) => times[start + i] === newest));
  return [...found].sort((a, b) => a - b);
}

function knownSets(histories: Histories, isKnown: Uint8Array): Pick<HeldOut, 'knownItems' | 'knownOffsets'> {
  const { items, offsets } = histories;
  const knownItems = new Int32Array(items.length);
  const knownOffsets = new Uint32Array(offsets.length);
  let size = 0;
  for (let h = 0; h < historyCount(histories); h++) {
    const first = size;
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
      if (isKnown[at] === 1) knownItems[size++] = items[at] ?? 0;
    }
    knownItems.subarray(first, size).sort();
    let kept = first;
    for (let at = first; at < size; at++) {
      if (at === first || knownItems[at] !== knownItems[kept - 1]) knownItems[kept++] = knownItems[at] ?? 0;
    }
    size = kept;
    knownOffsets[h + 1] = size;
  }
  return { knownItems: knownItems.slice(0, size), knownOffsets };
}

function questions(
  histories: Histories,
  isKnown: Uint8Array,
  { knownItems, knownOffsets }: Pick<HeldOut, 'knownItems' | 'knownOffsets'>,
): { queryHistories: Int32Array; answers: Int32Array; unasked: number } {
  const { items, offsets } = histories;
  const queryHistories: number[] = [];
  const answers: number[] = [];
  let unasked = 0;
  for (let h = 0; h < historyCount(histories); h++) {
    const known = knownItems.subarray(knownOffsets[h], knownOffsets[h + 1]);
    const seen = new Set(known);
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
      if (isKnown[at] === 1) continue;
      const answer = items[at] ?? 0;
      if (known.length === 0 || seen.has(answer)) {
        unasked++;
        continue;
      }
      seen.add(answer);
      queryHistories.push(h);
      answers.push(answer);
    }
  }
  return { queryHistories: Int32Array.from(queryHistories), answers: Int32Array.from(answers), unasked };
}

function sampled(
  { queryHistories, answers }: Pick<HeldOut, 'queryHistories' | 'answers'>,
  most: number,
  seed: number,
): Pick<HeldOut, 'queryHistories' | 'answers'> {
  if (answers.length <= most) return { queryHistories, answers };
  const drawn = shuffle(
    Int32Array.from(answers, (_, query) => query),
    new Random(seed, 0x401e),
  )
    .subarray(0, most)
    .sort();
  return {
    queryHistories: Int32Array.from(drawn, (query) => queryHistories[query] ?? 0),
    answers: Int32Array.from(drawn, (query) => answers[query] ?? 0),
  };
}

/** Known categories of a question's history, ascending; a view. */
export function knownOf({ knownItems, knownOffsets, queryHistories }: HeldOut, query: number): Int32Array {
  const history = queryHistories[query] ?? 0;
  return knownItems.subarray(knownOffsets[history], knownOffsets[history + 1]);
}
