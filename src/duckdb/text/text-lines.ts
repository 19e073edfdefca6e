/** Bytes of a text file, as they come → its lines, whatever ends them: LF, CRLF or CR, also mixed in one file. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../checks.js';
import { damagedFile } from '../../files/whole-file.js';
import type { TextFile } from './text-file.js';

/** A line may be as long as this. DuckDB's own limit for CSV, 2 MB, would stop at a long text. */
export const maxLineBytes = 16_777_216;

const LF = 10;
const CR = 13;

/**
 * The bytes of a text file, decompressed.
 *
 * @throws InputError for a compressed file that was cut or is damaged, and for zstd, which Node cannot decompress
 */
export async function* bytesOf(
  { path, name, compression }: TextFile,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  if (compression === 'zstd') {
    throw new InputError(`${name} must be decompressed before its rows can be looked at: run zstd -d on it first`);
  }
  const file = createReadStream(path, { highWaterMark: 1_048_576 });
  const unzip = compression === 'gzip' ? createGunzip({ chunkSize: 1_048_576 }) : undefined;
  if (unzip !== undefined) file.once('error', (error) => unzip.destroy(error)).pipe(unzip);
  try {
    for await (const chunk of unzip ?? file) {
      // not by the stream itself: a thousand files that are opened at once would all listen
      signal?.throwIfAborted();
      yield chunk as Buffer;
    }
  } catch (error) {
    signal?.throwIfAborted();
    const isDamaged = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw isDamaged ? damagedFile(name, error.message) : error;
  } finally {
    unzip?.destroy();
    file.destroy();
  }
}

/** Cuts bytes into lines. */
export class LineSplitter {
  readonly #visit: (line: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);
  /** of a line beyond the limit only its beginning is kept */
  #isTooLong = false;

  /**
   * @param visit - told of every line without its end; of one beyond `maxLineBytes` only the beginning, which is longer
   *   than the limit
   */
  constructor(visit: (line: Buffer) => void) {
    this.#visit = visit;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = this.#isTooLong ? this.#rest.length - 1 : 0;
    let start = 0;
    let lf = bytes.indexOf(LF, at);
    let cr = bytes.indexOf(CR, at);
    for (;;) {
      if (lf >= 0 && lf < at) lf = bytes.indexOf(LF, at);
      if (cr >= 0 && cr < at) cr = bytes.indexOf(CR, at);
      const end = lf < 0 || (cr >= 0 && cr < lf) ? cr : lf;
      // whether a CR at the end of what is known is one of a CRLF, the next bytes tell
      if (end < 0 || (end === cr && end === bytes.length - 1)) break;
      this.#visit(bytes.subarray(start, end));
      this.#isTooLong = false;
      at = end + (end === cr && bytes[end + 1] === LF ? 2 : 1);
      start = at;
    }
    this.#keep(bytes.subarray(start));
  }

  /** What follows the last line end. */
  end(): void {
    const rest = this.#rest.at(-1) === CR ? this.#rest.subarray(0, -1) : this.#rest;
    if (this.#rest.length > 0) this.#visit(rest);
  }

  #keep(rest: Buffer): void {
    const isLong = rest.length > maxLineBytes;
    const last = rest.at(-1);
    this.#isTooLong = isLong;
    if (!isLong) this.#rest = rest;
    // a line end that is still open is kept with the beginning
    else this.#rest = Buffer.from(rest.subarray(0, maxLineBytes + 1));
    if (isLong && last === CR) this.#rest = Buffer.concat([this.#rest, Buffer.of(CR)]);
  }
}
