/** Whether a compressed file is whole: DuckDB reads one that was cut as if it ended there. */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { InputError } from '../checks.js';

/** Ways in which a file may be compressed. */
export type Compression = 'uncompressed' | 'gzip' | 'zstd';

/**
 * Reads a compressed file to its end, beside whoever else reads it.
 *
 * gzip (RFC 1952) is decompressed once more, with its checksums; of zstd (RFC 8878 §3.1.1) only the sizes of frames and
 * blocks are read.
 *
 * @param name - as the caller typed it; `path` may be a copy elsewhere
 * @throws InputError for a file that was cut or is damaged
 */
export async function checkWhole(
  { path, name, compression }: { readonly path: string; readonly name: string; readonly compression: Compression },
  signal?: AbortSignal,
): Promise<void> {
  if (compression === 'gzip') await checkGzip(path, name, signal);
  if (compression === 'zstd') await checkZstd(path, name);
}

async function checkGzip(path: string, name: string, signal: AbortSignal | undefined): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(path), createGunzip(), nowhere, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw damagedFile(name, error instanceof Error ? error.message : String(error));
  }
}

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

async function checkZstd(path: string, name: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for (let at = 0; at < size;) {
      const end = await frameEnd(file, at);
      if (end === undefined || end > size) throw damagedFile(name, 'unexpected end of file');
      at = end;
    }
  } finally {
    await file.close();
  }
}

/** Where a frame ends, or undefined where it has no end. */
async function frameEnd(file: FileHandle, start: number): Promise<number | undefined> {
  const header = await bytesAt(file, start, 8);
  if (header === undefined) return undefined;
  const magic = header.readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === skippableMagic) return start + 8 + header.readUInt32LE(4);
  if (magic !== frameMagic) return undefined;
  const descriptor = header[4] ?? 0;
  const isSingleSegment = (descriptor & 32) !== 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (;;) {
    const block = (await bytesAt(file, at, 3))?.readUIntLE(0, 3);
    if (block === undefined) return undefined;
    // a block of type 1 is one byte, repeated
    at += 3 + (((block >> 1) & 3) === 1 ? 1 : block >> 3);
    if ((block & 1) === 1) return at + ((descriptor & 4) === 0 ? 0 : 4);
  }
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(length), position });
  return bytesRead === length ? buffer : undefined;
}

/** What is said of a compressed file without its end. */
export function damagedFile(name: string, why: string): InputError {
  return new InputError(`${name} must be a whole compressed file, got one that was cut or is damaged (${why})`);
}
