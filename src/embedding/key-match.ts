/**
 * One rule for every join by key: the share of a side that found its partner is reported, a share below one half is a
 * warning, and a mere respelling is refused.
 */
import { InputError } from '../checks.js';
import { plainSpelling, spellingDifference } from '../closest-spellings.js';
import { checkCall, hooksKind, objectWith } from '../step.js';
import { withThousands } from '../numerics/thousands.js';

/** What meets what, in words that stand in a sentence: `users of impressions.csv`, `clicks.csv`. */
export interface JoinNames {
  /** the side that needs a partner, in the plural */
  readonly keys: string;
  /** where the partners are looked up */
  readonly partner: string;
  /** what the keys stand in, in the plural; default `rows` */
  readonly places?: string | undefined;
}

/** How often keys stand where they come from. */
export interface KeyCounts {
  /** rows, clicks or entries of each key, in the order of the keys */
  readonly counts?: ArrayLike<number> | undefined;
}

/** Distinct keys. */
export type Keys = readonly string[] | ReadonlySet<string>;

/** Where partners are looked up: a vocabulary, or anything like it. */
export interface Partners {
  readonly keys: Iterable<string>;
  rowOf(key: string): number | undefined;
}

/** How the keys of one side met those of the other. */
export interface KeyMatch extends JoinNames {
  /** distinct keys that need a partner */
  readonly distinct: number;
  readonly matched: number;
  /** matched / distinct; 1 where there are no keys */
  readonly share: number;
  /** the same of the rows, clicks or entries that the keys stand in, where they were counted */
  readonly inPlaces?: { readonly all: number; readonly matched: number; readonly share: number } | undefined;
  /** a key without a partner, where a share is below one half: of rows, the most frequent */
  readonly unmatched?: string | undefined;
  /** where a key without a partner would have one if it were spelled like it */
  readonly respelled?: Respelling | undefined;
}

/** Two spellings of what may be the same key. */
export interface Respelling {
  readonly key: string;
  readonly known: string;
  /** what tells them apart: `a trailing .0`, `case`, `spaces`, `Unicode normalization` */
  readonly by: string;
}

/** How a join is reported. */
export interface KeyHooks {
  /** called for every join by key; `describeMatch` and `matchWarning` put it into words */
  readonly onKeys?: ((match: KeyMatch) => void) | undefined;
  /** gathers the keys of a table that is read in pieces, instead of judging each piece */
  readonly gathered?: GatheredKeys | undefined;
}

/** The hooks of a step that joins by key and tells nothing else. */
export const keyHooks = hooksKind<KeyHooks>({ onKeys: true, gathered: true });

/** From this share on, keys without a partner are no reason for a warning. */
const enough = 0.5;
/** From this many distinct keys on, a join without any match that a respelling would fix is refused. */
export const leastRefused = 20;

const someKeys = {
  what: 'a list or set of keys',
  is: (value: unknown) => Array.isArray(value) || value instanceof Set,
};
const somePartners = objectWith('a Vocabulary, or an object such as { keys, rowOf }', ['keys', 'rowOf']);
const joinNames = objectWith('an object such as { keys: "users of a.csv", partner: "b.csv" }', ['keys', 'partner']);
const aMatch = objectWith('a match, as matchKeys and onKeys give it', ['distinct', 'matched', 'share']);

/**
 * Judges a join.
 *
 * @param counted - `counts` of the rows that hold each key, to judge the share of rows, too
 * @throws InputError where there are 20 keys or more, none of them matched, and one would match in another spelling: of
 *   case, spaces, quotes, signs, escapes, Unicode normalization, zeros before or behind a number
 */
