/** A warning of measures that rest on little. */
import type { Progress } from './progress.js';
import { countOf } from './text.js';

/** Questions from which on an interval by resampling them says something; of clicks beside many non-clicks fewer do. */
const enough = 30;
const enoughClicks = 10;

/** Warns where a table has so few rows, or so few with one of the labels, that its figures and intervals say little. */
export function warnOfFewRows(
  progress: Progress,
  { rows, clicks }: { readonly rows: number; readonly clicks: number },
) {
  warnOfFew(progress, rows, { one: 'row' });
  if (rows >= enough) warnOfFew(progress, clicks, { one: 'click', least: enoughClicks });
  if (rows >= enough) warnOfFew(progress, rows - clicks, { one: 'non-click', least: enoughClicks });
}

/** How what was asked is called, and how many suffice. */
interface Asked {
  readonly one?: string;
  readonly many?: string;
  readonly least?: number;
}

/** Warns where so few were asked that neither a score nor its interval tells methods apart. */
export function warnOfFew(progress: Progress, count: number, { one = 'question', many, least = enough }: Asked = {}) {
  if (count >= least) return;
  progress.warn(
    `the scores are of ${countOf(count, one, many)}, too few to tell methods apart: below ${least} the intervals ` +
      `are too narrow`,
  );
}
