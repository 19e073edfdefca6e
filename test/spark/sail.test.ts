import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSparkHistories } from '../../src/spark/read-spark-histories.js';
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

  it('names a column that is not there', async () => {
    const read = readSparkHistories(
      { table: `parquet.\`${path}\`` },
      { engine: server.address, history: 'usr', category: 'item' },
    );
    await expect(read).rejects.toThrow('history must name a column of the event log, got "usr"; did you mean user?');
  });
});
