// Hard and soft sharing in PyTorch and Keras, as docs/frameworks.md shows it, beside our own: the same parts, vectors
// and sizes of layers.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { python } from '../harness/peers.js';
import { round } from '../harness/measure.js';

export const question = 'Do hard and soft sharing in PyTorch and Keras reach the AUC of ours on the same table?';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const ways = ['scratch', 'init', 'hard', 'soft'];

/**
 * A simulated world, its last tenth of impressions as test rows; the AUC of each way of sharing on them, ours with its interval.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ isTiny, folder, say }) {
  const world = join(folder, 'world');
  const clicks = join(world, 'clicks.parquet');
  const inFolder = (/** @type {string} */ name) => join(folder, name);
  const log = [clicks, '--history', 'user_id', '--category', 'advertiser', '--time', 'time', '--quiet'];
  const size = isTiny ? ['--users', '2000', '--impressions', '6000'] : ['--impressions', '100000'];
  await program(['simulate', '--out', world, ...size, '--quiet']);
  await program(['prepare', ...log, '--out', inFolder('histories')]);
  await program(['train', ...log, '--model', 'skip-gram', '--dimension', '16', '--out', inFolder('vectors.parquet')]);
  await program([
    'export',
    inFolder('vectors.parquet'),
    '--format',
    'npy',
    '--unknown-row',
    'mean',
    '--out',
    inFolder('vectors.npy'),
  ]);
  /** @type {Record<string, Record<string, unknown>>} */
  const figures = {};
  for (const sharing of ways) {
    const ours = await ownModel(folder, sharing);
    /** @type {Record<string, unknown>} */
    const row = { ours };
    for (const framework of ['pytorch', 'keras']) row[framework] = await inPython(framework, sharing, folder);
    figures[sharing] = row;
    say(`${sharing}: ${JSON.stringify(row)}`);
  }
  return { figures };
}

/** @param {readonly string[]} words @returns {Promise<string>} */
async function program(words) {
  const { stdout } = await execute(process.execPath, [join(root, 'dist/cli/main.js'), ...words]);
  return stdout;
}

/** @param {string} folder @param {string} sharing */
async function ownModel(folder, sharing) {
  const inFolder = (/** @type {string} */ name) => join(folder, name);
  const clicks = inFolder('world/clicks.parquet');
  const model = inFolder(`model-${sharing}`);
  const vectors = ['--embedding', `advertiser=${inFolder('vectors.parquet')}`, '--transfer', sharing];
  await program([
    'click',
    'train',
    inFolder('world/impressions.parquet'),
    '--label',
    'clicked',
    '--user',
    'user_id',
    '--time',
    'time',
    '--categorical',
    'advertiser,publisher,device',
    '--numeric',
    'hour',
    '--history-from',
    clicks,
    '--history-category',
    'advertiser',
    '--share',
    'advertiser=history',
    '--dimension',
    '16',
    ...(sharing === 'scratch' ? [] : vectors),
    '--write-splits',
    inFolder('parts'),
    '--out',
    model,
    '--overwrite',
    '--quiet',
  ]);
  const said = await program([
    'click',
    'evaluate',
    model,
    inFolder('parts/test.parquet'),
    '--history-from',
    clicks,
    '--json',
    '--quiet',
  ]);
  const { auc } = JSON.parse(said);
  return { auc: round(auc.value), low: round(auc.low), high: round(auc.high) };
}

/** @param {string} framework @param {string} sharing @param {string} folder @returns {Promise<number | string>} */
async function inPython(framework, sharing, folder) {
  const script = join(root, `examples/multitask-in-${framework}.py`);
  const env = { KERAS_BACKEND: 'torch', ...process.env };
  try {
    const { stdout } = await execute(python, [script, sharing, folder], { env });
    return round(JSON.parse(stdout.trim().split('\n').at(-1) ?? '').auc);
  } catch (error) {
    const why =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : String(error);
    return `left out: ${why}`;
  }
}
