/**
 * Puts several outputs into their places together: all of them are new in the end, or all as they were, also where the
 * process is killed in between. No file system moves several files at once, so that a journal says what is under way,
 * and whoever comes next takes it back.
 */
import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { abandon, besideOutput } from './beside-output.js';
import { ifThere, removeIfPossible, renameHeld } from './held-files.js';

/** One file or folder that takes its place, or goes. */
export interface Change {
  readonly finalPath: string;
  /** complete, on the same file system; undefined where what stands at `finalPath` goes */
  readonly temporaryPath: string | undefined;
}

/** Where everything is while outputs are exchanged; `id` tells the new one from whatever else may stand in its place. */
interface Step extends Change {
  readonly id: string | undefined;
  /** where what stood there is kept; undefined where nothing stood there */
  readonly earlierPath: string | undefined;
}

/**
 * Makes changes together, without a pause in which anything else of this process could run.
 *
 * A single file, and whatever is new, is one rename. Else everything old is moved away before anything new appears, so
 * that a reader in between finds nothing rather than parts of different outputs.
 *
 * @throws what the system says; all is then as it was, or `takeBack` makes it so
 */
export function publish(changes: readonly Change[]): void {
  const needed = changes.filter(
    ({ finalPath, temporaryPath }) => temporaryPath !== undefined || idOf(finalPath) !== undefined,
  );
  const [only] = needed;
  const folders = foldersOf(needed);
  if (needed.length === 1 && only?.temporaryPath !== undefined && !isFolder(only.finalPath)) {
    renameHeld(only.temporaryPath, only.finalPath);
    folders.forEach(syncFolder);
    return;
  }
  const steps = needed.map(({ finalPath, temporaryPath }) => ({
    finalPath,
    temporaryPath,
    id: temporaryPath === undefined ? undefined : idOf(temporaryPath),
    earlierPath: idOf(finalPath) === undefined ? undefined : besideOutput(finalPath, 'earlier'),
  }));
  const journal = basename(besideOutput('outputs', 'journal'));
  try {
    for (const folder of folders) writeJournal(join(folder, journal), steps);
    for (const { finalPath, earlierPath } of steps) if (earlierPath !== undefined) renameHeld(finalPath, earlierPath);
    for (const { finalPath, temporaryPath } of steps) {
      if (temporaryPath !== undefined) renameHeld(temporaryPath, finalPath);
    }
    folders.forEach(syncFolder);
  } catch (error) {
    // where this fails, the next start finds the journal
    abandon(journal);
    undo(steps);
    removeJournals(steps, journal);
    throw error;
  }
  finish(steps, journal);
}

/**
 * Ends what a killed process had begun: where not everything new had found its place, all is as it was.
 *
 * @param journal - path of its journal; one that says nothing is left alone
 * @throws what the system says where something cannot be put back
 */
export function takeBack(journal: string): void {
  const steps = readJournal(journal);
  if (steps.length === 0) return;
  if (steps.every(isInPlace)) return finish(steps, basename(journal));
  undo(steps);
  removeJournals(steps, basename(journal));
}

function isInPlace({ finalPath, id }: Step): boolean {
  return id === undefined || idOf(finalPath) === id;
}

function undo(steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.id !== undefined && isInPlace(step)) rmSync(step.finalPath, ifThere);
  }
  for (const { finalPath, earlierPath } of steps) {
    if (earlierPath === undefined || idOf(earlierPath) === undefined) continue;
    // what somebody else has put there meanwhile is theirs
    if (idOf(finalPath) === undefined) renameHeld(earlierPath, finalPath);
  }
  foldersOf(steps).forEach(syncFolder);
}

/** The journals go first: without them, what is earlier is no longer needed. What cannot be removed is left to the next start. */
function finish(steps: readonly Step[], journal: string): void {
  try {
    removeJournals(steps, journal);
  } catch {
    // everything new stands, and that is what counts
  }
  for (const { earlierPath } of steps) if (earlierPath !== undefined) removeIfPossible(earlierPath);
}

function removeJournals(steps: readonly Step[], journal: string): void {
  for (const folder of foldersOf(steps)) rmSync(join(folder, journal), ifThere);
}

function foldersOf(steps: readonly Change[]): readonly string[] {
  return [...new Set(steps.map(({ finalPath }) => dirname(finalPath)))];
}

/** Paths stand relative to the folder of the journal, so that a folder may be moved before anybody comes back to it. */
function writeJournal(path: string, steps: readonly Step[]): void {
  const folder = dirname(path);
  const near = (place: string | undefined) => (place === undefined ? undefined : relative(folder, place));
  const entries = steps.map(({ finalPath, temporaryPath, earlierPath, id }) => ({
    finalPath: near(finalPath),
    temporaryPath: near(temporaryPath),
    earlierPath: near(earlierPath),
    id,
  }));
  const partial = besideOutput(join(folder, 'outputs'), 'partial');
  try {
    const file = openSync(partial, 'w');
    try {
      writeFileSync(file, JSON.stringify(entries));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameHeld(partial, path);
  } catch (error) {
    removeIfPossible(partial);
    throw error;
  }
  syncFolder(folder);
}

function readJournal(path: string): Step[] {
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: Readonly<Record<string, unknown>>) => {
    const textOf = (name: string) => (typeof entry[name] === 'string' ? entry[name] : undefined);
    const at = (name: string) => {
      const place = textOf(name);
      return place === undefined ? undefined : join(dirname(path), place);
    };
    const finalPath = at('finalPath');
    if (finalPath === undefined) return [];
    return [{ finalPath, temporaryPath: at('temporaryPath'), earlierPath: at('earlierPath'), id: textOf('id') }];
  });
}

/** Tells a file or folder from others, the same after a rename; undefined where nothing is there. */
function idOf(path: string): string | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return undefined;
  // numbers of files come again, and a folder's time changes with what it holds
  return status.isDirectory() ? `folder ${status.ino}` : `${status.ino} ${status.mtimeNs}`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Makes renames durable; some systems cannot sync a folder, and there the rename is all that can be had. */
function syncFolder(path: string): void {
  let folder: number | undefined;
  try {
    folder = openSync(path, 'r');
    fsyncSync(folder);
  } catch {
    // as said
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}
