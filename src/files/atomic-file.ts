/** Output files that appear whole or not at all: written beside their place under a temporary name, synced, renamed. */
import { rmSync } from 'node:fs';
import { open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../checks.js';
import { isRunning } from './running-process.js';

/**
 * Writes one output file: `write` fills a temporary path in the same folder, which is synced and renamed to `path` at the end.
 *
 * On failure, and when the process exits half-way, the temporary file is removed and whatever stood at `path` stays as it was. What
 * a killed process left behind for the same `path` is removed at the start.
 *
 * @param path - where the file shall stand; its folder must exist
 * @param write - fills the temporary path; its result is passed on
 * @throws InputError for a missing or unwritable folder, a full disk, a folder or device at `path`
 */
export async function writeOutputFile<Result>(
  path: string,
  write: (temporaryPath: string) => Promise<Result>,
): Promise<Result> {
  return writeOutputFiles([path], ([temporaryPath = '']) => write(temporaryPath));
}

/**
 * Writes several output files that belong together: they are renamed only when all of them are complete.
 *
 * @param paths - where the files shall stand
 * @param write - fills the temporary paths, in the order of `paths`
 * @throws InputError as `writeOutputFile`
 */
export async function writeOutputFiles<Result>(
  paths: readonly string[],
  write: (temporaryPaths: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const outputs: Output[] = [];
  const removeAll = (): void => outputs.forEach(({ temporaryPath }) => rmSync(temporaryPath, { force: true }));
  process.once('exit', removeAll);
  try {
    for (const [i, path] of paths.entries()) outputs.push(await orInputError(path, () => prepare(path, i)));
    return await orInputError(outputs[0]?.path ?? '', async () => {
      const result = await write(outputs.map(({ temporaryPath }) => temporaryPath));
      for (const { temporaryPath } of outputs) await sync(temporaryPath);
      for (const { temporaryPath, finalPath } of outputs) await rename(temporaryPath, finalPath);
      for (const folder of new Set(outputs.map(({ finalPath }) => dirname(finalPath)))) await syncFolder(folder);
      return result;
    });
  } finally {
    process.off('exit', removeAll);
    removeAll();
  }
}

/**
 * Writes one output file from its bytes or text, in parts as they come.
 *
 * @param path - where the file shall stand
 * @param parts - contents in order; text is written as UTF-8
 * @throws InputError as `writeOutputFile`
 */
export async function writeOutputParts(
  path: string,
  parts: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  await writeOutputFile(path, (temporaryPath) => writeParts(temporaryPath, parts));
}

/**
 * Writes parts to a path as they come, without a rename: for use inside `writeOutputFiles`.
 *
 * @param parts - contents in order; text is written as UTF-8
 */
export async function writeParts(
  path: string,
  parts: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const file = await open(path, 'w');
  try {
    for await (const part of parts) await file.writeFile(part);
  } finally {
    await file.close();
  }
}

interface Output {
  /** as the caller typed it */
  readonly path: string;
  /** with symbolic links followed, so that a link stays a link */
  readonly finalPath: string;
  readonly temporaryPath: string;
}

async function prepare(path: string, index: number): Promise<Output> {
  const finalPath = await resolveTarget(path);
  const folder = dirname(finalPath);
  const stem = `.${basename(finalPath).slice(0, 40)}.${hostname()}-`;
  await removeLeftOvers(folder, stem);
  const temporaryPath = join(folder, `${stem}${process.pid}-${index}.partial`);
  // Opening it now says that a folder is not writable before any work is done.
  await (await open(temporaryPath, 'w')).close();
  return { path, finalPath, temporaryPath };
}

async function resolveTarget(path: string): Promise<string> {
  const existing = await stat(path).catch(() => undefined);
  if (path === '' || existing?.isDirectory()) {
    throw new InputError(`cannot write ${quote(path)}: expected the name of a file, got a folder`);
  }
  if (existing !== undefined && !existing.isFile()) {
    throw new InputError(`cannot write ${quote(path)}: expected the name of a file, got a device or a pipe`);
  }
  return existing === undefined ? path : realpath(path);
}

/** Removes temporary files for the same output whose process, on this machine, is gone. */
async function removeLeftOvers(folder: string, stem: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(stem)) continue;
    const owner = /^(\d+)-\d+\.partial$/.exec(name.slice(stem.length))?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) await rm(join(folder, name), { force: true });
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself durable; some systems cannot sync a folder, and there the rename is all that can be had. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync().catch(() => undefined);
  } finally {
    await folder?.close();
  }
}

async function orInputError<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw outputError(path, error);
  }
}

/**
 * Turns what the environment says while an output is written into one sentence; anything else is given back unchanged.
 *
 * @param path - the output as the caller typed it
 * @param error - what was thrown, by Node (with a code) or by DuckDB (text only)
 */
export function outputError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof InputError) return error;
  const code = codeOf(error);
  const reason = reasons.find(({ codes, text }) =>
    code === undefined ? text.test(error.message) : codes.includes(code),
  );
  if (reason === undefined) return error;
  return new InputError(`cannot write ${quote(path)}: ${reason.says(dirname(path))}`, { cause: error });
}

const reasons = [
  {
    codes: ['ENOSPC', 'EDQUOT'],
    text: /no space left|disk quota exceeded|disk (is )?full/i,
    says: (folder: string) => `no space left in ${quote(folder)}; free some or write elsewhere`,
  },
  {
    codes: ['EACCES', 'EPERM', 'EROFS'],
    text: /permission denied|read-only file system|operation not permitted/i,
    says: (folder: string) => `${quote(folder)} is not writable; change its permissions or write elsewhere`,
  },
  {
    codes: ['ENOENT', 'ENOTDIR'],
    text: /no such file or directory|not a directory/i,
    says: (folder: string) => `there is no folder ${quote(folder)}; create it first`,
  },
  {
    codes: ['EFBIG'],
    text: /file too large/i,
    says: (folder: string) => `the file is larger than ${quote(folder)} allows; write elsewhere`,
  },
  {
    codes: ['ENAMETOOLONG', 'EINVAL'],
    text: /file name too long/i,
    says: () => 'the name is too long or not allowed; choose another',
  },
  {
    codes: ['EIO', 'ENXIO', 'ENODEV', 'EBUSY', 'ETXTBSY', 'EMFILE', 'ENFILE', 'ELOOP', 'ESTALE'],
    text: /input\/output error|too many open files/i,
    says: (folder: string) => `the system refuses to write in ${quote(folder)}; write elsewhere`,
  },
];

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function quote(path: string): string {
  return JSON.stringify(path);
}
