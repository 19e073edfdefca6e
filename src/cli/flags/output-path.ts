/** Checks on output paths before any work begins, so that an hour of training is not lost to a missing folder. */
import { closeSync, openSync, rmSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { InputError } from '../../checks.js';
import { probeIn } from '../../files/beside-output.js';
import { clearLeftOvers } from '../../files/left-overs.js';
import { outputError } from '../../files/system-errors.js';
import { matchFiles } from '../../duckdb/sources/event-source.js';
import { formatOfPath } from '../../duckdb/tables/exchange-files.js';
import type { FlagRow } from './flag-table.js';

/**
 * Checks that a file can be written where `--out` says, and that it is none of the inputs.
 *
 * @param out - as given; undefined where it was not
 * @param inputs - paths and globs of what is read
 * @returns the path as given
 */
export async function checkOutputFile(
  out: string | undefined,
  inputs: readonly (string | undefined)[],
): Promise<string> {
  if (out === undefined || out === '')
    throw new InputError(`--out must name the file to write, got ${out === '' ? '""' : 'nothing'}`);
  if (/[\\/]$/.test(out))
    throw new InputError(`--out must name a file, got the name of a folder ${JSON.stringify(out)}`);
  const existing = await stat(out).catch(() => undefined);
  if (existing?.isDirectory()) throw new InputError(`--out must name a file, got the folder ${JSON.stringify(out)}`);
  if (existing !== undefined && !existing.isFile()) {
    throw new InputError(`--out must name a file, got the device or pipe ${JSON.stringify(out)}`);
  }
  try {
    tryFolder(dirname(out));
  } catch (error) {
    throw outputError(out, error);
  }
  if (existing === undefined) return out;
  const target = await realpath(out);
  const named = inputs.filter((input) => input !== undefined);
  for (const input of [...named, ...(await matchFiles(named))]) {
    if ((await realpath(input).catch(() => undefined)) !== target) continue;
    throw new InputError(`--out must be another file than the input, got ${JSON.stringify(out)} for both`);
  }
  return out;
}

/** `--out FOLDER` and `--overwrite`. */
export function outputFolder(help: string) {
  return {
    out: { kind: 'text', value: 'folder', isRequired: true, isCommon: true, help },
    overwrite: { kind: 'flag', default: false, help: 'allow a folder that holds other files' },
  } as const;
}

/** `--out` of a command that writes an embedding. */
export const embeddingFile = {
  kind: 'file',
  isRequired: true,
  isCommon: true,
  help: 'embedding file to write (.parquet)',
} as const satisfies FlagRow;

/**
 * The same for an embedding, which is always Parquet: another ending would promise another format.
 *
 * @throws InputError for an ending other than .parquet
 */
export async function checkEmbeddingPath(
  out: string | undefined,
  inputs: readonly (string | undefined)[],
): Promise<string> {
  const path = await checkOutputFile(out, inputs);
  if (['', '.parquet'].includes(extname(path).toLowerCase())) return path;
  const isExchanged = formatOfPath(path) !== undefined;
  throw new InputError(
    `--out must end in .parquet, got ${JSON.stringify(path)}; ` +
      (isExchanged
        ? '`category2vec export` makes such a file of an embedding'
        : 'an embedding is a Parquet file, which other programs read too'),
  );
}

/**
 * Takes back what killed runs have left there, makes a file and removes it: permissions alone do not tell of read-only
 * and special file systems.
 */
function tryFolder(folder: string): void {
  clearLeftOvers(folder);
  const path = probeIn(folder);
  // at one go, so that no Ctrl-C ends the process in between
  try {
    closeSync(openSync(path, 'w'));
  } finally {
    rmSync(path, { force: true });
  }
}
