/** The filters again, as plainly as can be: arrays of objects, no cleverness. What the fast path is tested against. */
import { createHash } from 'node:crypto';
import { exp, log } from '../../src/numerics/elementary.js';
import { compareKeys } from '../../src/vocabulary.js';

export interface Click {
  readonly history: string | null;
  readonly category: string | null;
  readonly time?: number | null;
  readonly weight?: number;
}

export interface NaiveOptions {
  readonly sessionGap?: number | undefined;
  readonly halfLife?: number | undefined;
  readonly maxClicksPerCategory: number;
  readonly keepRepeats: boolean;
  readonly maxHistory: number;
  readonly minCount: number;
  readonly minHistories: number;
  readonly isOrdered: boolean;
}

interface Kept {
  readonly user: string;
  readonly category: string;
  readonly time: number;
  readonly weight: number;
}

/** Histories as lists of clicks, and how many clicks each filter took. The seed is 1. */
export function naiveHistories(clicks: readonly Click[], options: NaiveOptions) {
  const present = clicks.flatMap(({ history, category, time, weight = 1 }): Kept[] =>
    history === null || category === null || time === null
      ? []
      : [{ user: history, category, time: time ?? 0, weight }],
  );
  const newest = Math.max(...present.map(({ time }) => time));
  const { halfLife } = options;
  const decayed = present.map((click) =>
    halfLife === undefined
      ? click
      : { ...click, weight: click.weight * exp(((click.time - newest) / halfLife) * log(2)) },
  );
  const users = [...groupBy(decayed, ({ user }) => user)].sort(([a], [b]) => compareKeys(a, b));
  const dropped = { missing: clicks.length - present.length, repeats: 0, maxHistory: 0, clicksPerCategory: 0 };
  const sessions = users.flatMap(([, list]) => splitSessions(list.sort(byTime), options.sessionGap));
  const merged = sessions.map((session) => mergeSession(session, options, dropped));
  const { pruned, ...left } = pruneAll(merged, options);
  return { ...left, dropped: { ...dropped, ...pruned }, newest };
}

/** What decides between clicks of one time, here with the seed 1: SQL's `md5('1' || chr(9) || user || chr(9) || category)`. */
export function lotOf(user: string, category: string, seed = 1): string {
  return createHash('md5').update(`${seed}\t${user}\t${category}`).digest('hex');
}

const byTime = (a: Kept, b: Kept) =>
  a.time - b.time || compareKeys(lotOf(a.user, a.category), lotOf(b.user, b.category)) || a.weight - b.weight;

function splitSessions(list: readonly Kept[], gap: number | undefined): Kept[][] {
  const sessions: Kept[][] = [];
  list.forEach((click, i) => {
    const before = list[i - 1];
    if (before === undefined || (gap !== undefined && click.time - before.time > gap)) sessions.push([]);
    sessions.at(-1)?.push(click);
  });
  return sessions;
}

function mergeSession(
  session: Kept[],
  { maxClicksPerCategory, keepRepeats, maxHistory }: NaiveOptions,
  dropped: { repeats: number; maxHistory: number; clicksPerCategory: number },
): Kept[] {
  const kept = [...groupBy(session, ({ category }) => category).values()].flatMap((repeats) => {
    const capped = maxClicksPerCategory === 0 ? repeats : repeats.slice(-maxClicksPerCategory);
    dropped.clicksPerCategory += repeats.length - capped.length;
    const last = capped.at(-1);
    if (keepRepeats || last === undefined) return capped;
    dropped.repeats += capped.length - 1;
    const ascending = capped.map(({ weight }) => weight).sort((a, b) => a - b);
    return [{ ...last, weight: ascending.reduce((sum, weight) => sum + weight, 0) }];
  });
  kept.sort(byTime);
  const cut = maxHistory === 0 ? kept : kept.slice(-maxHistory);
  dropped.maxHistory += kept.length - cut.length;
  return cut;
}

function pruneAll(sessions: Kept[][], { minCount, minHistories, isOrdered }: NaiveOptions) {
  const pruned = { minCount: 0, minHistories: 0, singles: 0 };
  let left = sessions;
  for (;;) {
    const counts = groupBy(left.flat(), ({ category }) => category);
    const size = left.flat().length;
    left = left.map((session) =>
      session.filter(({ category }) => {
        const of = counts.get(category) ?? [];
        const isRare = of.length < minCount;
        const isSeldom = new Set(of.map(({ user }) => user)).size < minHistories;
        if (isRare) pruned.minCount++;
        else if (isSeldom) pruned.minHistories++;
        return !isRare && !isSeldom;
      }),
    );
    const [several, single] = [true, false].map((is) =>
      left.filter((session) => new Set(session.map(({ category }) => category)).size > 1 === is),
    );
    pruned.singles += single?.flat().length ?? 0;
    left = several ?? [];
    if (left.flat().length === size) break;
  }
  const counts = [...groupBy(left.flat(), ({ category }) => category)]
    .map(([category, clicks]) => ({ category, count: clicks.length }))
    .sort((a, b) => b.count - a.count || compareKeys(a.category, b.category));
  const rowOf = new Map(counts.map(({ category }, row) => [category, row]));
  if (!isOrdered) {
    const row = ({ category }: Kept) => rowOf.get(category) ?? 0;
    for (const session of left) session.sort((a, b) => row(a) - row(b) || a.time - b.time || a.weight - b.weight);
  }
  return { histories: left, counts, pruned };
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
