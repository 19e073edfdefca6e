/**
 * Whether what DuckDB makes of text files can be trusted: bad rows are found and refused by file and line, uneven files
 * are read anew as copies.
 */
import { InputError, named, sentence } from '../../checks.js';
import { checkWhole } from '../../files/whole-file.js';
import { UnevenFiles, type Engine } from '../engine/connection.js';
import { inspectText } from './inspect-text.js';
import { findBadRows, type FoundRows, type RowFile } from './read-rows.js';
import type { Compression } from '../../files/whole-file.js';

/** What is known of an open file. */
export interface JudgedFile {
  readonly path: string;
  /** as the caller typed it */
  readonly name: string;
  readonly start: { readonly compression: Compression };
  readonly text?: RowFile | undefined;
  readonly isCopy?: boolean | undefined;
}

/**
 * Waits for a reading and looks at its files meanwhile.
 *
 * What is wrong with a file says more than what the reading lacks.
 *
 * @param isMisread - asked of files whose lists or objects begin late: whether a column was taken for plain text that holds some
 * @throws InputError for bad rows and compressed files that were cut; UnevenFiles where a copy is needed
 */
export async function judgeReading<Result, File extends JudgedFile>(
  reading: Promise<Result>,
  files: readonly File[],
  engine: Engine,
  isMisread: (file: File) => Promise<boolean> = () => Promise.resolve(false),
): Promise<Result> {
  const looks = files.map(async (file) => {
    const { text, isCopy = false } = file;
    if (text !== undefined && text.compression !== 'zstd') {
      if (isCopy) return undefined;
      const { isSuspicious, isUneven, hasLateLists } = await inspectText(text, text.dialect, engine.signal);
      return { file, text, isSuspicious, isUneven, hasLateLists };
    }
    await checkWhole({ ...file, compression: file.start.compression }, engine.signal);
    return undefined;
  });
  const [result, ...looked] = await Promise.allSettled([judgeFailure(reading, files, engine), ...looks]);
  const seen = [];
  for (const look of looked) {
    if (look.status === 'rejected') throw look.reason;
    if (look.value !== undefined) seen.push(look.value);
  }
  for (const { text, isSuspicious } of seen) if (isSuspicious) await refuseBadRows(text, engine);
  const uneven = seen.filter(({ isUneven }) => isUneven).map(({ text }) => text.name);
  for (const { file, text, hasLateLists } of seen) if (hasLateLists && (await isMisread(file))) uneven.push(text.name);
  if (uneven.length > 0) throw new UnevenFiles(uneven);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** Where DuckDB fails on a text, the exact reading says why; where that finds nothing, a copy may be readable. */
export async function judgeFailure<Result>(
  reading: Promise<Result>,
  files: readonly JudgedFile[],
  engine: Engine,
): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    engine.signal?.throwIfAborted();
    if (!isOfText(error)) throw error;
    const texts = files.flatMap(({ text, isCopy = false }) => (text === undefined || isCopy ? [] : [text]));
    const readable = texts.filter(({ compression }) => compression !== 'zstd');
    for (const text of readable) await refuseBadRows(text, engine);
    if (readable.length > 0) throw new UnevenFiles(readable.map(({ name }) => name));
    throw error;
  }
}

function isOfText(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof InputError) return false;
  return /^(INTERNAL|FATAL|Internal|Fatal) Error|CSV|JSON|unicode|utf-?8/i.test(error.message);
}

/** @throws InputError for the first bad row of a file, with their number */
export async function refuseBadRows(text: RowFile, { signal }: Engine): Promise<void> {
  const found = await findBadRows(text, signal);
  if (found.bad !== undefined) throw refusalOf(found, found.bad);
}

function refusalOf({ rows, first }: FoundRows, bad: NonNullable<FoundRows['bad']>): InputError {
  const count = bad.count.toLocaleString('en-US');
  const share = `${count} of ${rows.toLocaleString('en-US')} rows ${bad.count === 1 ? 'is' : 'are'} bad`;
  const encoding =
    bad.causes.encoding === undefined
      ? ''
      : sentence`name the encoding, such as windows-1252, with ${named('encoding')}; `;
  return new InputError(
    sentence`${first} (${share}); ${encoding}${named('badRows')} skip leaves such rows out and counts them`,
  );
}
