/** What the system says while a file is written or read, in words. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../checks.js';

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
  return new InputError(`cannot write ${quote(path)}: ${reason.says(dirname(path), path)}`, { cause: error });
}

/** What the system says where a file cannot be read, as half a sentence. */
export function readFailure(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'its permissions do not allow it';
  if (code === 'EISDIR') return 'expected a file, got a folder';
  if (code === 'EIO') return 'the device reports an error';
  return `the system refuses (${code ?? String(error)})`;
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
    says: (folder: string, path: string) => {
      if (/[\\/]$/.test(path)) return 'expected the name of a file, got that of a folder';
      if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true)
        return `files cannot be made in ${quote(folder)}; write elsewhere`;
      return `there is no folder ${quote(folder)}; create it first`;
    },
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
