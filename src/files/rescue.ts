/** Results of long work whose output cannot be written: they are kept under another name. */
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { InputError, sentence } from '../checks.js';

/** A way of writing what must not be lost. */
export interface RescueAttempt {
  readonly write: (path: string) => Promise<unknown>;
  /** what the file lacks, such as `without attributes` */
  readonly lacking?: string;
}

/**
 * Runs the last step of long work. Where it fails, what was worked out is written under a rescue name: beside the
 * output, in the current folder, or in the system's folder for temporary files, by the first attempt that succeeds.
 * Nothing that is there is overwritten.
 *
 * @param out - the output as the caller typed it
 * @param finish - the last step
 * @param attempts - the most complete first
 * @throws what `finish` throws, with the rescue name in its message
 */
export async function finishOrRescue<Result>(
  out: string,
  finish: () => Promise<Result>,
  { attempts, signal }: { readonly attempts: readonly RescueAttempt[]; readonly signal?: AbortSignal | undefined },
): Promise<Result> {
  try {
    return await finish();
  } catch (error) {
    if (signal?.aborted === true || !(error instanceof Error)) throw error;
    const rescued = await rescue(out, attempts);
    throw error instanceof InputError
      ? new InputError(sentence`${error.sentence}; ${rescued}`, { cause: error })
      : new Error(`${error.message}; ${rescued}`, { cause: error });
  }
}

async function rescue(out: string, attempts: readonly RescueAttempt[]): Promise<string> {
  for (const { write, lacking } of attempts) {
    for (const folder of [dirname(out), '.', tmpdir()]) {
      try {
        const path = await freeName(folder, basename(out));
        await write(path);
        return `what was trained is kept in ${path}${lacking === undefined ? '' : ` ${lacking}`}`;
      } catch {
        // the next place or the next way may do
      }
    }
  }
  return 'what was trained could not be kept anywhere else either';
}

/** `x.rescued.parquet` for `x.parquet`, numbered where it is taken. */
async function freeName(folder: string, name: string): Promise<string> {
  const ending = extname(name);
  const stem = basename(name, ending) || 'vectors';
  for (let i = 1; ; i++) {
    const path = join(folder, `${stem.slice(0, 40)}.rescued${i === 1 ? '' : `-${i}`}${ending}`);
    const isTaken = await stat(path).then(
      () => true,
      () => false,
    );
    if (!isTaken) return path;
  }
}
