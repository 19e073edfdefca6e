/** Whether a folder may be written into. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InputError, named, sentence } from '../checks.js';
import { isBesideOutput } from './beside-output.js';
import { clearLeftOvers } from './left-overs.js';
import { outputError } from './system-errors.js';

/** What a folder may hold already. */
export interface FolderOptions {
  /** what the folder is, such as `click model`, for the wording of errors */
  readonly kind: string;
  /** names of files and folders that are ours; whatever else stands in the folder makes it a foreign one */
  readonly ours: readonly string[];
  /** write into a foreign folder all the same; what is not ours stays there. Default false */
  readonly overwrite?: boolean | undefined;
}

/**
 * Takes back what a killed process has left in and beside a folder, and checks that it may be written into, before any
 * work is done.
 *
 * @throws InputError for a foreign folder without `overwrite`, a file in its place, and where nothing can be made around it
 */
export async function checkOutputFolder(folder: string, options: FolderOptions): Promise<void> {
  const { kind, ours, overwrite = false } = options;
  const place = JSON.stringify(folder);
  if (folder === '') throw new InputError(`cannot write ${place}: expected the name of a folder, got ""`);
  const existing = await stat(folder).catch(() => undefined);
  if (existing !== undefined && !existing.isDirectory()) {
    throw new InputError(`cannot write ${place}: expected the name of a folder, got a file`);
  }
  try {
    clearLeftOvers(existing === undefined ? dirname(resolve(folder)) : folder);
  } catch (error) {
    throw outputError(folder, error);
  }
  const names = existing === undefined ? [] : await readdir(folder);
  const other = names.sort().find((name) => !ours.includes(name) && !isBesideOutput(name));
  if (other === undefined || overwrite) return;
  throw new InputError(
    sentence`cannot write a ${kind} into ${place}: it holds ${JSON.stringify(other)}, which is not of a ${kind};
      choose another folder or allow it with ${named('overwrite')}`,
  );
}
