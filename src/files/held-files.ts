/**
 * Renames and removals that Windows refuses while another program (a reader, an indexer, a virus scanner) holds the
 * file: they are tried again.
 */
import { renameSync, rmSync } from 'node:fs';
import { codeOf } from './system-errors.js';

const isOnWindows = process.platform === 'win32';

/** Options of `rmSync` for what is ours, if it is there. */
export const ifThere = { recursive: true, force: true, maxRetries: isOnWindows ? 10 : 0, retryDelay: 50 } as const;

/** Removes what is ours, if it can be: what cannot is left to the next start, and what was done stays done. */
export function removeIfPossible(path: string, { remove = rmSync } = {}): void {
  try {
    remove(path, ifThere);
  } catch {
    // as said
  }
}

const held = new Set(['EPERM', 'EACCES', 'EBUSY']);
const waitMs = 50;
const tries = 20;

/**
 * Moves a file or folder, over a file that is there. Elsewhere than on Windows it is tried once: there, what refuses it
 * once refuses it always.
 *
 * @throws what the system says, on Windows after a second
 */
export function renameHeld(from: string, to: string, { rename = renameSync, isWindows = isOnWindows } = {}): void {
  for (let left = isWindows ? tries : 1; left > 0; left--) {
    try {
      rename(from, to);
      return;
    } catch (error) {
      if (left === 1 || !held.has(codeOf(error) ?? '')) throw error;
      // nothing else of this process may run in between
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
    }
  }
}
