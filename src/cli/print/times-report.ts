/** The times that a command has read: from when to when, how exact they are, and what that means for histories. */
import type { Impressions, ListColumn } from '../../impressions/impressions.js';
import type { Json } from '../../embedding/embedding.js';
import type { TimeRounding } from '../../histories/time-rounding.js';
import { timeText, timeValue, type TimeSpan } from '../../histories/time-span.js';
import type { Progress } from './progress.js';
import { countOf, formatCount, formatSeconds, printable } from './text.js';

/** `2024-01-03 to 2024-03-01 UTC, all at midnight`, or `0 to 719, numbers without a unit`. */
export function describeTimes(span: TimeSpan): string {
  const range = `${timeText(span.from, span)} to ${timeText(span.to, span)}`;
  if (!span.isDated) return `${range}, numbers without a unit`;
  const rounding = span.rounding === undefined ? '' : `, ${roundingText(span.rounding)}`;
  return `${range} UTC${span.isMidnight ? ', all at midnight' : ''}${rounding}`;
}

/** How rounded times are called; days are those of another zone. */
const roundings: Readonly<Record<TimeRounding['unit'], string>> = {
  minute: 'all on whole minutes',
  hour: 'all on whole hours',
  day: 'all at midnight of another time zone',
  week: 'all on the same day of the week',
  month: 'all on the first of a month',
  quarter: 'all on the first of a quarter',
  year: 'all on the first of a year',
};

function roundingText({ unit, step }: TimeRounding): string {
  const count = stepsOf({ unit, step });
  return count === 1 ? roundings[unit] : `all ${count} ${unit}s apart, or several times that`;
}

/** How many minutes or hours a step of them is. */
function stepsOf({ unit, step }: Pick<TimeRounding, 'unit' | 'step'>): number {
  return unit === 'minute' ? step / 60 : unit === 'hour' ? step / 3600 : 1;
}

/** The same for `--json`. */
export function timesJson({ from, to, isDated, isMidnight, rounding }: TimeSpan): { readonly [name: string]: Json } {
  const count = rounding === undefined ? 1 : stepsOf(rounding);
  const roundedTo = rounding && { roundedTo: count === 1 ? rounding.unit : `${count} ${rounding.unit}s` };
  return { from: timeValue(from, isDated), to: timeValue(to, isDated), isDated, isMidnight, ...roundedTo };
}

/** Lengths of time that a command line gives, such as `30m`. */
export interface GivenDurations {
  readonly sessionGap?: string | number | undefined;
  readonly halfLife?: string | number | undefined;
  readonly historyLag?: string | undefined;
}

/**
 * Warns of times that may be wrong: a newest one far beyond all others, those that stand for none, zones that only some
 * name, and units that are given to numbers without one.
 */
export function warnOfTimes(
  progress: Progress,
  name: string,
  span: TimeSpan | undefined,
  durations: GivenDurations & { readonly unitFlag?: string } = {},
): void {
  if (span !== undefined) timeWarnings(name, span, durations).forEach((warning) => progress.warn(warning));
}

function timeWarnings(
  name: string,
  span: TimeSpan,
  { unitFlag = '--time-unit', ...durations }: GivenDurations & { readonly unitFlag?: string },
): string[] {
  const { late, placeholders, zones, isDated, isPerhapsSince2001 = false } = span;
  // the day alone would hide by how much
  const text = (seconds: number) => timeText(seconds, { isDated, isMidnight: false });
  const warnings: string[] = [];
  if (late !== undefined) {
    const { count = 1 } = late;
    warnings.push(
      `the newest ${count === 1 ? 'time' : countOf(count, 'time')} of ${name}, ${count === 1 ? '' : 'up to '}` +
        `${text(late.time)} in ${late.place}, ${count === 1 ? 'is' : 'are'} later than nearly all others, which end ` +
        `at ${text(late.before)}, by more than their whole span: ages count from it; exclude such rows with ` +
        '--where, or fix them',
    );
  }
  if (placeholders !== undefined) {
    const { count, time, place } = placeholders;
    warnings.push(
      `${countOf(count, 'time')} of ${name}, such as ${text(time)}, ` +
        `${count === 1 ? 'is a placeholder' : 'are placeholders'}, a year or more from all others; the first ` +
        `is in ${place}: exclude such rows with --where, or fix them`,
    );
  }
  if (zones !== undefined) {
    warnings.push(
      `${countOf(zones.named, 'time')} of ${name} ` +
        `${zones.named === 1 ? 'names a time zone' : 'name their time zone'} and ${formatCount(zones.others)} ` +
        `${zones.others === 1 ? 'does not: it is' : 'do not: they are'} read as UTC`,
    );
  }
  if (isPerhapsSince2001) {
    warnings.push(
      `the times of ${name} are numbers that read as ${text(span.from)} to ${text(span.to)}: where they ` +
        'count from 2001, as on systems of Apple, add 978307200 seconds to each; where they are right, say ' +
        `their unit with ${unitFlag}`,
    );
  }
  for (const duration of isDated ? [] : Object.values(durations)) {
    if (typeof duration !== 'string' || !/[1-9].*[smhd]$/.test(duration)) continue;
    warnings.push(
      `the times of ${name} are numbers without a unit, and ${duration} is taken as if they were seconds; ` +
        `say their unit with ${unitFlag}`,
    );
  }
  return warnings;
}

/** What impressions and the logs of their histories say of their times, in notes and warnings. */
export function noteTimes(
  progress: Progress,
  name: string,
  { timeSpan, lists }: Impressions,
  durations?: GivenDurations,
): void {
  if (timeSpan !== undefined) progress.note(`${printable(name)}: times ${describeTimes(timeSpan)}`);
  warnOfTimes(progress, printable(name), timeSpan);
  for (const list of lists) {
    if (list.timeSpan === undefined) continue;
    progress.note(
      `${printable(list.name)}: times ${describeTimes(list.timeSpan)}; a click counts as known ${knownText(list)}`,
    );
    warnOfTimes(progress, printable(list.name), list.timeSpan, { ...durations, unitFlag: '--history-time-unit' });
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
  const { lagSeconds, isMidnight = false, rounding } = knownFrom ?? {};
  if (lagSeconds !== undefined) return lagSeconds === 0 ? 'at once' : `after ${formatSeconds(lagSeconds)}`;
  const unit = rounding?.unit ?? (isMidnight ? 'day' : undefined);
  if (unit === undefined) return 'at once';
  const count = rounding === undefined ? 1 : stepsOf(rounding);
  const from = count === 1 ? `from the next ${unit} on` : `${count} ${unit}s later`;
  return `${from} (--history-lag says otherwise)`;
}
