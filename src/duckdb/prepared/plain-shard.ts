/** The clicks of a shard from its pages as they stand, without DuckDB: keys are compared with the fingerprint, and not made. */
import { open, type FileHandle } from 'node:fs/promises';
import { codeOf } from '../../files/system-errors.js';
import { findPlainColumns, type PlainKind, type PlainPlace } from '../../formats/parquet/plain-columns.js';
import { pagesOf, type Page } from '../../formats/parquet/pages.js';
import { UnreadParquet } from '../../formats/parquet/thrift.js';
import type { LogManifest, ShardEntry } from '../../histories/prepared-log.js';
import type { Shard } from '../../histories/shard.js';
import { FingerprintStream } from '../../numerics/fingerprint.js';

/** What is known of a shard before it is read. */
export interface PlainShardOptions {
  readonly entry: ShardEntry;
  readonly manifest: Pick<LogManifest, 'hasTimes' | 'hasWeights'>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a shard that `writeShard` wrote; memory holds a page beside it.
 *
 * @returns undefined for pages of another program or release, and for damage: DuckDB reads them, or says what is wrong
 */
export async function readPlainClicks(
  path: string,
  options: PlainShardOptions,
): Promise<Omit<Shard, 'keys'> | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    return await readClicks(file, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    const isDamage = error instanceof UnreadParquet || error instanceof RangeError || error instanceof TypeError;
    if (isDamage || codeOf(error) !== undefined) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

const tailBytes = 8;

async function readClicks(file: FileHandle, { entry, manifest, signal }: PlainShardOptions) {
  const { bytes: size, histories, clicks } = entry;
  const tail = await bytesAt(file, size - tailBytes, tailBytes);
  const length = new DataView(tail.buffer).getUint32(0, true);
  const start = size - tailBytes - length;
  const { columns } = findPlainColumns(await bytesAt(file, start, length), start);
  const shard = {
    items: new Int32Array(clicks),
    offsets: new Uint32Array(histories + 1),
    times: manifest.hasTimes ? new Float64Array(clicks) : undefined,
    weights: manifest.hasWeights ? new Float32Array(clicks) : undefined,
  };
  const seen = new FingerprintStream();
  seen.beginTexts(histories);
  let keys = 0;
  for await (const { values } of pages(file, columns.get('key'), 'bytes', signal)) {
    keys += seen.addPlainTexts(values.bytes);
  }
  const lists = [
    ['items', 'int32', shard.items],
    ['times', 'double', shard.times],
    ['weights', 'float', shard.weights],
  ] as const;
  for (const [name, kind, numbers] of lists) {
    if (numbers === undefined) continue;
    let row = 0;
    let at = 0;
    const room = new Uint8Array(numbers.buffer);
    // oxlint-disable-next-line no-await-in-loop -- memory holds one page
    for await (const { values, repetition } of pages(file, columns.get(name), kind, signal)) {
      if (values.bytes.length !== numbers.BYTES_PER_ELEMENT * repetition.length) throw new UnreadParquet('lists');
      room.set(values.bytes, at * numbers.BYTES_PER_ELEMENT);
      for (let i = 0; i < repetition.length; i++) if (repetition[i] === 0) shard.offsets[row++] = at + i;
      at += repetition.length;
    }
    if (row !== histories || at !== clicks) throw new UnreadParquet('rows');
  }
  shard.offsets[histories] = clicks;
  for (const part of [shard.items, shard.offsets, shard.times, shard.weights]) seen.add(part);
  return keys === histories && seen.digest() === entry.fingerprint ? shard : undefined;
}

/** Pages of a column in which no value is missing. */
async function* pages(
  file: FileHandle,
  place: PlainPlace | undefined,
  kind: PlainKind,
  signal: AbortSignal | undefined,
): AsyncGenerator<Page, void> {
  if (place?.kind !== kind || place.isList !== (kind !== 'bytes')) throw new UnreadParquet('column');
  for (const chunk of place.chunks) {
    if (chunk === undefined || chunk.isSnappy) throw new UnreadParquet('compressed');
    // oxlint-disable-next-line no-await-in-loop -- memory holds one chunk
    const bytes = await bytesAt(file, chunk.start, chunk.end - chunk.start);
    signal?.throwIfAborted();
    for (const page of pagesOf(bytes, { chunks: [{ ...chunk, start: 0, end: bytes.length }] }, place.levels)) {
      if (page.rows !== undefined || page.values.count !== page.definition.length) throw new UnreadParquet('values');
      yield page;
    }
  }
}

async function bytesAt(file: FileHandle, at: number, size: number): Promise<Uint8Array<ArrayBuffer>> {
  if (at < 0 || size < 0) throw new UnreadParquet('place');
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size;) {
    // oxlint-disable-next-line no-await-in-loop -- one read mostly
    const { bytesRead } = await file.read(bytes, done, size - done, at + done);
    if (bytesRead === 0) throw new UnreadParquet('file');
    done += bytesRead;
  }
  return bytes;
}
