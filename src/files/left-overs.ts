/** What killed processes have left beside outputs: taken back where it was under way, removed where it is half-written. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isLeftOver, isOfElsewhere } from './beside-output.js';
import { removeIfPossible } from './held-files.js';
import { takeBack } from './publish.js';

/**
 * Clears a folder of left-overs: an output whose exchange was cut short stands again as it was.
 *
 * @throws what the system says where an earlier output cannot be put back; what cannot be removed stays
 */
export function clearLeftOvers(folder: string): void {
  for (const name of leftOversIn(folder)) if (name.endsWith('.journal')) takeBack(join(folder, name));
  const names = leftOversIn(folder);
  // a journal that cannot be read may be of what is kept beside it
  const isUnclear = names.some((name) => name.endsWith('.journal'));
  for (const name of names) if (!isUnclear || name.endsWith('.partial')) removeIfPossible(join(folder, name));
}

function leftOversIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => isLeftOver(name) || (isOfElsewhere(name) && isForgotten(folder, name)));
}

/**
 * Whether a file of another machine (a container that is gone, a shared disk) was last written a week before anything
 * last changed in its folder: whoever writes one is done in less.
 */
function isForgotten(folder: string, name: string): boolean {
  const [changed, written] = [folder, join(folder, name)].map(
    (path) => lstatSync(path, { throwIfNoEntry: false })?.mtimeMs,
  );
  return changed !== undefined && written !== undefined && changed - written > weekMs;
}

const weekMs = 7 * 86_400_000;

/** The same before something is read: whatever hinders it will be said by whoever reads. */
export function clearBeforeReading(folder: string): void {
  try {
    clearLeftOvers(folder);
  } catch {
    // read-only, perhaps, or not there
  }
}
