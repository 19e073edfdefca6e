import { readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sparkAddress } from '../../src/spark/address.js';
import { rowsOf } from '../../src/spark/arrow.js';
import { readSparkWith } from '../../src/spark/spark-histories.js';
import { SparkSession } from '../../src/spark/session.js';
import { makeFolder } from '../duckdb/files.js';
import { cases, countReads, differences, writeLog } from './equality.js';
import { describeWith, startSpark, type Server } from './servers.js';

/** Real Spark takes seconds for each: those that differ most from each other. */
const hardest = new Set([
  'nothing but the columns',
  'order with repeats',
  'sessions with a floor of users',
  'a cap on the length, without times',
  'all at once',
]);

/** Adds up 0 … 299,999, in many small answers that the server ends early. */
const longQuery = 'SELECT id FROM range(0, 300000, 1, 6)';
const expectedSum = (300_000 * 299_999) / 2;

describeWith('spark', 'a log on Spark', () => {
  const folder = makeFolder();
  let path: string;
  let server: Server;
  beforeAll(async () => {
    path = await writeLog(folder);
    // streams of 30 kB at most: each result takes many, which is what the server does to streams of some minutes
    server = await startSpark([
      'spark.connect.execute.reattachable.senderMaxStreamSize=30k',
      'spark.connect.authenticate.token=secret',
    ]);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const token = 'secret';

  test.each(cases.filter(([title]) => hardest.has(title)))('is read as DuckDB reads it: %s', async (_, options) => {
    expect(await differences(path, { table: `parquet.\`${path}\`` }, server.address, options, { token })).toEqual([]);
  });

  test('is read the same in many parts', async () => {
    const source = { sql: `SELECT * FROM parquet.\`${path}\`` };
    expect(await differences(path, source, server.address, { keepKeys: true }, { partClicks: 4000, token })).toEqual(
      [],
    );
  });

  test('is read the same by tables under a folder of work, also by two clients at once, and nothing is left', async () => {
    const work = `file://${folder}/work`;
    const source = { table: `parquet.\`${path}\`` };
    const reads = countReads();
    const read = (how: Parameters<typeof differences>[4]) =>
      differences(path, source, server.address, { time: 'at', minCount: 20 }, { token, work, ...how });
    const fromFiles = { openWorkFiles: reads.open, partClicks: 4000 };
    expect(await Promise.all([read({}), read(fromFiles)])).toEqual([[], []]);
    expect(reads.ranges).toBeGreaterThan(2);
    expect(readdirSync(`${folder}/work`)).toEqual([]);
  });

  test('leaves nothing under a folder of work where it is stopped', async () => {
    const work = `file://${folder}/work`;
    for (const after of [200, 1500]) {
      const controller = new AbortController();
      const reading = readSparkWith(
        { sql: `SELECT user, concat(item, r.id % 50) AS item FROM parquet.\`${path}\` CROSS JOIN range(500) r` },
        {
          engine: server.address,
          history: 'user',
          category: 'item',
          token,
          work,
          signal: controller.signal,
          onProgress: ({ stage }) =>
            void (stage === 'shaping' && setTimeout(() => controller.abort(new Error('stopped by hand')), after)),
        },
      );
      await expect(reading).rejects.toThrow('stopped by hand');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(readdirSync(`${folder}/work`)).toEqual([]);
    }
  });

  test('gives every row once, over many streams', async () => {
    const session = open(server.address, token);
    await session.configure({ 'spark.sql.execution.arrow.maxRecordsPerBatch': '3000' });
    const rows = await rowsOf(session.query(longQuery));
    await session.close();

    expect(rows).toHaveLength(300_000);
    expect(rows.reduce((sum, { id }) => sum + Number(id), 0)).toBe(expectedSum);
  });

  test.each([
    [
      'an unknown table',
      { table: 'nope.nope' },
      {},
      /^Spark refused the query: The table or view .* cannot be found.*\(TABLE_OR_VIEW_NOT_FOUND, SQLSTATE 42P01\); check the name/,
    ],
    [
      'a condition on an unknown column',
      undefined,
      { where: 'nope > 1' },
      /^Spark refused the query: A column.*`nope` cannot be resolved.*SQLSTATE 42703\); check the names of the columns$/,
    ],
    [
      'a condition that is no SQL',
      undefined,
      { where: 'price >' },
      /^Spark refused the query: Syntax error.*SQLSTATE 42601\)/,
    ],
    ['a value that cannot be cast', undefined, { where: 'CAST(item AS INT) > 1' }, /CAST_INVALID_INPUT.*try_cast/],
    ['another token', undefined, { token: 'wrong' }, /does not accept the token/],
    ['a half-life', undefined, { time: 'at', halfLife: '3d' }, /^halfLife cannot be used with engine/],
    [
      'a column of fractions as key',
      undefined,
      { category: 'weight' },
      /^category must be a column of text or whole numbers where engine is used, got fractions; cast it in sql$/,
    ],
  ] as const)('says in one sentence what is wrong with %s', async (_, source, options, sentence) => {
    const read = readSparkWith(source ?? { table: `parquet.\`${path}\`` }, {
      engine: server.address,
      history: 'user',
      category: 'item',
      token,
      ...options,
    });
    await expect(read).rejects.toThrow(sentence);
  });

  test('stops a query when it is told to, and can be asked again', async () => {
    const controller = new AbortController();
    const session = open(server.address, token, controller.signal);
    const endless = 'SELECT sum(a.id * b.id) FROM range(3000000) a JOIN range(3000000) b ON a.id % 100 = b.id % 100';
    setTimeout(() => controller.abort(new Error('stopped by hand')), 3000);

    await expect(rowsOf(session.query(endless))).rejects.toThrow('stopped by hand');
    await session.close();
    const after = open(server.address, token);
    expect(await rowsOf(after.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    await after.close();
  });
});

describeWith('spark', 'a Spark server that goes away', () => {
  describe('under a session', () => {
    test('and comes back is known to have lost what it kept', { timeout: 240_000 }, async () => {
      const first = await startSpark();
      const session = open(first.address);
      await session.version();
      await first.stop();
      const second = await startSpark([], first.port);
      const reading = rowsOf(session.query(longQuery));

      await expect(reading).rejects.toThrow(/was restarted during the run|is gone/);
      await session.close();
      await second.stop();
    });
  });
});

function open(address: string, token?: string, signal?: AbortSignal): SparkSession {
  return new SparkSession({ address: sparkAddress(address, token), token, signal, clientType: 'test', tag: 'test' });
}
