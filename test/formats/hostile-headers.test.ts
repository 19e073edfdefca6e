/** Headers that claim what is not there: refused in linear time, and without taking memory for it. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { importEmbedding, type ExchangeFormat } from '../../src/duckdb/tables/exchange-files.js';
import type { Embedding } from '../../src/embedding/embedding.js';
import { embeddingFromNpy } from '../../src/formats/npy.js';
import { embeddingFromSafetensors } from '../../src/formats/safetensors.js';
import { embeddingFromWord2vecBinary } from '../../src/formats/word2vec-binary.js';
import { embeddingFromWord2vecText } from '../../src/formats/word2vec-text.js';
import { inParts } from './samples.js';

const encoder = new TextEncoder();

/** An npy file of version 2, whose header may be long. */
function npyOf(header: string, data = ''): Uint8Array {
  const text = encoder.encode(header);
  const bytes = new Uint8Array(12 + text.length + data.length);
  bytes.set([0x93, 78, 85, 77, 80, 89, 2, 0]);
  new DataView(bytes.buffer).setUint32(8, text.length, true);
  bytes.set(text, 12);
  bytes.set(encoder.encode(data), 12 + text.length);
  return bytes;
}

const shaped = (shape: string): string => `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
const one = encoder.encode('["a"]');

function safetensorsOf(header: unknown, data = 0): Uint8Array {
  const text = encoder.encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const gigabytes = 2 ** 31 - 1;
const claimed = {
  vectors: { dtype: 'F32', shape: [gigabytes, 100], data_offsets: [0, gigabytes * 400] },
  keys: { dtype: 'U8', shape: [5], data_offsets: [gigabytes * 400, gigabytes * 400 + 5] },
};

type Reader = (bytes: Uint8Array | AsyncIterable<Uint8Array>) => Promise<Embedding>;
const npy: Reader = (bytes) => embeddingFromNpy(bytes, one);

const hostile: readonly (readonly [string, Reader, Uint8Array, RegExp])[] = [
  ['blanks in the shape of an npy file', npy, npyOf(shaped(`(1, 1${' '.repeat(65_000)}x)`)), /two dimensions/],
  ['a header of a million blanks', npy, npyOf(shaped(`(1, 1${' '.repeat(1_000_000)}x)`)), /at most 65536 bytes/],
  ['shapes that never end', npy, npyOf(`{${"'shape': (".repeat(6_000)}`), /must state descr/],
  ['keys that never end', npy, npyOf("'descr'  ".repeat(7_000)), /must state descr/],
  ['a row longer than any', npy, npyOf(shaped('(1, 2147483647)')), /dimension must be .* to 16777216/],
  ['more rows than there are', npy, npyOf(shaped('(1, 16777216)')), /truncated/],
  ['no number for a shape', npy, npyOf(shaped('(1, 99999999999999999999)')), /two dimensions/],
  ['a word2vec row longer than any', embeddingFromWord2vecText, encoder.encode('1 2147483647\na 1\n'), /dimension/],
  ['a word2vec row that is not there', embeddingFromWord2vecBinary, encoder.encode('1 16777216\na 123'), /truncated/],
  ['word2vec rows that are not there', embeddingFromWord2vecText, encoder.encode('2147483647 100\n'), /truncated/],
  ['tensors that are not there', embeddingFromSafetensors, safetensorsOf(claimed), /truncated inside the tensor/],
  [
    'counts that are not there',
    embeddingFromSafetensors,
    safetensorsOf({
      counts: { dtype: 'F64', shape: [gigabytes], data_offsets: [0, gigabytes * 8] },
      vectors: { dtype: 'F32', shape: [gigabytes, 1], data_offsets: [gigabytes * 8, gigabytes * 12] },
    }),
    /truncated inside the tensor counts/,
  ],
  [
    'keys nested without end',
    (bytes) => embeddingFromNpy(npyOf(shaped('(1, 1)'), '0000'), bytes),
    encoder.encode(`[${'['.repeat(100_000)}${']'.repeat(100_000)}]`),
    /keys must be/,
  ],
];

describe.each(hostile)('%s', (_, read, bytes, message) => {
  test.each([
    ['as a whole', bytes],
    ['in parts of unknown length', inParts(bytes, 65_536)],
  ])('is refused in one sentence, %s, at once', async (_how, source) => {
    const start = process.cpuUsage();
    const failing = read(source);
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(message);
    // hundredths of a second, where nothing else of this process computes
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(5);
  });
});

describe('a file of more than 4 GiB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'category2vec-large-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  /** Holes take no room on the disk, and read as zeros. */
  const sparse = (name: string, start: Uint8Array, size: number): string => {
    const path = join(folder, name);
    writeFileSync(path, start);
    truncateSync(path, size);
    return path;
  };
  const large = 2 ** 32 + 2 ** 20;

  test('of other tensors is passed over, and its vectors are read', async () => {
    const padding = large;
    const header = {
      other: { dtype: 'U8', shape: [padding], data_offsets: [0, padding] },
      vectors: { dtype: 'F32', shape: [1, 2], data_offsets: [padding, padding + 8] },
      keys: { dtype: 'U8', shape: [4], data_offsets: [padding + 8, padding + 12] },
    };
    const start = safetensorsOf(header);
    const path = sparse('large.safetensors', start, start.length + padding + 12);
    // four zeros are no list of keys: that it is said shows that they were found
    await expect(importEmbedding(path, { format: 'safetensors' })).rejects.toThrow(/the keys must be JSON/);
  });

  test.each<readonly [ExchangeFormat, Uint8Array, RegExp]>([
    ['npy', npyOf(shaped('(1, 2)')), /got more/],
    ['word2vec', encoder.encode('1 2\na 1 2\n'), /line 3 is too long/],
    ['word2vec-binary', encoder.encode('1 1\na 0000\n'), /got more bytes/],
    ['safetensors', safetensorsOf({ vectors: { dtype: 'F32', shape: [1, 1], data_offsets: [0, 4] } }), /longer than/],
  ])('that is not %s to its end is refused', async (format, start, message) => {
    const path = sparse(`large.${format}`, start, large);
    writeFileSync(join(folder, 'large.npy.keys.json'), '["a"]');
    writeFileSync(join(folder, `large.keys.json`), '["a"]');
    await expect(importEmbedding(path, { format })).rejects.toThrow(message);
  });

  test('of keys says that it is too long', async () => {
    const path = sparse('keys.npy', npyOf(shaped('(1, 1)'), '0000'), npyOf(shaped('(1, 1)'), '0000').length);
    sparse('keys.keys.json', encoder.encode('['), large);
    await expect(importEmbedding(path, { format: 'npy' })).rejects.toThrow(/shorter than \d+ bytes/);
  });
});
