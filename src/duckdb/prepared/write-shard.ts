/** A shard → its Parquet file: keys and lists as they stand in memory, so that the disk sets the pace. */
import { stat } from 'node:fs/promises';
import { writeParts } from '../../files/atomic-file.js';
import { parquetParts, plainDecimals, plainTexts, type PlainColumn } from '../../formats/parquet/write.js';
import { historyLengths } from '../../histories/history-lengths.js';
import type { ShardEntry } from '../../histories/prepared-log.js';
import type { Shard } from '../../histories/shard.js';
import { FingerprintStream } from '../../numerics/fingerprint.js';

/** What is known of a shard once it is written. */
export interface WrittenShard extends Omit<ShardEntry, 'file'> {
  /** clicks of a history → how many histories have so many */
  readonly lengths: ReadonlyMap<number, number>;
}

/** Some histories that stand side by side: a row group. */
interface Rows {
  readonly rows: number;
  readonly first: number;
}

/** 2 Mi numbers, 8 MB of clicks: whoever reads several shards side by side has a row group of each in memory. */
const numbersPerGroup = 2 ** 21;
const mostRows = 122_880;

/**
 * Writes a shard: columns `key`, `items`, and `times` and `weights` where it has them. Same shard, same bytes.
 *
 * @param path - created or overwritten
 * @param wholeKeys - the keys as whole numbers, where they are such and were not made to texts
 */
export async function writeShard(path: string, shard: Shard, wholeKeys?: Int32Array): Promise<WrittenShard> {
  const { keys, items, offsets, times, weights } = shard;
  const histories = offsets.length - 1;
  // what `fingerprintOfShard` gives, of the keys as they are written
  const contents = new FingerprintStream();
  contents.beginTexts(histories);
  const plainKeys = (first: number, end: number): Uint8Array => {
    const plain =
      wholeKeys === undefined ? plainTexts(keys.slice(first, end)) : plainDecimals(wholeKeys.subarray(first, end));
    contents.addPlainTexts(plain);
    return plain;
  };
  const starts = ({ first, rows }: Rows): Uint32Array => {
    const start = offsets[first] ?? 0;
    return offsets.subarray(first, first + rows + 1).map((offset) => offset - start);
  };
  const lists = (
    name: string,
    kind: 'intList' | 'floatList' | 'doubleList',
    values: Int32Array | Float32Array | Float64Array,
  ): PlainColumn<Rows> => ({
    name,
    kind,
    starts,
    plain: ({ first, rows }) => bytesOf(values.subarray(offsets[first], offsets[first + rows])),
  });
  const columns: readonly PlainColumn<Rows>[] = [
    { name: 'key', kind: 'text', plain: ({ first, rows }) => plainKeys(first, first + rows) },
    lists('items', 'intList', items),
    ...(times === undefined ? [] : [lists('times', 'doubleList', times)]),
    ...(weights === undefined ? [] : [lists('weights', 'floatList', weights)]),
  ];
  const numbersPerRow = 1 + (columns.length - 1) * (items.length / Math.max(1, histories));
  const rowsPerGroup = Math.max(1, Math.min(mostRows, Math.floor(numbersPerGroup / numbersPerRow)));
  await writeParts(path, parquetParts(columns, groupsOf(histories, rowsPerGroup), { rowsPerGroup, metadata: {} }));
  for (const part of [items, offsets, times, weights]) contents.add(part);
  return {
    bytes: (await stat(path)).size,
    histories,
    clicks: items.length,
    fingerprint: contents.digest(),
    lengths: historyLengths(offsets),
  };
}

function* groupsOf(histories: number, rowsPerGroup: number): Generator<Rows, void> {
  for (let first = 0; first < histories; first += rowsPerGroup) {
    yield { first, rows: Math.min(rowsPerGroup, histories - first) };
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
