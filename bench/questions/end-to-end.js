import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { drawClickLog } from '../harness/click-logs.js';
import { round, timed } from '../harness/measure.js';
import { hasPeer, runPeer } from '../harness/peers.js';

export const question =
  'How long from a Parquet file of a million users and 12 million clicks to an embedding file, five epochs?';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const epochs = 5;

/**
 * Both as programs, reading and writing included. gensim reads the same rows as CSV, since it has no reader of Parquet;
 * it trains one epoch, and its time is reading + 5 × training + saving.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, threads, isTiny, say }) {
  const csv = join(folder, 'clicks.csv');
  await writeEvents(
    csv,
    isTiny ? { histories: 2000, categories: 1000 } : { histories: 1_000_000, categories: 100_000 },
  );
  const parquet = join(folder, 'clicks.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (FROM read_csv('${csv}', all_varchar = true)) TO '${parquet}' (COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();

  const words = [
    main,
    'train',
    parquet,
    '--history',
    'user',
    '--category',
    'item',
    '--out',
    join(folder, 'ours.parquet'),
  ];
  const options = [
    '--epochs',
    `${epochs}`,
    '--dimension',
    '64',
    '--negatives',
    '5',
    '--threads',
    `${threads}`,
    '--json',
  ];
  const { value, seconds } = await timed(() => promisify(execFile)(process.execPath, [...words, ...options]));
  const ours = { seconds: round(seconds), report: /** @type {Record<string, unknown>} */ (JSON.parse(value.stdout)) };
  say(`ours ${JSON.stringify(ours)}`);
  if (!hasPeer('gensim')) return { figures: { ours } };

  /** @type {{ readSeconds: number, seconds: number, saveSeconds: number, peakMegabytes: number }} */
  const peer = await runPeer('gensim_train.py', [csv], {
    history: 'user',
    category: 'item',
    dimension: 64,
    negatives: 5,
    epochs: 1,
    threads,
    save: join(folder, 'gensim.txt'),
  });
  const total = peer.readSeconds + epochs * peer.seconds + peer.saveSeconds;
  const gensim = { ...peer, trainSeconds: peer.seconds, seconds: round(total), isOneEpochMultiplied: true };
  say(`gensim ${JSON.stringify(gensim)}`);
  return { ratio: round(total / seconds, 1), unit: '× gensim’s time', floor: 10, hope: 25, figures: { ours, gensim } };
}

/**
 * Rows of (user, item) as text, in the order of a log: users come back.
 *
 * @param {string} path
 * @param {import('../harness/click-logs.js').LogOptions} options
 */
async function writeEvents(path, options) {
  const { items, offsets } = drawClickLog(options);
  const file = createWriteStream(path);
  file.write('user,item\n');
  // the k-th clicks of all users, then the k + 1-st: a log is never grouped by user
  const longest = 200;
  for (let click = 0; click < longest; click++) {
    let text = '';
    for (let history = 0; history + 1 < offsets.length; history++) {
      const at = (offsets[history] ?? 0) + click;
      if (at < (offsets[history + 1] ?? 0)) text += `user-${history},item-${items[at]}\n`;
    }
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}
