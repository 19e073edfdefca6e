/** Copies of what DuckDB cannot read where it lies: pipes, which can be read once, and texts that are not UTF-8. */
import { constants, createReadStream, createWriteStream, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Transform, type Readable, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../checks.js';
import { decoderOf } from './csv-dialect.js';
import { damagedFile, type Compression } from '../../files/whole-file.js';

/** Writes a stream to a file, whole, and returns its path. */
export async function spool(stream: Readable, path: string, signal: AbortSignal | undefined): Promise<string> {
  await pipeline(stream, createWriteStream(path), signal === undefined ? {} : { signal });
  return path;
}

/**
 * Reads a named pipe. No thread waits for whoever writes into it: one that did would keep the process from ending.
 *
 * @param path - of a pipe, or of another thing that can be read once
 * @throws InputError for a device, of which some never end; a terminal is read where it is standard input
 */
export function readOnce(path: string): Readable {
  const status = statSync(path);
  if (status.isCharacterDevice() && !/^\/(dev\/(stdin$|tty$|fd\/)|proc\/self\/fd\/)/.test(path))
    throw new InputError(`${path} is a device; name a file, a pipe, or - for standard input`);
  if (!status.isFIFO()) return createReadStream(path);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

/** A text file in some encoding. */
export interface EncodedFile {
  readonly path: string;
  /** as the caller typed it */
  readonly name: string;
  readonly encoding: string;
  readonly compression: Compression;
}

let copies = 0;

/**
 * Copies a text file into a folder as UTF-8, decompressed.
 *
 * @returns path of the copy
 * @throws InputError for bytes that are not text in that encoding
 */
export async function copyAsUtf8({ path, name, encoding, compression }: EncodedFile, folder: string): Promise<string> {
  if (compression === 'zstd') {
    throw new InputError(`${name} must be decompressed before it can be read as ${encoding}: run zstd -d on it first`);
  }
  const decoder = decoderOf(encoding);
  const attempt = (done: TransformCallback, run: () => string): void => {
    let text: string;
    try {
      text = run();
    } catch {
      done(new InputError(`${name} must be ${encoding} text, got bytes that are not`));
      return;
    }
    done(null, text);
  };
  const decode = new Transform({
    transform: (chunk: Buffer, _, done) => attempt(done, () => decoder.decode(chunk, { stream: true })),
    flush: (done) => attempt(done, () => decoder.decode()),
  });
  const unzip = compression === 'gzip' ? createGunzip() : new PassThrough();
  const copy = join(folder, `utf-8-${copies++}`);
  await pipeline(createReadStream(path), unzip, decode, createWriteStream(copy)).catch((error: unknown) => {
    const isDamaged = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw isDamaged ? damagedFile(name, error.message) : error;
  });
  return copy;
}
