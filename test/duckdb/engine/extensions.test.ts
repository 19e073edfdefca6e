import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { DuckDBConnection } from '@duckdb/node-api';
import { canRead, provideForQuery, type ExtensionOptions } from '../../../src/duckdb/engine/extensions.js';
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

  const access = {
    credentials: { accessKeyId: 'A', secretAccessKey: "s'", sessionToken: undefined },
    region: 'eu-1',
    endpoint: 'http://127.0.0.1:9000/',
  };
  /** What DuckDB is told, where some of its extensions are there. */
  async function told(address: string, has: readonly string[], stores: ExtensionOptions['objectStores']) {
    const said: string[] = [];
    const run = (sql: string) => {
      const [, name] = /^LOAD (\w+)/.exec(sql) ?? [];
      if (name !== undefined) return has.includes(name) ? Promise.resolve() : Promise.reject(new Error('not there'));
      said.push(sql);
      return Promise.resolve();
    };
    const connection = { run } as unknown as DuckDBConnection;
    return { isRead: await canRead(address, connection, { objectStores: stores }), said };
  }
  const stores = {
    now: () => new Date(0),
    s3: () => Promise.resolve(access),
    azure: () => ({ connectionString: 'Account=x' }),
  };

  test('are read with the credentials, the region and the server that a program gives', async () => {
    const place = "REGION 'eu-1', ENDPOINT '127.0.0.1:9000', URL_STYLE 'path', USE_SSL false";
    expect(await told('s3://b/c', ['httpfs'], stores)).toEqual({
      isRead: true,
      said: [`CREATE OR REPLACE SECRET category2vec_s3 (TYPE s3, KEY_ID 'A', SECRET 's''', ${place})`],
    });
    expect(await told('s3a://b/c', ['httpfs', 'aws'], stores)).toEqual({
      isRead: true,
      said: [`CREATE OR REPLACE SECRET category2vec_s3 (TYPE s3, PROVIDER credential_chain, ${place})`],
    });
    expect(await told('az://b/c', ['azure'], stores)).toEqual({
      isRead: true,
      said: ["CREATE OR REPLACE SECRET category2vec_azure (TYPE azure, CONNECTION_STRING 'Account=x')"],
    });
    expect(await told('gs://b/c', ['httpfs'], stores)).toEqual({ isRead: true, said: [] });
    expect(await told('s3://b/c', [], stores)).toEqual({ isRead: false, said: [] });
  });

  test('are found in queries, one of each kind', async () => {
    const asked: string[] = [];
    const sql = "FROM 's3://b/*.parquet' JOIN iceberg_scan('S3://c') USING (id) JOIN \"az://d/e.csv\" USING (id)";
    await provideForQuery(sql, (address) => Promise.resolve(asked.push(address) > 0));
    expect(asked).toEqual(['S3://c', 'az://d/e.csv']);
  });
});
