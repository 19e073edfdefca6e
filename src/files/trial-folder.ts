/** A folder that keeps the trials of a search, a JSON line each, so that a run that was stopped can continue. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, named, sentence } from '../checks.js';
import { checkCall, folder as aFolder, neededOptionsKind } from '../step.js';
import { writeOutputParts } from './atomic-file.js';
import { checkOutputFolder } from './output-folder.js';
import { outputError } from './system-errors.js';

const fileName = 'trials.jsonl';

/** What the folder belongs to. */
export interface TrialFolderOptions {
  /** what is searched, and on what: trials of another search are refused */
  readonly identity: string;
  /** continue with the trials that are there; without it, a folder that holds some is refused. Default false */
  readonly resume?: boolean | undefined;
}

/** Trials so far, and how another one is kept. */
export interface TrialFolder {
  readonly done: readonly unknown[];
  readonly keep: (trial: object) => Promise<void>;
}

/**
 * Opens a folder for trials and creates it where it is missing.
 *
 * @throws InputError for a folder that holds other files, trials without `resume`, or trials of another log or other options
 */
export async function openTrials(folder: string, options: TrialFolderOptions): Promise<TrialFolder> {
  checkCall('openTrials(folder, { identity, resume })', {
    folder: [folder, aFolder],
    options: [options, neededOptionsKind<TrialFolderOptions>({ identity: true, resume: true })],
  });
  const { identity, resume = false } = options;
  await checkOutputFolder(folder, { kind: 'tuning run', ours: [fileName] });
  const path = join(folder, fileName);
  const lines = await linesOf(path);
  if (lines !== undefined && !resume) {
    throw new InputError(
      sentence`${named('checkpoint')} must name a folder without trials, got ${JSON.stringify(folder)}; choose
        another, or continue it with ${named('resume')}`,
    );
  }
  if (lines !== undefined && lines[0] !== identity) {
    throw new InputError(
      `the trials in ${JSON.stringify(folder)} are of another log, metric or other options, so they cannot ` +
        'be continued; choose another folder',
    );
  }
  const kept = lines ?? [identity];
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw outputError(folder, error);
  }
  return {
    done: kept.slice(1).map((line, i) => parseLine(line, `line ${i + 2} of ${JSON.stringify(path)}`)),
    keep: async (trial) => {
      kept.push(JSON.stringify({ ...trial, contentId: contentIdOf(trial) }));
      await writeOutputParts(path, [`${kept.join('\n')}\n`]);
    },
  };
}

async function linesOf(path: string): Promise<string[] | undefined> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw outputError(path, error);
  }
}

/** A trial without its content id, which must be that of the rest. */
function parseLine(line: string, place: string): unknown {
  let trial: unknown;
  try {
    trial = JSON.parse(line);
  } catch {
    trial = undefined;
  }
  const { contentId, ...rest }: { readonly contentId?: unknown } = Object(trial);
  if (contentId === contentIdOf(rest)) return rest;
  throw new InputError(`${place} is damaged: it is not what was written; remove it, and its trial is run again`);
}

/** A hash, by which a damaged line is seen. */
function contentIdOf(trial: object): string {
  return createHash('sha256').update(JSON.stringify(trial)).digest('hex').slice(0, 16);
}
