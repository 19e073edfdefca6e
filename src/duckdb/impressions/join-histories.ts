/** Click logs joined to impressions: each row sees the user's clicks strictly before its time, and nothing after. */
import { InputError, named, sentence } from '../../checks.js';
import type { Impressions, ListColumn } from '../../impressions/impressions.js';
import { meetKeys, type KeyHooks } from '../../embedding/key-match.js';
import type { Histories } from '../../histories/histories.js';
import {
  knownBefore,
  lagSeconds,
  midnightsAmong,
  timeText,
  type KnownFrom,
  type TimeSpan,
  type TimeUnit,
} from '../../histories/time-span.js';
import { type EngineUse, splitEngineOptions } from '../engine/connection.js';
import { csvOptions, withPrefixedOptions, type CsvReading } from '../sources/csv-dialect.js';
import { nameOfSource, type Source } from '../sources/event-source.js';
import { tellNote, type NoteDetails, type ReadNotes } from '../events/check-keys.js';
import type { TimeOptions } from '../events/event-times.js';
import { readHistoriesWith } from '../events/read-histories.js';
import { lowerBound } from '../../numerics/lower-bound.js';
import { withThousands } from '../../numerics/thousands.js';

/** A log of clicks that gives a history. */
export interface HistoryLog extends CsvReading {
  readonly source: Source;
  /** column of what was clicked */
  readonly category: string;
  /** name of the list; default `history` */
  readonly name?: string | undefined;
  /** columns of the log; default: the names that they have in the impressions */
  readonly user?: string | undefined;
  readonly time?: string | undefined;
  /** how its times are read, see `TimeOptions`; default: as those of the impressions, where they can be */
  readonly timeFormat?: string | undefined;
  readonly timeUnit?: TimeUnit | undefined;
  readonly isTimeDefault?: boolean | undefined;
  /** SQL condition on the columns of the log */
  readonly where?: string | undefined;
  /**
   * how late a click becomes known, such as `1h`; a bare number is in seconds. Default: at once, or from the next day
   * on where all times of the log are at midnight
   */
  readonly lag?: string | undefined;
  /** take all clicks of the user, whenever they were: for rows whose own clicks cannot be in the log. Default false */
  readonly isTimeless?: boolean | undefined;
}

/** What the impressions are joined by. */
export interface JoinOptions extends EngineUse, KeyHooks, ReadNotes, TimeOptions {
  /** of the impressions */
  readonly name: string;
  /** columns of the impressions */
  readonly user?: string | undefined;
  readonly time?: string | undefined;
  /** key of each numbered user */
  readonly userKeys: readonly string[];
  /** list → its domain */
  readonly domainOf: ReadonlyMap<string, string>;
}

/**
 * Adds a list for each log: the clicks of the row's user with time + lag < the row's time, oldest first. Where all
 * times of the log are at midnight, it is dated to the day, and a click is known from the next day on, unless a lag is
 * given; so it is with times of whole hours, and whatever else times are rounded to.
 *
 * A click of the same moment is left out: it may be the very click that the label tells of. Users are matched by their
 * exact keys; a row whose user the log does not know has an empty history, and `onKeys` receives how many users of the
 * impressions it knows. A timeless log gives all clicks of the user. `onNote` is warned of a log in which some clicks
 * seem to be dated to the day, and others are not.
 *
 * @throws InputError where the impressions have no users, or no times that a log needs, where times of the one are
 *   dates and of the other step numbers, where users are spelled otherwise in a log (see `matchKeys`), and for what
 *   `readHistories` says of a log
 */
export async function joinHistories(
  impressions: Impressions,
  logs: readonly HistoryLog[],
  options: JoinOptions,
): Promise<Impressions> {
  const { users, times } = impressions;
  const isTimed = times !== undefined && options.time !== undefined;
  if (users === undefined || options.user === undefined || !(isTimed || logs.every((log) => log.isTimeless))) {
    throw new InputError(
      sentence`a history from a log must be joined by user and time: give both columns of the impressions with
        ${named('user')} and ${named('time')}; where there is no time, histories can come from the training rows:
        ${named('ownHistory')}`,
    );
  }
  const domains = new Map(impressions.domains);
  const lists: ListColumn[] = [];
  for (const log of logs) {
    const { name = 'history', lag } = log;
    const histories = await readLog(log, options);
    const { timeSpan } = histories;
    if (!log.isTimeless) checkComparable(impressions.timeSpan, timeSpan, log);
    const knownFrom = {
      lagSeconds: lag === undefined ? undefined : lagSeconds(lag),
      isMidnight: timeSpan?.isMidnight,
      rounding: timeSpan?.rounding,
    };
    const domain = options.domainOf.get(name) ?? name;
    const merged = mergeKeys(domains.get(domain) ?? [], histories.vocabulary.keys);
    domains.set(domain, merged.keys);
    const indexOf = new Map(histories.keys?.map((key, index) => [key, index]));
    const known = { keys: histories.keys ?? [], rowOf: (key: string) => indexOf.get(key) };
    const names = { keys: `users of ${options.name}`, partner: nameOfSource(log.source) };
    meetKeys(options.userKeys, known, names, options);
    const bounds = boundsOf(histories, {
      users,
      times: log.isTimeless ? undefined : times,
      historyOf: Int32Array.from(options.userKeys, (key) => indexOf.get(key) ?? -1),
      knownFrom,
    });
    const codes = histories.items.map((row) => merged.codes[row] ?? -1);
    const timing = log.isTimeless ? {} : { timeSpan, knownFrom };
    const list = { name, domain, codes, times: histories.times, ...timing, ...bounds };
    warnOfMidnights(list, options);
    lists.push(list);
  }
  return { ...impressions, domains, lists: [...impressions.lists, ...lists] };
}