export function matchKeys(keys: Keys, partners: Partners, names: JoinNames, counted: KeyCounts = {}): KeyMatch {
  checkJoin('matchKeys(keys, partners, names, { counts })', keys, partners, names);
  let distinct = 0;
  let matched = 0;
  let unmatched: string | undefined;
  for (const key of keys) {
    distinct++;
    if (partners.rowOf(key) !== undefined) matched++;
    else unmatched ??= key;
  }
  const share = distinct === 0 ? 1 : matched / distinct;
  const { inPlaces, most } = countPlaces(keys, partners, counted);
  const match = { ...names, distinct, matched, share, ...(inPlaces === undefined ? {} : { inPlaces }) };
  if (share >= enough) return isFew(match) ? { ...match, unmatched: most } : match;
  const respelled = findRespelling(keys, partners);
  if (respelled === undefined || matched > 0 || distinct < leastRefused) return { ...match, unmatched, respelled };
  throw new InputError(
    `${names.keys} must be spelled as in ${names.partner}, got none of ${withThousands(distinct)} that is: ` +
      `${describeRespelling(respelled)}; write both alike`,
  );
}

/** How many of the rows hold a key with a partner, and the key without one that most hold. */
function countPlaces(keys: Keys, partners: Partners, { counts }: KeyCounts): Places {
  if (counts === undefined) return {};
  let [at, all, matched, largest] = [0, 0, 0, 0];
  let most: string | undefined;
  for (const key of keys) {
    const count = counts[at++] ?? 0;
    all += count;
    if (partners.rowOf(key) !== undefined) matched += count;
    else if (count > largest) [largest, most] = [count, key];
  }
  return all === 0 ? {} : { inPlaces: { all, matched, share: matched / all }, most };
}

interface Places extends Pick<KeyMatch, 'inPlaces'> {
  readonly most?: string | undefined;
}

function isFew({ share, inPlaces }: Pick<KeyMatch, 'share' | 'inPlaces'>): boolean {
  return share < enough || (inPlaces?.share ?? 1) < enough;
}

function checkJoin(call: string, keys: Keys, partners: Partners, names: JoinNames): void {
  checkCall(call, { keys: [keys, someKeys], partners: [partners, somePartners], names: [names, joinNames] });
}

/** Reports a match to the listener, or collects it for a later check. */
export function meetKeys(
  keys: Keys,
  partners: Partners,
  names: JoinNames,
  { onKeys, gathered, counts }: KeyHooks & KeyCounts = {},
): void {
  if (gathered !== undefined) gathered.add(keys, partners, names, { counts });
  else {
    const match = matchKeys(keys, partners, names, { counts });
    onKeys?.(match);
  }
}

/** `38 of 40 users of impressions.csv are in clicks.csv (95.0 %)`. */
export function describeMatch(match: KeyMatch): string {
  checkCall('describeMatch(match)', { match: [match, aMatch] });
  const { keys, partner, distinct, matched, share } = match;
  if (distinct === 0) return `there are no ${keys}, to be found in ${partner}`;
  return `${withThousands(matched)} of ${withThousands(distinct)} ${keys} are in ${partner} (${percentOf(share)})`;
}

/** What must be known of a join: undefined where at least half of the keys, and of their rows, have found a partner. */
export function matchWarning(match: KeyMatch): string | undefined {
  checkCall('matchWarning(match)', { match: [match, aMatch] });
  if (!isFew(match)) return undefined;
  const { respelled, unmatched = '', inPlaces, keys, partner, places = 'rows', distinct, matched } = match;
  if (match.share >= enough && inPlaces !== undefined) {
    return (
      `${keys} are in ${partner} in only ${withThousands(inPlaces.matched)} of ${withThousands(inPlaces.all)} ${places} ` +
      `(${percentOf(inPlaces.share)}), though ${withThousands(matched)} of the ${withThousands(distinct)} distinct ones ` +
      `are: ${JSON.stringify(unmatched)} is not`
    );
  }
  const what =
    respelled === undefined
      ? `${JSON.stringify(unmatched)} is not`
      : `${describeRespelling(respelled)}; if they are the same, write both alike`;
  return `only ${describeMatch(match)}: ${what}`;
}

