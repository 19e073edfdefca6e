/** Holding categories of the histories out, so that a model that never saw them can be asked for them. */
import { checkNumber, InputError, named, sentence } from '../checks.js';
import { Random, shuffle } from '../numerics/random.js';
import { knownBefore } from './time-span.js';
import { TieOrder } from './tie-order.js';
import { historyCount, someHistories, type Histories } from './histories.js';
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

/** Distinct known categories of some histories, ascending, in CSR as in `Histories`. */
export type KnownSets = Pick<HeldOut, 'knownItems' | 'knownOffsets'>;

/** What ranking needs of what was held out. */
export interface Asked extends Pick<HeldOut, 'knownItems' | 'knownOffsets' | 'queryHistories' | 'answers'> {
  readonly histories: Pick<Histories, 'vocabulary' | 'users'>;
  /** where the known sets above are those of the questions alone: all of them */
  readonly all?:
    | {
        /** known histories of each category, shape [V] */
        readonly counts: Float64Array;
        /** visits the known sets of all histories, some at a time */
        readonly visit: (visitor: (known: KnownSets) => void) => Promise<void>;
      }
    | undefined;
}

/** How many questions are asked, as an option of commands. */
export const questionOptions = {
  maxQueries: { kind: 'integer', min: 1, default: 20_000, value: 'count', help: 'maximum questions, a seeded sample' },
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
  checkCall('holdOut(histories, options)', { histories: [histories, someHistories], options: [options, optionKind] });
  return heldOutOf(histories, options);
}