/** Such clicks are known before they have happened. */
function warnOfMidnights({ name, times, timeSpan, knownFrom }: ListColumn, notes: ReadNotes): void {
  const isTold = knownFrom?.lagSeconds !== undefined || (timeSpan?.rounding?.unit ?? 'minute') !== 'minute';
  if (isTold || times === undefined || timeSpan?.isDated !== true) return;
  const midnights = midnightsAmong(times);
  if (midnights === undefined) return;
  const warning = sentence`${withThousands(midnights)} of ${withThousands(times.length)} times of ${name} are at
    midnight, as if dated to the day, and the others are not: such a click counts as known before it happened, and may
    tell of the label; ${named('historyLag')} 1d lets every click be known a day later`;
  tellNote(notes, warning, true);
}

async function readLog(log: HistoryLog, options: JoinOptions): Promise<Histories> {
  const { source, category, user = options.user, where } = log;
  const time = log.isTimeless ? undefined : (log.time ?? options.time);
  const { signal } = options;
  const onNote = (note: string, details?: NoteDetails): void => {
    if (details === undefined) options.onNote?.(note);
    else tellNote(options, withPrefixedOptions(details, 'history'), details.isWarning);
  };
  return readHistoriesWith(source, {
    history: user ?? '',
    category,
    time,
    ...(time === undefined ? {} : timeOptionsOf(log, options)),
    where,
    isOrdered: time !== undefined,
    keepKeys: true,
    keepSingles: true,
    keepRepeats: true,
    ...csvOptions(log),
    ...splitEngineOptions(options).engine,
    signal,
    onNote: options.onNote && onNote,
  }).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(withPrefixedOptions(error, 'history'), { cause: error });
  });
}

/** How the times of a log are read: as said of the log, else as those of the table where they can be. */
export function timeOptionsOf(log: TimeOptions, table: TimeOptions): TimeOptions {
  const isOwn = (log.timeFormat ?? log.timeUnit) !== undefined;
  const { timeFormat, timeUnit } = isOwn ? log : table;
  return { timeFormat, timeUnit, isTimeDefault: isOwn ? log.isTimeDefault : true };
}

/** Step numbers say nothing of what came before a date. */
function checkComparable(rows: TimeSpan | undefined, clicks: TimeSpan | undefined, { source }: HistoryLog): void {
  if (rows === undefined || clicks === undefined || rows.isDated === clicks.isDated) return;
  const [of, log] = [rows, clicks].map((span) => `${timeText(span.from, span)} to ${timeText(span.to, span)}`);
  throw new InputError(
    sentence`the times of ${nameOfSource(source)} must be comparable with those of the impressions, got ${log} beside
      ${of}: numbers without a unit beside dates; say what the numbers are with
      ${named(clicks.isDated ? 'timeUnit' : 'historyTimeUnit')} or
      ${named(clicks.isDated ? 'timeFormat' : 'historyTimeFormat')}`,
  );
}

/** Appends what is new to a dictionary. */
function mergeKeys(known: readonly string[], added: readonly string[]) {
  const codeOf = new Map(known.map((key, code) => [key, code]));
  const keys = [...known];
  const codes = Int32Array.from(added, (key) => {
    const code = codeOf.get(key);
    return code ?? keys.push(key) - 1;
  });
  return { keys, codes };
}

interface Bounds {
  readonly users: Int32Array;
  /** undefined: all clicks of the user */
  readonly times: Float64Array | undefined;
  /** the history of each numbered user, −1 where there is none */
  readonly historyOf: Int32Array;
  readonly knownFrom: KnownFrom;
}

function boundsOf(histories: Histories, { users, times, historyOf, knownFrom }: Bounds) {
  const starts = new Uint32Array(users.length);
  const ends = new Uint32Array(users.length);
  const { offsets, times: clicked } = histories;
  for (let row = 0; row < users.length; row++) {
    const history = historyOf[users[row] ?? -1] ?? -1;
    if (history < 0) continue;
    const first = offsets[history] ?? 0;
    const last = offsets[history + 1] ?? first;
    starts[row] = first;
    ends[row] = times === undefined ? last : endBefore(clicked, first, last, knownBefore(times[row] ?? 0, knownFrom));
  }
  return { starts, ends };
}

/** How far clicks in time order are strictly before a time. */
function endBefore(times: Float64Array | undefined, start: number, end: number, time: number): number {
  return lowerBound(start, end, (at) => (times?.[at] ?? Infinity) < time);
}
