import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { readSparkWith } from '../../src/spark/spark-histories.js';
import { makeFolder } from '../duckdb/files.js';
import { cases, differences, writeLog } from './equality.js';
import { describeWith, startSail, type Server } from './servers.js';

describeWith('sail', 'a log on Sail', () => {
  const folder = makeFolder();
  let path: string;
  let server: Server;
  beforeAll(async () => {
    path = await writeLog(folder);
    server = await startSail();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it.each(cases)('is read as DuckDB reads it: %s', async (_, options) => {
    expect(await differences(path, { table: `parquet.\`${path}\`` }, server.address, options)).toEqual([]);
  });

  it('is read the same in many parts', async () => {
    const source = { sql: `SELECT * FROM parquet.\`${path}\`` };
    expect(
      await differences(
        path,
        source,
        server.address,
        {
          keepKeys: true,
          time: 'at',
          sessionGap: '2d',
        },
        { partClicks: 1500 },
      ),
    ).toEqual([]);
  });

  it.each([
    ['20240100 + (price % 28) + 1', /whole numbers such as 202401\d\d that read as dates \(%Y%m%d\).*to_timestamp/],
    ['2024010100 + (price % 24)', /read as dates \(%Y%m%d%H\)/],
    ['CAST(1700000000 AS BIGINT) * 1000 + price', /time must be seconds since 1970 where it is a number/],
  ])('refuses times that are no seconds: %s', async (time, message) => {
    const sql = `SELECT user, item, ${time} AS t FROM parquet.\`${path}\``;
    const read = readSparkWith({ sql }, { engine: server.address, history: 'user', category: 'item', time: 't' });
    await expect(read).rejects.toThrow(message);
  });

  it('tells of a newest time far beyond all others, as DuckDB does', async () => {
    const late = `CASE WHEN seconds = (SELECT max(seconds) FROM parquet.\`${path}\`) THEN 1900000000 ELSE seconds END`;
    const sql = `SELECT user, item, ${late} AS t FROM parquet.\`${path}\``;
    const options = { history: 'user', category: 'item', time: 't' };
    const expected = await readHistoriesWith({ sql: sql.replaceAll(`parquet.\`${path}\``, `'${path}'`) }, options);
    const { timeSpan } = await readSparkWith({ sql }, { engine: server.address, ...options });
    expect(expected.timeSpan?.late).toBeDefined();
    expect({ ...timeSpan, late: { ...timeSpan?.late, place: '' } }).toEqual({
      ...expected.timeSpan,
      late: { ...expected.timeSpan?.late, place: '' },
    });
  });

  it('names a column that is not there', async () => {
    const read = readSparkWith(
      { table: `parquet.\`${path}\`` },
      { engine: server.address, history: 'usr', category: 'item' },
    );
    await expect(read).rejects.toThrow('history must name a column of the event log, got "usr"; did you mean user?');
  });
});
