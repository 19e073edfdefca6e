import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/checks.js';
import { worldFiles, writeWorld } from '../../../src/duckdb/tables/write-world.js';
import { simulateWorld } from '../../../src/simulation/simulate-world.js';

const small = { users: 200, advertisers: 150, impressions: 5000, languages: 4 };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'world-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function hashesOf(world: string): Promise<string[]> {
  const contents = await Promise.all(worldFiles.map((name) => readFile(join(world, name))));
  return contents.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
}

describe('a written world', () => {
  test('has the columns and types that are promised', async () => {
    const world = join(folder, 'columns');
    const written = await writeWorld(world, simulateWorld(small));

    const typesOf = async (file: string) => {
      const rows = await query(`DESCRIBE FROM '${join(world, file)}'`);
      return rows.map(({ column_name, column_type }) => `${String(column_name)} ${String(column_type)}`);
    };
    const earlier = ['user_id INTEGER', 'time TIMESTAMP', 'advertiser VARCHAR'];
    expect(written.out).toEqual(worldFiles.map((name) => join(world, name)));
    expect(await typesOf('clicks.parquet')).toEqual(earlier);
    expect(await typesOf('shown.parquet')).toEqual(earlier);
    expect(await typesOf('impressions.parquet')).toEqual([
      ...earlier,
      'position INTEGER',
      'publisher VARCHAR',
      'device VARCHAR',
      'hour INTEGER',
      'reading VARCHAR[]',
      'clicked TINYINT',
    ]);
    expect(await typesOf('oracle.parquet')).toEqual([
      'row BIGINT',
      'probability DOUBLE',
      'probability_given_history DOUBLE',
      'probability_given_history_and_reading DOUBLE',
    ]);
    expect((await readFile(join(world, 'advertisers.csv'), 'utf8')).split('\n')[0]).toBe(
      'advertiser,language,topic,quality',
    );
    expect((await readFile(join(world, 'users.csv'), 'utf8')).split('\n')[0]).toBe(
      'user_id,language,second_language,topics',
    );
  });

  test('says what the generators say, row by row', async () => {
    const world = join(folder, 'rows');
    const simulated = simulateWorld(small);
    const { impressions } = await writeWorld(world, simulated);

    const rows = await query(
      `SELECT i.*, o.* FROM (SELECT *, epoch(time)::BIGINT AS seconds FROM '${world}/impressions.parquet') i
       POSITIONAL JOIN '${world}/oracle.parquet' o`,
    );
    expect(rows).toHaveLength(impressions);
    let row = 0;
    for (const batch of simulated.impressions({ isOracleNeeded: true })) {
      for (let i = 0; i < batch.rows; i++, row++) {
        const reading = batch.reading.subarray(batch.readingOffsets[i], batch.readingOffsets[i + 1]);
        expect(rows[row]).toMatchObject({
          row: String(row),
          user_id: batch.user[i],
          seconds: String(batch.time[i]),
          advertiser: simulated.advertisers.names[batch.advertiser[i] ?? 0],
          publisher: simulated.publishers[batch.publisher[i] ?? 0],
          device: simulated.devices[batch.device[i] ?? 0],
          reading: Array.from(reading, (section) => simulated.sections[section]),
          clicked: batch.clicked[i],
          probability: batch.probability[i],
          probability_given_history: batch.probabilityGivenHistory[i],
        });
      }
    }
  });

  test('has the same bytes every time, and others with another seed', async () => {
    await writeWorld(join(folder, 'a'), simulateWorld(small));
    await writeWorld(join(folder, 'b'), simulateWorld(small));
    await writeWorld(join(folder, 'c'), simulateWorld({ ...small, seed: 2 }));

    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => hashesOf(join(folder, name))));
    expect(a).toEqual(b);
    a?.forEach((hash, i) => expect(hash).not.toBe(c?.[i]));
  });

  test('may have more advertisers than an enum of 16 bits holds', async () => {
    const world = join(folder, 'many');
    await writeWorld(world, simulateWorld({ ...small, advertisers: 70_000 }));

    const [row] = await query(
      `SELECT count(*) AS unknown FROM '${world}/shown.parquet' ANTI JOIN '${world}/advertisers.csv' USING (advertiser)`,
    );
    expect(row).toEqual({ unknown: '0' });
  });
});

describe('the folder of a world', () => {
  test('is replaced if it holds an earlier world', async () => {
    const world = join(folder, 'again');
    await writeWorld(world, simulateWorld(small));
    await writeWorld(world, simulateWorld({ ...small, seed: 2 }));

    expect((await readdir(world)).sort()).toEqual([...worldFiles].sort());
    expect(await hashesOf(world)).toEqual(await hashesOf(join(folder, 'c')));
  });

  test('is refused if it holds anything else, and keeps it where overwriting is allowed', async () => {
    const world = join(folder, 'other');
    await mkdir(world);
    await writeFile(join(world, 'thesis.txt'), 'mine');

    await expect(writeWorld(world, simulateWorld(small))).rejects.toThrow(/"thesis\.txt".*choose another folder/);
    expect(await readdir(world)).toEqual(['thesis.txt']);
    await writeWorld(world, simulateWorld(small), { overwrite: true });
    expect((await readdir(world)).sort()).toEqual([...worldFiles, 'thesis.txt'].sort());
  });

  test('is not left behind when writing is stopped half-way', async () => {
    const world = join(folder, 'stopped');
    const stop = new AbortController();
    const writing = writeWorld(
      world,
      simulateWorld({ users: 100_000 }),
      {},
      { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) },
    );

    await expect(writing).rejects.toThrow('enough');
    expect(await readdir(folder)).not.toContain('stopped');
  });

  test('must be a folder whose parent exists', async () => {
    await writeFile(join(folder, 'file'), '');

    await expect(writeWorld(join(folder, 'file'), simulateWorld(small))).rejects.toThrow(InputError);
    await expect(writeWorld(join(folder, 'no', 'where'), simulateWorld(small))).rejects.toThrow(InputError);
  });
});
