/** Names of what stands beside an output while it is written: they tell the machine and the process that it belongs to. */
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isRunning } from './running-process.js';

/** `partial`: being written; `earlier`: what stood there before; `journal`: what takes the place of what. */
export type BesideKind = 'partial' | 'earlier' | 'journal';

let named = 0;
const ownNames = new Set<string>();

/** A path beside an output that nobody else uses. */
export function besideOutput(path: string, kind: BesideKind): string {
  return besideNamed(dirname(path), `.${basename(path).slice(0, 40)}.${hostname()}-${process.pid}-${named++}.${kind}`);
}

/** The path of a file that is made and removed to see whether a folder can be written. */
export function probeIn(folder: string): string {
  return besideNamed(folder, `.category2vec-${process.pid}.partial`);
}

function besideNamed(folder: string, name: string): string {
  ownNames.add(name);
  return join(folder, name);
}

/** Gives a name away: whoever comes next may treat it as left over. */
export function abandon(name: string): void {
  ownNames.delete(name);
}

const besideName = /^\..+-\d+(-\d+)?\.(partial|earlier|journal)$/s;

/** Whether a name is one that stands beside outputs, of whatever process. */
export function isBesideOutput(name: string): boolean {
  return besideName.test(name);
}

/**
 * Whether a name is one that stands beside outputs, of a process of another machine, of which nobody here knows whether
 * it runs.
 */
export function isOfElsewhere(name: string): boolean {
  return isBesideOutput(name) && !name.startsWith('.category2vec-') && !name.includes(`.${hostname()}-`);
}

/** Whether a name is one that stands beside outputs, of a process of this machine that is no more. */
export function isLeftOver(name: string): boolean {
  if (!isBesideOutput(name)) return false;
  const [owner] = name.match(/(?<=-)\d+(?=(-\d+)?\.\w+$)/) ?? [];
  const isOfHere = name.startsWith('.category2vec-') || name.includes(`.${hostname()}-${owner}-`);
  if (owner === undefined || !isOfHere) return false;
  // numbers come again: what has this process's own and was not named by it was left by one before
  return Number(owner) === process.pid ? !ownNames.has(name) : !isRunning(Number(owner));
}
