import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromArrays, tableToIPC } from '@uwdata/flechette';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { ArrowBatch } from '../../src/spark/session.js';
import { checkWork, workTables } from '../../src/spark/work-tables.js';
import { makeFolder } from '../duckdb/files.js';

/** What a server keeps between clients: databases, their tables, and what time it is. */
class Catalog {
  readonly databases = new Map<string, Set<string>>();
  readonly places: string[] = [];
  readonly made: string[] = [];
  now = 1_700_000_000;

  run = async (sql: string): Promise<void> => {
    await Promise.resolve();
    const [, database = '', table = ''] = /(category2vec_[0-9a-f]{16})(?:\.(\w+))?/.exec(sql) ?? [];
    const tables = this.databases.get(database);
    if (sql.startsWith('CREATE DATABASE')) {
      this.places.push(/LOCATION '(.*)'$/.exec(sql)?.[1] ?? '');
      if (tables === undefined) this.databases.set(database, new Set());
    } else if (sql.startsWith('DROP DATABASE')) this.databases.delete(database);
    else if (sql.startsWith('DROP TABLE')) tables?.delete(table);
    else if (sql.startsWith('CREATE TABLE')) {
      if (tables === undefined || tables.has(table)) throw new Error(`cannot make ${table}`);
      if (sql.endsWith(' FROM broken')) throw new Error('executor lost');
      tables.add(table);
      if (!table.startsWith('client_')) this.made.push(table.split('_')[0] ?? '');
    }
  };

  async *query(sql: string): AsyncGenerator<ArrowBatch> {
    await Promise.resolve();
    const [, database = ''] = /^SHOW TABLES IN (\w+)$/.exec(sql) ?? [];
    const rows = sql.startsWith('SELECT unix_timestamp()')
      ? { now: [this.now] }
      : { tableName: [...(this.databases.get(database) ?? [])] };
    const table = tableFromArrays(rows as Parameters<typeof tableFromArrays>[0]);
    yield { rowCount: table.numRows, data: tableToIPC(table, { format: 'stream' }) ?? new Uint8Array(0) };
  }
}

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));
let catalog: Catalog;
beforeEach(() => (catalog = new Catalog()));

const open = (about = 'a log') => workTables(catalog, { work: 's3a://bucket/work/', about: [about] });
const done = { isKept: false, isStopped: false };
const failed = { isKept: true, isStopped: false };

describe('tables under a folder of work', () => {
  test('stand in a database of their own, which is gone at the end', async () => {
    const store = await open();
    await store.make('clicks', 'SELECT 1', {});
    await store.make('ids', `SELECT * FROM ${store.names.clicks}`, {});

    expect(catalog.places[0]).toMatch(/^s3a:\/\/bucket\/work\/category2vec_[0-9a-f]{16}$/);
    expect(catalog.made).toEqual(['clicks', 'ids']);
    await store.close(done);
    expect(catalog.databases.size).toBe(0);
  });

  test('are left where a run fails, and used by the next with the same options alone', async () => {
    const first = await open();
    await first.make('clicks', 'SELECT 1', {});
    await expect(first.make('categories', 'SELECT 1 FROM broken', {})).rejects.toThrow('executor lost');
    await first.close(failed);
    const other = await open('another log');
    await other.make('clicks', 'SELECT 1', {});
    await other.close(done);
    const second = await open();
    expect(second.names.clicks).toBe(first.names.clicks);
    expect(second.names.categories).not.toBe(first.names.categories);
    await second.make('clicks', 'SELECT 1', {});
    await second.make('categories', 'SELECT 1', {});
    await second.close(done);

    expect(catalog.made).toEqual(['clicks', 'clicks', 'categories']);
    expect(catalog.databases.size).toBe(0);
  });

  test('leave nothing where a run fails before any of them is whole', async () => {
    const store = await open();
    await expect(store.make('clicks', 'SELECT 1 FROM broken', {})).rejects.toThrow('executor lost');
    await store.close(failed);

    expect(catalog.databases.size).toBe(0);
  });

  test('are removed by the last of two clients, and not under the other', async () => {
    const [first, second] = [await open(), await open()];
    for (const store of [first, second]) await store.make('clicks', 'SELECT 1', {});
    await first.close(done);
    await second.make('ids', `SELECT * FROM ${second.names.clicks}`, {});
    expect(catalog.made).toEqual(['clicks', 'clicks', 'ids']);
    await second.close(done);

    expect(catalog.databases.size).toBe(0);
  });

  test('of a client that was killed are used, and removed once it has been silent for long', async () => {
    const killed = await open();
    await killed.make('clicks', 'SELECT 1', {});
    const soon = await open();
    await soon.make('clicks', 'SELECT 1', {});
    await soon.close(done);
    expect(catalog.made).toEqual(['clicks']);
    expect(catalog.databases.size).toBe(1);
    catalog.now += 1000;
    const later = await open();
    await later.close(done);

    expect(catalog.databases.size).toBe(0);
  });

  test('are gone where a run is stopped, also files that come late or that the engine leaves', async () => {
    const store = await workTables(catalog, { work: folder, about: [] });
    const place = catalog.places[0] ?? '';
    mkdirSync(join(place, 'clicks_late'), { recursive: true });
    writeFileSync(join(place, 'clicks_late', 'part'), 'rows');
    await store.close({ isKept: false, isStopped: true });

    expect(catalog.databases.size).toBe(0);
    expect(existsSync(place)).toBe(false);
  });

  test.each(['work', '', './work', 's3a:'])('are refused in a folder that a cluster cannot find: %j', (work) => {
    expect(() => checkWork(work)).toThrow(/^work must be a folder of the cluster's storage, as an address/);
  });

  test.each(['s3a://bucket/work', '/mnt/work', 'hdfs:///tmp/work', 'file:/tmp/work'])('may stand at %s', (work) => {
    expect(() => checkWork(work)).not.toThrow();
  });
});
