import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { readHistories } from 'category2vec';
import { alternate, round, timed } from '../harness/measure.js';

export const question =
  'How long does reading 10 million rows take, filters and merging included, beside DuckDB’s own ORDER BY, drained?';

/**
 * Text keys and integer keys, in scattered order.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, repeats, isTiny, say }) {
  const rows = isTiny ? 10_000 : 10_000_000;
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  /** @type {Record<string, { ours: number, duckdb: number, ratio: number }>} */
  const figures = {};
  for (const kind of ['integer', 'text']) {
    const path = join(folder, `${kind}.parquet`);
    const shown = (/** @type {string} */ word, /** @type {string} */ number) =>
      kind === 'text' ? `'${word}-' || CAST(${number} AS VARCHAR)` : `CAST(${number} AS INTEGER)`;
    // users and items by a hash of the row: scattered, repeatable, and popular items common
    const user = shown('user', `hash(i) % ${rows / 10}`);
    const item = shown('item', `CAST(20000 * pow((hash(i + 77777777) % 1000003) / 1000003, 3) AS INTEGER)`);
    await connection.run(`COPY (SELECT ${user} AS "user", ${item} AS item FROM range(${rows}) t(i)) TO '${path}'`);
    const results = await alternate(
      {
        ours: () =>
          timed(
            async () => (await readHistories(path, { history: 'user', category: 'item', minCount: 2 })).items.length,
          ),
        duckdb: () => timed(() => drain(`SELECT "user", item FROM '${path}' ORDER BY "user"`)),
      },
      { repeats },
    );
    const [ours, duckdb] = [results['ours']?.median.seconds ?? NaN, results['duckdb']?.median.seconds ?? NaN];
    figures[kind] = { ours: round(ours), duckdb: round(duckdb), ratio: round(ours / duckdb, 2) };
    say(`${kind} keys ${JSON.stringify(figures[kind])}`);
  }
  connection.closeSync();
  instance.closeSync();
  const ratio = Math.max(...Object.values(figures).map((one) => one.ratio));
  return { ratio, unit: '× DuckDB’s time in the slower case, at most 1.5', isCost: true, figures };

  /** @param {string} sql */
  async function drain(sql) {
    const result = await connection.stream(sql);
    let count = 0;
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
      count += chunk.rowCount;
    return count;
  }
}
