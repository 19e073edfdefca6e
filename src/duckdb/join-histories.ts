/** Click logs joined to impressions: each row sees the user's clicks strictly before its time, and nothing after. */
import { checkDuration, InputError } from '../checks.js';
import type { Impressions, ListColumn } from '../click-model/impressions.js';
import { meetKeys, type KeyHooks } from '../embedding/key-match.js';
import type { Histories } from '../histories/histories.js';
import type { EngineOptions } from './connection.js';
import { csvOptions, type CsvOptions } from './csv-dialect.js';
import { nameOfSource, type Source } from './event-source.js';
import type { ReadNotes } from './check-keys.js';
import { readHistories } from './read-histories.js';

/** A log of clicks that gives a history. */
export interface HistoryLog extends CsvOptions {
  readonly source: Source;
  /** column of what was clicked */
  readonly category: string;
  /** name of the list; default `history` */
  readonly name?: string | undefined;
  /** columns of the log; default: the names that they have in the impressions */
  readonly user?: string | undefined;
  readonly time?: string | undefined;
  /** SQL condition on the columns of the log */
  readonly where?: string | undefined;
  /** how late a click becomes known, such as `1h`; a bare number is in seconds. Default: at once */
  readonly lag?: string | undefined;
  /** take all clicks of the user, whenever they were: for rows whose own clicks cannot be in the log. Default false */
  readonly isTimeless?: boolean | undefined;
}

/** What the impressions are joined by. */
export interface JoinOptions extends EngineOptions, KeyHooks, ReadNotes {
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
 * Adds a list for each log: the clicks of the row's user with time + lag < the row's time, oldest first.
 *
 * A click of the same moment is left out: it may be the very click that the label tells of. Users are matched by their exact keys; a row whose
 * user the log does not know has an empty history, and `onKeys` is told how many users of the impressions it knows. A timeless log gives all
 * clicks of the user.
 *
 * @throws InputError where the impressions have no users, or no times that a log needs, where users are spelled otherwise in a log (see
 *   `matchKeys`), and for what `readHistories` says of a log
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
      'a history from a log must be joined by user and time, got impressions without; where there is no time, histories can come from ' +
        'the training rows: --own-history',
    );
  }
  const domains = new Map(impressions.domains);
  const lists: ListColumn[] = [];
  for (const log of logs) {
    const { name = 'history', lag } = log;
    const histories = await readLog(log, options);
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
      lagSeconds: lagSeconds(lag),
    });
    const codes = histories.items.map((row) => merged.codes[row] ?? -1);
    lists.push({ name, domain, codes, times: histories.times, ...bounds });
  }
  return { ...impressions, domains, lists: [...impressions.lists, ...lists] };
}

async function readLog(log: HistoryLog, options: JoinOptions): Promise<Histories> {
  const { source, category, user = options.user, where } = log;
  const time = log.isTimeless ? undefined : (log.time ?? options.time);
  const { memoryLimit, temporaryFolder, engineThreads, signal, onNote } = options;
  return readHistories(source, {
    history: user ?? '',
    category,
    time,
    where,
    isOrdered: time !== undefined,
    keepKeys: true,
    keepSingles: true,
    keepRepeats: true,
    ...csvOptions(log),
    memoryLimit,
    temporaryFolder,
    engineThreads,
    signal,
    onNote,
  });
}

/** Seconds of a lag such as `1h`; a bare number is in seconds. @throws InputError for anything else */
export function lagSeconds(lag: string | undefined): number {
  if (lag === undefined || /^0+[smhd]?$/.test(lag)) return 0;
  const duration = checkDuration('historyLag', lag);
  return duration === undefined ? 0 : duration.amount * (duration.unitSeconds ?? 1);
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
  readonly lagSeconds: number;
}

function boundsOf(histories: Histories, { users, times, historyOf, lagSeconds }: Bounds) {
  const starts = new Uint32Array(users.length);
  const ends = new Uint32Array(users.length);
  const { offsets, times: clicked } = histories;
  for (let row = 0; row < users.length; row++) {
    const history = historyOf[users[row] ?? -1] ?? -1;
    if (history < 0) continue;
    const first = offsets[history] ?? 0;
    const last = offsets[history + 1] ?? first;
    starts[row] = first;
    ends[row] = times === undefined ? last : endBefore(clicked, first, last, (times[row] ?? 0) - lagSeconds);
  }
  return { starts, ends };
}

/** How far clicks in time order are strictly before a time. */
function endBefore(times: Float64Array | undefined, start: number, end: number, time: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times?.[middle] ?? Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
