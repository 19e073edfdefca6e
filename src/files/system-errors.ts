/** What the system says by a code or in a text, in words: one table for whatever is read, written or made. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../checks.js';
import { missingFileHint } from './missing-file.js';
import { isRemote } from './remote-path.js';

/** One kind of trouble. */
interface Trouble {
  readonly codes: readonly string[];
  /** as DuckDB passes it on, which gives no code */
  readonly text?: RegExp;
  /** of the file or folder itself, as half a sentence */
  readonly it: string;
  /** of an output, as half a sentence; default: `it` */
  readonly output?: (folder: string, path: string) => string;
}

const notWritable = (folder: string): string =>
  `${quote(folder)} is not writable; change its permissions or write elsewhere`;
const refused = (folder: string): string => `the system refuses to write in ${quote(folder)}; write elsewhere`;

const troubles: readonly Trouble[] = [
  {
    codes: ['ENOSPC', 'EDQUOT'],
    text: /no space left|disk quota exceeded|disk (is )?full/i,
    it: 'no space is left on its device',
    output: (folder) => `no space left in ${quote(folder)}; free some or write elsewhere`,
  },
  {
    codes: ['EACCES', 'EPERM'],
    text: /permission denied|operation not permitted/i,
    it: 'its permissions do not allow it',
    output: notWritable,
  },
  { codes: ['EROFS'], text: /read-only file system/i, it: 'its file system is read-only', output: notWritable },
  { codes: ['ENOENT'], text: /no such file or directory/i, it: 'it does not exist', output: missingFolder },
  {
    codes: ['ENOTDIR'],
    text: /not a directory/i,
    it: 'a part of its path is a file, expected a folder',
    output: missingFolder,
  },
  { codes: ['EISDIR'], text: /is a directory/i, it: 'expected a file, got a folder' },
  { codes: ['EEXIST'], text: /file exists/i, it: 'it is a file, expected a folder' },
  { codes: ['ENOTEMPTY'], text: /directory not empty/i, it: 'it is a folder that is not empty' },
  {
    codes: ['EFBIG'],
    text: /file too large/i,
    it: 'it is larger than its file system allows',
    output: (folder) => `the file is larger than ${quote(folder)} allows; write elsewhere`,
  },
  {
    codes: ['ENAMETOOLONG', 'EINVAL'],
    text: /file name too long/i,
    it: 'its name is too long or not allowed',
    output: () => 'the name is too long or not allowed; choose another',
  },
  {
    codes: ['EMFILE', 'ENFILE'],
    text: /too many open files/i,
    it: 'too many files are open; raise the limit of the system (ulimit -n) or use fewer threads',
  },
  { codes: ['ELOOP'], it: 'it is a symbolic link that leads back to itself' },
  {
    codes: ['EIO', 'ENXIO', 'ENODEV', 'ESTALE'],
    text: /input\/output error/i,
    it: 'its device reports an error',
    output: refused,
  },
  { codes: ['EBUSY', 'ETXTBSY'], text: /resource busy|text file busy/i, it: 'it is in use', output: refused },
];

/** Whether an error is one that the system reports and its owner can fix. */
export function isSystemError(error: unknown): boolean {
  return codeOf(error) !== undefined && troubleOf(error) !== undefined;
}

/**
 * What the system says of a file or folder, as half a sentence: `it does not exist`; what the table does not know is
 * told by its code.
 */
export function systemReason(error: unknown): string {
  return troubleOf(error)?.it ?? codeOf(error) ?? String(error);
}

/**
 * Turns what the environment says while an output is written into one sentence; anything else is given back unchanged.
 *
 * @param path - the output as the caller typed it
 * @param error - what was thrown, by Node (with a code) or by DuckDB (text only)
 */
export function outputError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof InputError) return error;
  const trouble = troubleOf(error);
  if (trouble === undefined) return error;
  const { it, output = () => it } = trouble;
  return new InputError(`cannot write ${quote(path)}: ${output(dirname(path), path)}`, { cause: error });
}

/** What the system says where a file cannot be read, as half a sentence. */
export function readFailure(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const path = error instanceof Error && 'path' in error ? error.path : undefined;
    return `there is no such file${typeof path === 'string' ? missingFileHint(path) : ''}`;
  }
  return troubleOf(error)?.it ?? `the system refuses (${code ?? String(error)})`;
}

/** The code of an error of the system, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function troubleOf(error: unknown): Trouble | undefined {
  const code = codeOf(error);
  if (code !== undefined) return troubles.find(({ codes }) => codes.includes(code));
  return error instanceof Error ? troubles.find(({ text }) => text?.test(error.message) === true) : undefined;
}

function missingFolder(folder: string, path: string): string {
  if (/[\\/]$/.test(path)) return 'expected the name of a file, got that of a folder';
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true)
    return `files cannot be made in ${quote(folder)}; write elsewhere`;
  if (isRemote(path)) return 'it is an address, and outputs are files of this machine; write here, and copy them there';
  return `there is no folder ${quote(folder)}; create it first`;
}

function quote(path: string): string {
  return JSON.stringify(path);
}
