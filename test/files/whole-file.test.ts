import { rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { matchFiles } from '../../src/duckdb/sources/event-source.js';
import { queryRows } from '../../src/duckdb/engine/query-rows.js';
import { withEngine } from '../../src/duckdb/engine/connection.js';
import { checkWhole } from '../../src/files/whole-file.js';
import { makeFolder, writeText } from '../duckdb/files.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const zstd = (rows: number) =>
  withEngine({}, { source: 'test' }, async ({ connection }) => {
    const path = join(folder, 'whole.zst');
    const sql = `COPY (SELECT range AS user, hash(range) AS site FROM range(${rows})) TO '${path}' (FORMAT csv,
      COMPRESSION zstd)`;
    await queryRows(connection, sql);
    return readFileSync(path);
  });

const isWhole = (bytes: Uint8Array, compression: 'gzip' | 'zstd') => {
  const path = writeText(folder, 'tried', bytes);
  return checkWhole({ path, name: 'tried', compression }).then(
    () => true,
    (error: unknown) =>
      String(error).includes('tried must be a whole compressed file') ? false : Promise.reject(error),
  );
};

describe.each(['gzip', 'zstd'] as const)('%s', (compression) => {
  const bytes = async (rows: number) =>
    compression === 'zstd' ? zstd(rows) : gzipSync(Array.from({ length: rows }, (_, i) => `${i},${i * i}\n`).join(''));

  test.each([1, 1000, 100_000])('of %i rows is whole until a byte is missing', async (rows) => {
    const whole = await bytes(rows);

    expect(await isWhole(whole, compression)).toBe(true);
    for (const share of [0.1, 0.5, 0.9]) {
      expect(await isWhole(whole.subarray(0, Math.floor(whole.length * share)), compression)).toBe(false);
    }
    expect(await isWhole(whole.subarray(0, -1), compression)).toBe(false);
  });

  test('may be several files, one after the other', async () => {
    const whole = await bytes(1000);

    expect(await isWhole(Buffer.concat([whole, whole]), compression)).toBe(true);
    expect(await isWhole(Buffer.concat([whole, whole.subarray(0, -5)]), compression)).toBe(false);
  });
});

test('passes over frames of zstd that may be skipped', async () => {
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

  expect(await isWhole(Buffer.concat([skippable, await zstd(10)]), 'zstd')).toBe(true);
});

test('patterns match files, plain names are left to others', async () => {
  const path = writeText(folder, 'a1.csv', 'x');

  expect(await matchFiles([join(folder, 'a?.csv'), path])).toEqual([path]);
  expect(await matchFiles([join(folder, 'none*.csv'), 'plain.csv'])).toEqual([]);
});