/** A match as the objects of `--json` hold it. */
export function matchToJson({ keys, partner, distinct, matched, share, inPlaces, unmatched, respelled }: KeyMatch) {
  return {
    keys,
    partner,
    distinct,
    matched,
    share,
    ...(inPlaces === undefined ? {} : { inPlaces: { ...inPlaces } }),
    ...(unmatched === undefined ? {} : { unmatched }),
    ...(respelled === undefined ? {} : { respelled: { ...respelled } }),
  };
}

/** One of two dictionaries of the same thing. */
export interface JoinSide extends JoinNames {
  /** distinct */
  readonly own: readonly string[];
}

/**
 * Two dictionaries of the same thing: it is the one with fewer keys that needs partners. Names are those of each as the
 * keys, and as the partner.
 */
export function meetEither(a: JoinSide, b: JoinSide, hooks?: KeyHooks): void {
  const [few, many] = b.own.length < a.own.length ? [b, a] : [a, b];
  meetKeys(few.own, partnersAmong(many.own), { keys: few.keys, partner: many.partner }, hooks);
}

/** Any keys as partners. */
export function partnersAmong(keys: readonly string[]): Partners {
  let set: ReadonlySet<string> | undefined;
  return { keys, rowOf: (key) => ((set ??= new Set(keys)).has(key) ? 0 : undefined) };
}

/** Keys that are kept of a join until all pieces are read; more are passed over. */
const mostGathered = 4_000_000;

/** One join of a table that is read in pieces. */
interface GatheredJoin {
  readonly names: JoinNames;
  readonly partners: Partners;
  /** key → its rows */
  readonly keys: Map<string, number>;
  isCounted: boolean;
}

/** The keys of a table that is read in pieces; the first 4,000,000 distinct ones of each join are judged. */
export class GatheredKeys {
  readonly #joins = new Map<string, GatheredJoin>();

  /** Takes the keys of one piece. */
  add(keys: Keys, partners: Partners, names: JoinNames, { counts }: KeyCounts = {}): void {
    checkJoin('add(keys, partners, names, { counts })', keys, partners, names);
    const id = JSON.stringify([names.keys, names.partner]);
    const join = this.#joins.get(id) ?? { names, partners, keys: new Map<string, number>(), isCounted: true };
    this.#joins.set(id, join);
    join.isCounted &&= counts !== undefined;
    let at = 0;
    for (const key of keys) {
      const count = counts?.[at++] ?? 0;
      const known = join.keys.get(key);
      if (known !== undefined || join.keys.size < mostGathered) join.keys.set(key, (known ?? 0) + count);
    }
  }

  /** Judges every join. @throws InputError as `matchKeys` does */
  matches(): KeyMatch[] {
    return Array.from(this.#joins.values(), ({ names, partners, keys, isCounted }) =>
      matchKeys(new Set(keys.keys()), partners, names, { counts: isCounted ? [...keys.values()] : undefined }),
    );
  }
}

function percentOf(share: number): string {
  return `${(100 * share).toFixed(share === 0 || share === 1 ? 0 : 1)} %`;
}

function describeRespelling({ key, known, by }: Respelling): string {
  return `${JSON.stringify(key)} is not, ${JSON.stringify(known)} is, and they differ by ${by} alone`;
}

/** The first key without a partner that would have one if both were spelled plainly. */
function findRespelling(keys: Keys, partners: Partners): Respelling | undefined {
  const wanted = new Map<string, string>();
  for (const key of keys) {
    if (partners.rowOf(key) !== undefined) continue;
    const plain = plainSpelling(key);
    if (!wanted.has(plain)) wanted.set(plain, key);
    if (wanted.size >= mostGathered) break;
  }
  for (const known of partners.keys) {
    const key = wanted.get(plainSpelling(known));
    if (key !== undefined && key !== known) return { key, known, by: spellingDifference(key, known) };
  }
  return undefined;
}
