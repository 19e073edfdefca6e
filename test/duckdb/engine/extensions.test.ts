import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readHistories } from '../../../src/duckdb/events/read-histories.js';
import { makeFolder, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const columns = { history: 'user', category: 'item' };

describe('addresses of object stores', () => {
  test.each(['s3://bucket/clicks.parquet', 'https://example.com/clicks.csv', 'gs://bucket/*.parquet'])(
    'are refused in a sentence that says how they are read: %s',
    async (address) => {
      const empty = join(folder, 'empty');
      mkdirSync(empty, { recursive: true });
      const read = readHistories(address, { ...columns, extensionFolder: empty });

      await expect(read).rejects.toThrow(
        /is an address, .* or read it in place by DuckDB's extensions with extensionFolder/,
      );
    },
  );

  test('need a folder of extensions that can be read', async () => {
    const read = readHistories('s3://bucket/clicks.parquet', { ...columns, extensionFolder: join(folder, 'nowhere') });

    await expect(read).rejects.toThrow(/^extensionFolder must be a folder that can be read, got ".*nowhere"$/);
  });

  test('need extensions of this DuckDB', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeText(other, 'httpfs.duckdb_extension', 'no extension');
    const read = readHistories('s3://bucket/clicks.parquet', { ...columns, extensionFolder: other });

    await expect(read).rejects.toThrow(
      /^extensionFolder must hold extensions of DuckDB v1\.\d+\.\d+ for this machine, got httpfs\.duckdb_extension, which does not load/,
    );
  });
});
