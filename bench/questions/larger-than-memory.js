import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

export const question = 'How much memory does reading 30 million rows take beyond a limit of 1 GB and the histories?';

const child = fileURLToPath(new URL('../harness/reading-child.js', import.meta.url));
const limitMegabytes = 1000;

/**
 * Peak of a process that does nothing else, less the limit, less the histories: Parquet with integer and text keys, and
 * CSV, which is kept in a table that spills.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, isTiny, say }) {
  const rows = isTiny ? 10_000 : 30_000_000;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const user = `(hash(i) % ${rows / 10})::INTEGER`;
  const item = '(50000 * pow((hash(i + 77777777) % 1000003) / 1000003, 3))::INTEGER';
  const text = `'user-' || ${user} AS "user", 'site' || ${item} || '.example.com' AS item`;
  const logs = { 'integer.parquet': `${user} AS "user", ${item} AS item`, 'text.parquet': text, 'text.csv': text };
  /** @type {Record<string, import('../harness/reading-child.js').Reading & { beyond: number }>} */
  const figures = {};
  for (const [name, columns] of Object.entries(logs)) {
    const path = join(folder, name);
    await connection.run(`COPY (SELECT ${columns} FROM range(${rows}) t(i)) TO '${path}'`);
    const output = execFileSync(process.execPath, [child, path, `${limitMegabytes}MB`, folder], { encoding: 'utf8' });
    const reading = /** @type {import('../harness/reading-child.js').Reading} */ (JSON.parse(output));
    figures[name] = { ...reading, beyond: reading.peak - limitMegabytes - reading.histories };
    say(`${name} ${JSON.stringify(figures[name])}`);
  }
  connection.closeSync();
  instance.closeSync();
  const ratio = Math.max(...Object.values(figures).map(({ beyond }) => beyond));
  return { ratio, unit: 'MB beyond the limit and the histories, at most 400', isCost: true, figures };
}
