/**
 * A Parquet file and one more column: a copy of its bytes with the column behind them, where that says the same as
 * writing every row again.
 */
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { appendableFile, tailBytes, type AppendableFile } from '../../formats/parquet/append-column.js';
import { UnreadParquet } from '../../formats/parquet/thrift.js';
import type { Engine } from '../engine/connection.js';
import { queryRows } from '../engine/query-rows.js';
import { quoteName, quotePath } from '../engine/sql-text.js';
import type { EventSource } from '../sources/event-source.js';

/** A file that has been copied, and how another column is put behind it. */
export interface AppendableCopy {
  readonly rows: number;
  /** Writes the file with the column. @param numbers - rows start … end − 1 */
  writeTo(path: string, column: string, numbers: (start: number, end: number) => Float64Array): Promise<void>;
}

/**
 * Copies the file of a source, byte by byte.
 *
 * @param path - where the copy shall stand
 * @returns undefined where rows must be written again: for other sources than one Parquet file with the columns that it
 *   is read with, and where a number is NaN, which is written as missing
 */
export async function copyAppendable(
  { files, storedColumns }: EventSource,
  path: string,
  { connection }: Engine,
): Promise<AppendableCopy | undefined> {
  const [only, second] = files;
  if (only?.parquet === undefined || second !== undefined) return undefined;
  try {
    await copyFile(only.parquet, path, constants.COPYFILE_FICLONE);
  } catch {
    // DuckDB says what keeps it from reading the file or from writing beside it
    return undefined;
  }
  const found = await readAppendable(path);
  const names = [...storedColumns.keys()];
  if (found === undefined || JSON.stringify(found.file.columns) !== JSON.stringify(names)) return undefined;
  const floats = [...storedColumns].filter(([, type]) => /^(FLOAT|DOUBLE)$/.test(type)).map(([name]) => name);
  if (floats.length > 0) {
    const isThere = floats.map((name) => `isnan(${quoteName(name)})`).join(' OR ');
    const table = `read_parquet(${quotePath(path)})`;
    const [[count] = []] = await queryRows(connection, `SELECT count(*) FROM ${table} WHERE ${isThere}`);
    if (Number(count) > 0) return undefined;
  }
  return {
    rows: found.file.rows,
    async writeTo(to, column, numbers) {
      const pages = createReadStream(path, { end: found.start - 1 });
      await pipeline(pages, createWriteStream(to));
      await pipeline(Readable.from(found.file.parts(column, numbers)), createWriteStream(to, { flags: 'a' }));
    },
  };
}

/** The footer of a file and where it starts; undefined for one that is not understood, which DuckDB may be able to read. */
async function readAppendable(
  path: string,
): Promise<{ readonly file: AppendableFile; readonly start: number } | undefined> {
  const footer = await footerOf(path);
  if (footer === undefined) return undefined;
  try {
    return { file: appendableFile(footer.bytes, footer.start), start: footer.start };
  } catch (error) {
    if (error instanceof UnreadParquet || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The bytes of a file's footer and where they start; undefined for a file that is cut or no Parquet. */
export async function footerOf(
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly start: number } | undefined> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const tail = await readAt(handle, size - tailBytes, tailBytes);
    const length = new DataView(tail.buffer).getUint32(0, true);
    const start = size - tailBytes - length;
    if (start < 4 || new TextDecoder().decode(tail.subarray(4)) !== 'PAR1') return undefined;
    return { bytes: await readAt(handle, start, length), start };
  } catch (error) {
    if (error instanceof UnreadParquet) return undefined;
    throw error;
  } finally {
    await handle.close();
  }
}

async function readAt(
  handle: Awaited<ReturnType<typeof open>>,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, position);
  if (bytesRead < length) throw new UnreadParquet('bytes end');
  return bytes;
}
