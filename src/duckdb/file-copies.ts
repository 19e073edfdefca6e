/** Copies of what DuckDB cannot read where it lies: pipes, which can be read once, and texts that are not UTF-8. */
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Transform, type Readable, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { InputError } from '../checks.js';
import { decoderOf } from './csv-dialect.js';
import { damagedFile, type Compression } from '../files/whole-file.js';

/** Writes a stream to a file, whole, and returns its path. */
export async function spool(stream: Readable, path: string): Promise<string> {
  await pipeline(stream, createWriteStream(path));
  return path;
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
