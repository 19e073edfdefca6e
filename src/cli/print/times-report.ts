/** The times that a command has read: from when to when, how exact they are, and what that means for histories. */
import type { Impressions, ListColumn } from '../../impressions/impressions.js';
import type { Json } from '../../embedding/embedding.js';
import { timeText, timeValue, type TimeSpan } from '../../histories/time-span.js';
import type { Progress } from './progress.js';
import { formatSeconds, printable } from './text.js';

/** `2024-01-03 to 2024-03-01 UTC, all at midnight`, or `0 to 719, numbers without a unit`. */
export function describeTimes(span: TimeSpan): string {
  const range = `${timeText(span.from, span)} to ${timeText(span.to, span)}`;
  if (!span.isDated) return `${range}, numbers without a unit`;
  return `${range} UTC${span.isMidnight ? ', all at midnight' : ''}`;
}

/** The same for `--json`. */
export function timesJson({ from, to, isDated, isMidnight }: TimeSpan): { readonly [name: string]: Json } {
  return { from: timeValue(from, isDated), to: timeValue(to, isDated), isDated, isMidnight };
}

/** What to say of a newest time that lies far beyond all others; undefined where none does. */
export function lateWarning(name: string, span: TimeSpan | undefined): string | undefined {
  if (span?.late === undefined) return undefined;
  const { place, time, before } = span.late;
  // the day alone would hide by how much
  const text = (seconds: number) => timeText(seconds, { ...span, isMidnight: false });
  return `the newest time of ${name}, ${text(time)} in ${place}, is later than the others, which end at ${text(before)}, by more than their whole span: ages count from it; leave such rows out with --where, or mend them`;
}

/** What impressions and the logs of their histories say of their times, in notes and warnings. */
export function noteTimes(progress: Progress, name: string, { timeSpan, lists }: Impressions): void {
  if (timeSpan !== undefined) progress.note(`${printable(name)}: times ${describeTimes(timeSpan)}`);
  const late = lateWarning(printable(name), timeSpan);
  if (late !== undefined) progress.warn(late);
  for (const list of lists) {
    if (list.timeSpan === undefined) continue;
    progress.note(
      `${printable(list.name)}: times ${describeTimes(list.timeSpan)}; a click counts as known ${knownText(list)}`,
    );
    const late = lateWarning(printable(list.name), list.timeSpan);
    if (late !== undefined) progress.warn(late);
  }
}

/** `times` of impressions, and of the log of each history. */
export function impressionTimesJson({ timeSpan, lists }: Impressions): { readonly times?: Json } {
  if (timeSpan === undefined) return {};
  const histories = lists.flatMap((list) =>
    list.timeSpan === undefined ? [] : [{ name: list.name, ...timesJson(list.timeSpan), known: knownText(list) }],
  );
  return { times: { ...timesJson(timeSpan), ...(histories.length === 0 ? {} : { histories }) } };
}

function knownText({ knownFrom }: ListColumn): string {
  const { lagSeconds, isMidnight = false } = knownFrom ?? {};
  if (lagSeconds !== undefined) return lagSeconds === 0 ? 'at once' : `after ${formatSeconds(lagSeconds)}`;
  return isMidnight ? 'from the next day on (--history-lag says otherwise)' : 'at once';
}