/** The same for those who have more options. @throws InputError as `holdOut` */
export function heldOutOf(histories: Histories, options: HoldOutOptions): HeldOut {
  const { cut, leaveLast, maxQueries, seed, isCut } = protocolOf(options, histories.times !== undefined);
  const cutTime = isCut ? timeOfCut(histories, cut ?? 0.9) : undefined;
  const { isKnown, tiedShare } =
    cutTime === undefined
      ? keepAllButOne(histories, leaveLast, seed)
      : { isKnown: keepBefore(histories, cutTime), tiedShare: undefined };
  const known = knownSets(histories, isKnown);
  const asked = questions(histories, isKnown, known);
  if (known.knownItems.length === 0 || asked.answers.length === 0) {
    throw nothingToAsk({ isCut, hasOneTimeEach: isCut && hasOneTimeEach(histories) });
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

/** What is asked, with the defaults filled in. @throws InputError for options that exclude each other */
export function protocolOf(options: HoldOutOptions, hasTimes: boolean) {
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
  const isCut = cut !== undefined || (!leaveLast && !leaveDrawn && hasTimes);
  return { cut, leaveLast, maxQueries, seed, isCut };
}

/** Where nothing is known, or nothing can be asked. */
export function nothingToAsk({
  isCut,
  hasOneTimeEach: isOneEach,
}: {
  readonly isCut: boolean;
  /** whether all clicks of each history have one time */
  readonly hasOneTimeEach: boolean;
}): InputError {
  if (isOneEach) {
    return new InputError(
      sentence`${named('cut')} needs histories that go on over time, got clicks of one time in each history; ask for
        the last category of each with ${named('leaveLast')}`,
    );
  }
  return new InputError(
    isCut
      ? sentence`${named('cut')} must leave clicks on both sides, and categories after it that are new to a history
        known before it; choose another cut`
      : 'histories must hold one of three or more categories, got none; there is nothing to ask',
  );
}

function timeOfCut({ times, timeSpan }: Histories, cut: number | Date): number {
  const place = placeOfCut({ timeSpan, clicks: times?.length }, cut);
  return 'time' in place ? place.time : (Float64Array.from(times ?? []).sort()[place.rank] ?? NaN);
}

/**
 * The time of a cut, or the click whose time it is, by its rank in time.
 *
 * @throws InputError without times (`clicks` is undefined), or for a cut out of range
 */
export function placeOfCut(
  { timeSpan, clicks }: Pick<Histories, 'timeSpan'> & { readonly clicks: number | undefined },
  cut: number | Date,
): { readonly time: number } | { readonly rank: number } {
  if (clicks === undefined)
    throw new InputError(
      sentence`${named('cut')} needs the time of every click, got none; give them with ${named('time')}`,
    );
  if (cut instanceof Date) {
    // a log that is dated to the day is cut between days
    const { isMidnight, rounding } = timeSpan ?? {};
    return { time: knownBefore(checkNumber('cut', cut.getTime() / 1000), { isMidnight, rounding }) };
  }
  checkNumber('cut', cut, { min: 0, isMinExcluded: true });
  if (cut >= 1)
    throw new InputError(sentence`${named('cut')} must be a share of all clicks below 1, or a date, got ${cut}`);
  return { rank: Math.floor(cut * clicks) };
}

/** Whether all clicks of each history have one time, as in baskets and in sessions that are dated as a whole. */
export function hasOneTimeEach({ times, offsets }: Pick<Histories, 'times' | 'offsets'>): boolean {
  if (times === undefined) return false;
  for (let h = 1; h < offsets.length; h++) {
    const first = offsets[h - 1] ?? 0;
    for (let at = first; at < (offsets[h] ?? 0); at++) if (times[at] !== times[first]) return false;
  }
  return true;
}

/** For each click, 1 where it is before a cut. */
export function keepBefore({ times, items }: Pick<Histories, 'times' | 'items'>, cutTime: number): Uint8Array {
  return Uint8Array.from(items, (_, at) => ((times?.[at] ?? 0) < cutTime ? 1 : 0));
}

function keepAllButOne(histories: Histories, isLast: boolean, seed: number) {
  const chooser = new AnswerChooser(histories, { isLast, seed });
  const isKnown = keepAllBut(histories, chooser.choose(histories));
  return { isKnown, tiedShare: chooser.tiedShare };
}

/** For each click, 1 unless it is of its history's answer. @param answers - −1 where there is none, shape [H] */
export function keepAllBut({ items, offsets }: Pick<Histories, 'items' | 'offsets'>, answers: Int32Array): Uint8Array {
  const isKnown = new Uint8Array(items.length).fill(1);
  for (let h = 0; h < answers.length; h++) {
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) if (items[at] === answers[h]) isKnown[at] = 0;
  }
  return isKnown;
}

/** Histories whose answers are chosen: all of a log, or some that follow each other. */
export type SomeHistories = Pick<Histories, 'items' | 'offsets' | 'times' | 'keys'>;

/** Chooses the category that each history is asked for; each call draws on from the one before. */
export class AnswerChooser {
  readonly #log: Pick<Histories, 'vocabulary' | 'isOrdered'>;
  readonly #isLast: boolean;
  readonly #seed: number;
  readonly #random: Random;
  #asked = 0;
  #tied = 0;

  /** @throws InputError where the last is asked for and there is no order */
  constructor(
    log: Pick<Histories, 'vocabulary' | 'isOrdered' | 'times'> & { readonly hasTimes?: boolean },
    { isLast, seed }: { readonly isLast: boolean; readonly seed: number },
  ) {
    const { hasTimes = log.times !== undefined } = log;
    if (isLast && !hasTimes && !log.isOrdered) {
      throw new InputError(sentence`${named('leaveLast')} needs the time of every click, got none; give them with
        ${named('time')}`);
    }
    this.#log = log;
    this.#isLast = isLast;
    this.#seed = seed;
    this.#random = new Random(seed, 0x401d);
  }

  /** Share of the histories asked for their last category in which others have the same time. */
  get tiedShare(): number | undefined {
    return this.#isLast && this.#asked > 0 ? this.#tied / this.#asked : undefined;
  }

  /** @returns the answer of each history, −1 for those of fewer than three categories, shape [H] */
  choose(histories: SomeHistories): Int32Array {
    const { items, offsets, keys } = histories;
    const { isOrdered, vocabulary } = this.#log;
    const lots = new TieOrder(this.#seed, { historyKeys: keys, categoryKeys: vocabulary.keys });
    const answers = new Int32Array(historyCount(histories)).fill(-1);
    for (let h = 0; h < answers.length; h++) {
      const start = offsets[h] ?? 0;
      const end = offsets[h + 1] ?? 0;
      const distinct = Int32Array.from(new Set(items.subarray(start, end))).sort();
      if (distinct.length < 3) continue;
      let answer = distinct[this.#isLast ? 0 : this.#random.below(distinct.length)];
      if (this.#isLast) {
        const newest = newestItems(histories, start, end);
        if (newest.length > 1) this.#tied++;
        answer = isOrdered ? items[end - 1] : lots.last(newest, h);
      }
      this.#asked++;
      answers[h] = answer ?? -1;
    }
    return answers;
  }
}

/** The distinct categories of the newest time, ascending; without times, the last one. */
function newestItems({ items, times }: Pick<Histories, 'items' | 'times'>, start: number, end: number): number[] {
  if (times === undefined) return [items[end - 1] ?? 0];
  const newest = times.subarray(start, end).reduce((latest, time) => Math.max(latest, time), -Infinity);
  const found = new Set(items.subarray(start, end).filter((_, i) => times[start + i] === newest));
  return [...found].sort((a, b) => a - b);
}

/** The distinct known categories of each history. */
export function knownSets(histories: Pick<Histories, 'items' | 'offsets'>, isKnown: Uint8Array): KnownSets {
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

/** A question for each held-out category that its history does not know. */
export function questions(
  histories: Pick<Histories, 'items' | 'offsets'>,
  isKnown: Uint8Array,
  { knownItems, knownOffsets }: KnownSets,
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
  const drawn = drawQuestions(answers.length, most, seed);
  if (drawn === undefined) return { queryHistories, answers };
  return {
    queryHistories: Int32Array.from(drawn, (query) => queryHistories[query] ?? 0),
    answers: Int32Array.from(drawn, (query) => answers[query] ?? 0),
  };
}

/** Which of so many questions are asked, ascending; undefined where all are. */
export function drawQuestions(count: number, most: number, seed: number): Int32Array | undefined {
  if (count <= most) return undefined;
  const all = Int32Array.from({ length: count }, (_, query) => query);
  return shuffle(all, new Random(seed, 0x401e)).subarray(0, most).sort();
}

/** Known categories of a question's history, ascending; a view. */
export function knownOf(
  { knownItems, knownOffsets, queryHistories }: Omit<Asked, 'histories'>,
  query: number,
): Int32Array {
  const history = queryHistories[query] ?? 0;
  return knownItems.subarray(knownOffsets[history], knownOffsets[history + 1]);
}
