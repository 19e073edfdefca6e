/** Output folders that appear whole or not at all: filled beside their place under a temporary name, then renamed. */
import { rmSync } from 'node:fs';
import { mkdir, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../checks.js';
import { outputError } from './atomic-file.js';
import { isRunning } from './running-process.js';

/** What a folder may hold already. */
export interface FolderOptions {
  /** what the folder is, such as `click model`, for the wording of errors */
  readonly kind: string;
  /** names of files and folders that are ours; whatever else stands in the folder makes it a foreign one */
  readonly ours: readonly string[];
  /** write into a foreign folder all the same; what is not ours stays there. Default false */
  readonly overwrite?: boolean;
}

/**
 * Writes an output folder: `write` fills a temporary folder beside it, whose entries take the place of earlier ones at the end.
 *
 * A folder that does not exist yet, is empty or holds nothing but our own earlier output is replaced by one rename; in a foreign one
 * our entries are replaced one by one. On failure the temporary folder is removed and whatever stood there stays as it was. What a
 * killed process left behind for the same folder is removed at the start.
 *
 * @param folder - where it shall stand; the folder around it must exist
 * @param write - fills the temporary folder; its result is passed on
 * @throws InputError for a foreign folder without `overwrite`, a file in its place, a missing or unwritable folder around it, a full disk
 */
export async function writeOutputFolder<Result>(
  folder: string,
  options: FolderOptions,
  write: (temporaryFolder: string) => Promise<Result>,
): Promise<Result> {
  const isForeign = await checkOutputFolder(folder, options);
  const target = await realpath(folder).catch(() => resolve(folder));
  const stem = `.${basename(target).slice(0, 40)}.${hostname()}-`;
  const temporary = join(dirname(target), `${stem}${process.pid}-0.partial`);
  const removeAll = (): void => rmSync(temporary, { recursive: true, force: true });
  process.once('exit', removeAll);
  try {
    await removeLeftOvers(dirname(target), stem);
    removeAll();
    await mkdir(temporary);
    const result = await write(temporary);
    if (isForeign) await moveEntries(temporary, target);
    else await replaceFolder(temporary, target);
    return result;
  } catch (error) {
    throw outputError(folder, error);
  } finally {
    process.off('exit', removeAll);
    removeAll();
  }
}

/**
 * Says whether an output folder is a foreign one, before any work is done.
 *
 * @throws InputError for a foreign folder without `overwrite`, and for a file in its place
 */
export async function checkOutputFolder(
  folder: string,
  { kind, ours, overwrite = false }: FolderOptions,
): Promise<boolean> {
  const place = JSON.stringify(folder);
  const existing = folder === '' ? undefined : await stat(folder).catch(() => undefined);
  if (folder === '' || (existing !== undefined && !existing.isDirectory())) {
    throw new InputError(
      `cannot write ${place}: expected the name of a folder, got ${folder === '' ? '""' : 'a file'}`,
    );
  }
  if (existing === undefined) return false;
  const other = (await readdir(folder)).sort().find((name) => !ours.includes(name));
  if (other === undefined) return false;
  if (overwrite) return true;
  throw new InputError(
    `cannot write a ${kind} into ${place}: it holds ${JSON.stringify(other)}, which is not of a ${kind}; ` +
      'choose another folder or allow it with overwrite',
  );
}

async function replaceFolder(temporary: string, target: string): Promise<void> {
  const earlier = `${temporary.slice(0, -'0.partial'.length)}1.partial`;
  const isThere = await rename(target, earlier).then(
    () => true,
    () => false,
  );
  try {
    await rename(temporary, target);
  } catch (error) {
    if (isThere) await rename(earlier, target);
    throw error;
  }
  if (isThere) await rm(earlier, { recursive: true, force: true });
}

async function moveEntries(temporary: string, target: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    await rm(join(target, name), { recursive: true, force: true });
    await rename(join(temporary, name), join(target, name));
  }
  await rmdir(temporary);
}

/** Removes temporary folders for the same output whose process, on this machine, is gone. */
async function removeLeftOvers(parent: string, stem: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = name.startsWith(stem) ? /^(\d+)-\d\.partial$/.exec(name.slice(stem.length))?.[1] : undefined;
    if (owner !== undefined && !isRunning(Number(owner)))
      await rm(join(parent, name), { recursive: true, force: true });
  }
}
