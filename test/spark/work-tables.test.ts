import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromArrays, tableToIPC } from '@uwdata/flechette';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import type { ArrowBatch } from '../../src/spark/session.js';
import { checkWork, workTables, type TableStore } from '../../src/spark/work-tables.js';
import { makeFolder } from '../duckdb/files.js';

/** What a server keeps between clients: databases, their tables, and what time it is. */
class Catalog {
  readonly databases = new Map<string, Set<string>>();
  readonly places: string[] = [];
  readonly made: string[] = [];
  /** files under the folder of a database that come after so many looks at it, each once */
  late: number[] = [];
  looks = 0;
  now = 1_700_000_000;

  run = async (sql: string): Promise<void> => {
    await Promise.resolve();
    const [, database = '', table = ''] = /(category2vec_[0-9a-f]{16})(?:\.(\w+))?/.exec(sql) ?? [];
    const tables = this.databases.get(database);
    if (sql.startsWith('CREATE DATABASE')) {
      this.places.push(/LOCATION '(.*)'$/.exec(sql)?.[1] ?? '');
      if (tables === undefined) this.databases.set(database, new Set());
    } else if (sql.startsWith('DROP DATABASE')) {
      this.databases.delete(database);
      if (this.looks >= (this.late[0] ?? Infinity)) this.late.shift();
    } else if (sql.startsWith('DROP TABLE')) tables?.delete(table);
    else if (sql.startsWith('CREATE TABLE')) {
      if (tables === undefined || tables.has(table)) throw new Error(`cannot make ${table}`);
      if (sql.endsWith(' FROM broken')) throw new Error('executor lost');
      tables.add(table);
      if (!table.startsWith('client_')) this.made.push(table.split('_')[0] ?? '');
    }
  };

  async *query(sql: string): AsyncGenerator<ArrowBatch> {
    await Promise.resolve();
    if (sql.startsWith('SELECT 1 FROM text.')) {
      this.looks++;
      if (this.late[0] === undefined || this.looks < this.late[0]) throw new InputError('PATH_NOT_FOUND');
    }
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

const looksAfterMs = [1, 1, 1];
const open = (about = 'a log') => workTables(catalog, { work: 's3a://bucket/work/', about: [about], looksAfterMs });
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

  /** A run that is stopped while a table is made. */
  const stopWhileMaking = async (store: TableStore) => {
    await expect(store.make('clicks', 'SELECT 1 FROM broken', {})).rejects.toThrow('executor lost');
    return store.close({ isKept: false, isStopped: true });
  };

  test('are gone where a run is stopped, also files that the engine leaves', async () => {
    const store = await workTables(catalog, { work: folder, about: [], looksAfterMs });
    const place = catalog.places[0] ?? '';
    mkdirSync(join(place, 'clicks_late'), { recursive: true });
    writeFileSync(join(place, 'clicks_late', 'part'), 'rows');

    expect(await stopWhileMaking(store)).toBeUndefined();
    expect(catalog.databases.size).toBe(0);
    expect(existsSync(place)).toBe(false);
  });

  test('are gone where a run is stopped, also files that come late', async () => {
    const store = await open();
    catalog.late = [1, 3, 6];

    expect(await stopWhileMaking(store)).toBeUndefined();
    expect(catalog.late).toEqual([]);
    expect(catalog.looks).toBe(6 + looksAfterMs.length);
    expect(catalog.databases.size).toBe(0);
  });

  test('are named where a run is stopped and they come back for ever, or cannot be removed', async () => {
    const store = await open();
    catalog.late = Array.from({ length: 100 }, () => 1);
    expect(await stopWhileMaking(store)).toBe(catalog.places[0]);
    const other = await open('another log');
    catalog.run = () => Promise.reject(new InputError('PERMISSION_DENIED'));
    expect(await other.close({ isKept: false, isStopped: true })).toBe(catalog.places.at(-1));
  });

  test('are left to another client that came while they were removed', async () => {
    const store = await open();
    catalog.late = [1];
    const looked = catalog.query.bind(catalog);
    let other: TableStore | undefined;
    catalog.query = async function* query(sql: string) {
      if (sql.startsWith('SELECT 1 FROM text.')) other ??= await open();
      yield* looked(sql);
    };

    expect(await stopWhileMaking(store)).toBeUndefined();
    await other?.make('clicks', 'SELECT 1', {});
    expect(catalog.made).toEqual(['clicks']);
  });

  test.each(['work', '', './work', 's3a:'])('are refused in a folder that a cluster cannot find: %j', (work) => {
    expect(() => checkWork(work)).toThrow(/^work must be a folder of the cluster's storage, as an address/);
  });

  test.each(['s3a://bucket/work', '/mnt/work', 'hdfs:///tmp/work', 'file:/tmp/work'])('may stand at %s', (work) => {
    expect(() => checkWork(work)).not.toThrow();
  });
});
