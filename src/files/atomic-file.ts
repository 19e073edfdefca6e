/** Outputs that appear whole or not at all: written beside their place under a temporary name, synced, and put there together. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { InputError } from '../checks.js';
import { checkOutputFolder, type FolderOptions } from './output-folder.js';
import { abandon, besideOutput } from './beside-output.js';
import { hearSignals } from './hear-signals.js';
import { removeIfPossible } from './held-files.js';
import { clearLeftOvers } from './left-overs.js';
import { publish, type Change } from './publish.js';
import { outputError } from './system-errors.js';

/** A file, or a folder of which some entries are ours. */
export type OutputPlace = string | ({ readonly folder: string } & FolderOptions);

/** What may keep an output from appearing. */
export interface OutputHooks {
  /** where it aborts before everything is written, nothing appears */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes several outputs as one: `write` fills temporary paths, which are synced and take their places together at the end.
 *
 * A folder that does not exist yet appears with all that it holds; in one that does, our entries take the place of
 * earlier ones, and what is not ours stays.
 *
 * On failure, and when the process exits half-way, the temporary files are removed and whatever stood there stays as it
 * was. What a killed process left behind in the same folders is taken back at the start.
 *
 * @param places - where they shall stand; the folders around them must exist
 * @param write - fills the temporary paths, in the order of `places`: files are there, empty, and so are folders; its
 *   result is passed on
 * @throws InputError for a missing or unwritable folder, a full disk, a folder or device in the place of a file, a
 *   foreign folder without
 *   `overwrite`; the signal's reason when it aborts
 */
export async function writeOutputs<Result>(
  places: readonly OutputPlace[],
  write: (temporaryPaths: readonly string[]) => Promise<Result>,
  { signal }: OutputHooks = {},
): Promise<Result> {
  signal?.throwIfAborted();
  const outputs: Output[] = [];
  const removeAll = (): void =>
    outputs.forEach(({ temporaryPath }) => {
      removeIfPossible(temporaryPath);
      abandon(basename(temporaryPath));
    });
  process.once('exit', removeAll);
  try {
    for (const place of places) {
      await orInputError(nameOf(place), async () => {
        const output = await prepare(place);
        // known before it is there, and made at one go: whenever the process ends, it is removed
        outputs.push(output);
        if (typeof place === 'string') closeSync(openSync(output.temporaryPath, 'w'));
        else mkdirSync(output.temporaryPath);
      });
    }
    return await orInputError(outputs[0]?.path ?? '', async () => {
      const result = await write(outputs.map(({ temporaryPath }) => temporaryPath));
      for (const { temporaryPath } of outputs) await sync(temporaryPath);
      const changes = await Promise.all(outputs.map(changesOf));
      await hearSignals();
      signal?.throwIfAborted();
      publish(changes.flat());
      return result;
    });
  } catch (error) {
    throw withFinalNames(error, outputs);
  } finally {
    process.off('exit', removeAll);
    removeAll();
  }
}

/** Writes one output file: see `writeOutputs`. */
export function writeOutputFile<Result>(
  path: string,
  write: (temporaryPath: string) => Promise<Result>,
  hooks?: OutputHooks,
): Promise<Result> {
  return writeOutputs([path], ([temporaryPath = '']) => write(temporaryPath), hooks);
}

/**
 * Writes one output file from its bytes or text, in parts as they come.
 *
 * @param path - where the file shall stand
 * @param parts - contents in order; text is written as UTF-8
 * @throws InputError as `writeOutputs`
 */
export async function writeOutputParts(
  path: string,
  parts: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  hooks: OutputHooks = {},
): Promise<void> {
  await writeOutputFile(path, (temporaryPath) => writeParts(temporaryPath, parts, hooks), hooks);
}

/**
 * Writes parts to a path as they come, without a rename: for use inside `writeOutputs`.
 *
 * @param parts - contents in order; text is written as UTF-8
 */
export async function writeParts(
  path: string,
  parts: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  { signal }: OutputHooks = {},
): Promise<void> {
  const file = await open(path, 'w');
  try {
    for await (const part of parts) {
      signal?.throwIfAborted();
      await file.writeFile(part);
    }
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
  /** entries of a folder that is there already which are ours; undefined for a file and for a new folder */
  readonly ours?: readonly string[];
}

async function prepare(place: OutputPlace): Promise<Output> {
  if (typeof place !== 'string') return prepareFolder(place.folder, place);
  const finalPath = await resolveTarget(place);
  clearLeftOvers(dirname(finalPath));
  return { path: place, finalPath, temporaryPath: besideOutput(finalPath, 'partial') };
}

async function prepareFolder(path: string, options: FolderOptions): Promise<Output> {
  await checkOutputFolder(path, options);
  const finalPath = await realpath(path).catch(() => resolve(path));
  const isThere = (await stat(finalPath).catch(() => undefined)) !== undefined;
  // entries of a folder that is there change inside of it: the folder around it may be another disk, or not ours to write
  const temporaryPath = besideOutput(isThere ? join(finalPath, 'entries') : finalPath, 'partial');
  return { path, finalPath, temporaryPath, ...(isThere ? { ours: options.ours } : {}) };
}

async function changesOf({ finalPath, temporaryPath, ours }: Output): Promise<readonly Change[]> {
  if (ours === undefined) return [{ finalPath, temporaryPath }];
  const written = await readdir(temporaryPath);
  const gone = ours.filter((name) => !written.includes(name));
  return [
    ...gone.map((name) => ({ finalPath: join(finalPath, name), temporaryPath: undefined })),
    ...written.map((name) => ({ finalPath: join(finalPath, name), temporaryPath: join(temporaryPath, name) })),
  ];
}

async function resolveTarget(path: string): Promise<string> {
  const existing = await stat(path).catch(() => undefined);
  if (path === '' || existing?.isDirectory()) {
    throw new InputError(`cannot write ${JSON.stringify(path)}: expected the name of a file, got a folder`);
  }
  if (existing !== undefined && !existing.isFile()) {
    throw new InputError(`cannot write ${JSON.stringify(path)}: expected the name of a file, got a device or a pipe`);
  }
  return existing === undefined ? path : realpath(path);
}

/** Makes a file durable, or all files of a folder. */
async function sync(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) return syncFile(path);
  for (const name of await readdir(path)) await sync(join(path, name));
}

/**
 * Makes a file durable. `writeOutputs` does so in the end: whoever writes several large files may begin with the first
 * while the others are written, so that the disk does not wait until then.
 */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function nameOf(place: OutputPlace): string {
  return typeof place === 'string' ? place : place.folder;
}

/** What failed within a temporary file or folder is reported under the name that the caller knows. */
function withFinalNames(error: unknown, outputs: readonly Output[]): unknown {
  if (!(error instanceof InputError)) return error;
  const withNames = (text: string): string =>
    outputs.reduce(
      (all, { temporaryPath, path }) =>
        all.replaceAll(temporaryPath, path.endsWith(sep) || path.endsWith('/') ? path.slice(0, -1) : path),
      text,
    );
  if (withNames(error.message) === error.message) return error;
  return new InputError(error.sentence.withTexts(withNames), { cause: error });
}

async function orInputError<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw outputError(path, error);
  }
}
