/** A warning of measures that rest on little. */
import type { Progress } from './progress.js';
import { countOf } from './text.js';

/** Questions from which on an interval by resampling them says something. */
const enough = 30;

/** Warns where so few were asked that neither a score nor its interval tells methods apart. */
export function warnOfFew(progress: Progress, count: number, one = 'question', many?: string): void {
  if (count >= enough) return;
  progress.warn(
    `the scores are of ${countOf(count, one, many)}, too few to tell methods apart: below ${enough} the intervals ` +
      `are too narrow`,
  );
}
