import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Embedding, readHistories, Vocabulary, writeFeatures } from 'category2vec';
import { alternate, round, timed } from '../harness/measure.js';

export const question = 'How long do features of 1 million users with 12 million clicks take, from log to Parquet?';

/**
 * Reading, pooling and writing, as `category2vec features` does it: 20,000 categories of 64 numbers, some popular;
 * users in scattered order.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, repeats, isTiny, say }) {
  const users = isTiny ? 1000 : 1_000_000;
  const clicks = users * 12;
  const categories = 20_000;
  const dimension = 64;
  const path = join(folder, 'clicks.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  // users and items by a hash of the row: scattered, repeatable, and popular items common
  await connection.run(
    `COPY (SELECT CAST(hash(i) % ${users} AS INTEGER) AS "user",
       CAST(${categories - 1} * pow((hash(i + 77777777) % 1000003) / 1000003, 3) AS INTEGER) AS item
     FROM range(${clicks}) t(i)) TO '${path}'`,
  );
  connection.closeSync();
  instance.closeSync();
  const keys = Array.from({ length: categories }, (_, i) => String(i));
  const vectors = Float32Array.from({ length: categories * dimension }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
  const vocabulary = new Vocabulary(keys, new Float64Array(categories).fill(1));
  const embedding = new Embedding({ vocabulary, dimension, vectors });
  let [reading, rows, counted] = [0, 0, 0];
  const { ours } = await alternate(
    {
      ours: () =>
        timed(async () => {
          const start = performance.now();
          const options = { history: 'user', category: 'item', keepKeys: true, keepSingles: true, keepRepeats: true };
          const histories = await readHistories(path, options);
          reading = (performance.now() - start) / 1000;
          const written = await writeFeatures(
            join(folder, 'users.parquet'),
            { histories, embedding },
            { keyName: 'user' },
          );
          [rows, counted] = [written.rows, written.clicks];
          return rows;
        }),
    },
    { repeats },
  );
  const seconds = round(ours?.median.seconds ?? NaN);
  const figures = { users: rows, clicks: counted, dimension, seconds, reading: round(reading) };
  say(JSON.stringify(figures));
  return { ratio: seconds, unit: 'seconds from log to Parquet, at most 20', isCost: true, figures };
}
