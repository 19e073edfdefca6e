/** Folders for what is read again soon: they live as long as the work, or the process where that ends before it. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeIfPossible } from './held-files.js';

/** Folders, made when they are asked for. */
export interface TemporaryFolders {
  /** makes another one, and gives the path of what goes into it */
  readonly make: (name: string) => string;
  readonly remove: () => Promise<void>;
}

/**
 * Temporary folders that disappear together.
 *
 * @param prefix - of their names
 * @param within - default the system's folder for temporary files
 */
export function temporaryFolders(prefix: string, within = tmpdir()): TemporaryFolders {
  const folders: string[] = [];
  const removeAll = (): void => folders.forEach((folder) => removeIfPossible(folder));
  return {
    make(name) {
      if (folders.length === 0) process.once('exit', removeAll);
      // at one go: whenever the process ends, it is removed
      const folder = mkdtempSync(join(within, prefix));
      folders.push(folder);
      return join(folder, name);
    },
    async remove() {
      for (const folder of folders) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      folders.length = 0;
      // not before they are gone: a second Ctrl-C may end the process while they are being removed
      process.off('exit', removeAll);
    },
  };
}
