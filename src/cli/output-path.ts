/** Checks on output paths before any work begins, so that an hour of training is not lost to a missing folder. */
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../checks.js';
import { outputError } from '../duckdb/atomic-file.js';

/**
 * Checks that a file can be written where `--out` says, and that it is none of the inputs.
 *
 * @param out - as given; undefined where it was not
 * @param inputs - paths of what is read
 * @returns the path as given
 */
export async function checkOutputFile(
  out: string | undefined,
  inputs: readonly (string | undefined)[],
): Promise<string> {
  if (out === undefined || out === '')
    throw new InputError(`--out must name the file to write, got ${out === '' ? '""' : 'nothing'}`);
  const existing = await stat(out).catch(() => undefined);
  if (existing?.isDirectory()) throw new InputError(`--out must name a file, got the folder ${JSON.stringify(out)}`);
  try {
    await access(dirname(out), constants.W_OK);
  } catch (error) {
    throw outputError(out, error);
  }
  if (existing === undefined) return out;
  const target = await realpath(out);
  for (const input of inputs) {
    if (input === undefined || (await realpath(input).catch(() => undefined)) !== target) continue;
    throw new InputError(`--out must be another file than the input, got ${JSON.stringify(out)} for both`);
  }
  return out;
}
