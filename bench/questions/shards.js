import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { round } from '../harness/measure.js';

export const question =
  'What does a log in shards cost: memory beside tables and two shards, speed, and prepare beside a sort?';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const dimension = 64;

/**
 * A log of 100M clicks is prepared and trained for an epoch, each in a process of its own; DuckDB sorts the same
 * columns by user in this one. A tenth of it is trained in memory and in shards of a fifth, to compare their speed.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, threads, isTiny, say }) {
  const clicks = isTiny ? 100_000 : 100_000_000;
  const categories = isTiny ? 1000 : 200_000;
  const shardClicks = isTiny ? 30_000 : 16_000_000;
  const log = join(folder, 'log.parquet');
  const part = join(folder, 'part.parquet');
  await writeLog(log, clicks, categories);
  await writeLog(part, clicks / 10, categories);
  const sortSeconds = await sortOf(log, join(folder, 'sorted.parquet'), threads);
  const columns = ['--history', 'user', '--category', 'item'];
  const training = ['--dimension', String(dimension), '--epochs', '1', '--threads', String(threads)];

  const prepared = timed([
    'prepare',
    log,
    ...columns,
    '--shard-clicks',
    String(shardClicks),
    '--out',
    join(folder, 'log'),
  ]);
  say(`prepare ${JSON.stringify(prepared)}, sort ${round(sortSeconds)} s`);
  const trained = timed(['train', join(folder, 'log'), ...training, '--out', join(folder, 'log.vectors.parquet')]);
  const tables = (2 * Number(trained.json['categories']) * dimension * 4) / 1e6;
  const shards = (2 * shardClicks * 4) / 1e6;
  const beyond = Number(trained.json['peakMegabytes']) - tables - shards;
  say(`train ${JSON.stringify(trained)}, ${round(tables)} MB of tables, ${round(shards)} MB of two shards`);

  const whole = timed(['train', part, ...columns, ...training, '--out', join(folder, 'whole.parquet')]);
  const fifth = ['--shard-clicks', String(Math.ceil(clicks / 50))];
  const sharded = timed(['train', part, ...columns, ...training, ...fifth, '--out', join(folder, 'sharded.parquet')]);
  const speed = Number(sharded.json['pairsPerSecond']) / Number(whole.json['pairsPerSecond']);
  say(`in memory ${JSON.stringify(whole)}, in shards ${JSON.stringify(sharded)}`);
  return {
    ratio: round(beyond),
    isCost: true,
    unit: 'MB beyond tables and two shards, at most 400',
    figures: {
      clicks,
      prepareSeconds: round(prepared.seconds),
      sortSeconds: round(sortSeconds),
      prepareBesideSort: round(prepared.seconds / sortSeconds),
      peakMegabytes: trained.json['peakMegabytes'],
      speedBesideMemory: round(speed),
    },
  };
}

/** @param {readonly string[]} words */
function timed(words) {
  const start = performance.now();
  const output = execFileSync(process.execPath, [program, ...words, '--json', '--quiet'], { encoding: 'utf8' });
  const json = /** @type {Record<string, unknown>} */ (JSON.parse(output));
  return { seconds: (performance.now() - start) / 1000, json };
}

/**
 * Histories of about eleven clicks, categories by a power law.
 *
 * @param {string} path
 * @param {number} clicks
 * @param {number} categories
 */
async function writeLog(path, clicks, categories) {
  await query(
    `COPY (SELECT (hash(i) % ${Math.ceil(clicks / 11)})::INTEGER AS "user",
      (${categories} * pow((hash(i + 77777777) % 1000003) / 1000003, 3))::INTEGER AS item
      FROM range(${clicks}) t(i)) TO '${path}'`,
  );
}

/** @param {string} log @param {string} out @param {number} threads */
async function sortOf(log, out, threads) {
  const start = performance.now();
  await query(`COPY (SELECT "user", item FROM '${log}' ORDER BY "user") TO '${out}'`, threads);
  return (performance.now() - start) / 1000;
}

/** @param {string} sql @param {number} [threads] */
async function query(sql, threads) {
  const instance = await DuckDBInstance.create(':memory:', threads === undefined ? {} : { threads: String(threads) });
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}
