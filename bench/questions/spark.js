import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { readHistories } from 'category2vec';
import { readSparkHistories } from 'category2vec/spark';
import { round } from '../harness/measure.js';

export const question = 'What does a log cost on Spark, beside DuckDB on the same machine?';

const port = 15_017;

/**
 * The same log of 20M rows is read by both, on one machine: wall time and processor time, of the server's processes
 * where it is Spark.
 *
 * Needs SPARK_SUBMIT, the program of a Spark 4.1 (see scripts/install-spark.sh), and Linux.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, threads, isTiny, say }) {
  const submit = process.env['SPARK_SUBMIT'];
  if (submit === undefined)
    return { skipped: 'SPARK_SUBMIT names no spark-submit, which scripts/install-spark.sh installs' };
  const rows = isTiny ? 20_000 : 20_000_000;
  const path = join(folder, 'log.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT 'user-' || (hash(i) % ${rows / 11})::INTEGER AS "user",
      'site' || (50000 * pow((hash(i + 77777777) % 1000003) / 1000003, 3))::INTEGER || '.example.com' AS item
      FROM range(${rows}) t(i)) TO '${path}'`,
  );
  connection.closeSync();
  instance.closeSync();
  const columns = { history: 'user', category: 'item', minCount: 5 };
  const before = process.cpuUsage();
  const start = performance.now();
  const own = await readHistories(path, columns);
  const used = process.cpuUsage(before);
  const duckdb = { wall: (performance.now() - start) / 1000, cpu: (used.user + used.system) / 1e6 };
  say(`DuckDB ${JSON.stringify(duckdb)}`);

  const server = await startSpark(submit, threads);
  try {
    const cpuBefore = cpuSecondsOf(server.pid ?? 0);
    const begin = performance.now();
    const theirs = await readSparkHistories(
      { table: `parquet.\`${path}\`` },
      { engine: `spark://127.0.0.1:${port}`, ...columns },
    );
    const spark = { wall: (performance.now() - begin) / 1000, cpu: cpuSecondsOf(server.pid ?? 0) - cpuBefore };
    say(`Spark ${JSON.stringify(spark)}`);
    if (theirs.items.length !== own.items.length) throw new Error('the two read different clicks');
    return {
      ratio: round(spark.cpu / duckdb.cpu),
      isCost: true,
      unit: '× the processor time of DuckDB',
      figures: { rows, duckdb, spark },
    };
  } finally {
    process.kill(-(server.pid ?? 0), 'SIGKILL');
  }
}

/** @param {string} submit @param {number} threads */
async function startSpark(submit, threads) {
  const settings = [
    'spark.driver.host=127.0.0.1',
    'spark.driver.bindAddress=127.0.0.1',
    'spark.connect.grpc.binding.address=127.0.0.1',
    `spark.connect.grpc.binding.port=${port}`,
    'spark.ui.enabled=false',
    'spark.sql.session.timeZone=UTC',
    // a machine's worth: 200 tasks of each stage would be the cost of the tasks
    `spark.sql.shuffle.partitions=${4 * threads}`,
  ].flatMap((setting) => ['--conf', setting]);
  const main = ['--class', 'org.apache.spark.sql.connect.service.SparkConnectServer'];
  const size = ['--master', `local[${threads}]`, '--driver-memory', '4g'];
  const env = { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', PATH: `${dirname(submit)}:${process.env['PATH'] ?? ''}` };
  const child = spawn(submit, [...main, ...size, ...settings, 'spark-internal'], {
    stdio: 'ignore',
    env,
    detached: true,
  });
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`${submit} ended with ${child.exitCode}`);
    if (await isListening()) return child;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${submit} did not start within two minutes`);
}

/** @returns {Promise<boolean>} */
function isListening() {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

/** Processor time of a group of processes, as /proc has it. @param {number} group */
function cpuSecondsOf(group) {
  let ticks = 0;
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      if (Number(fields[2]) === group) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // it has ended
    }
  }
  return ticks / 100;
}
