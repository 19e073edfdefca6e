// Runs the built program on small data, wherever Node runs, and compares the bits of what it writes with those on record:
//   node test/smoke/smoke.js            compare, exit code 1 where something differs
//   node test/smoke/smoke.js --update   record anew, where numbers change by design
// Paths hold blanks and letters beyond ASCII, outputs replace files that are there, and one run is stopped and resumed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const log = fileURLToPath(new URL('../../examples/data/clicks.csv', import.meta.url));
const record = new URL('bits.json', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'category2vec smöke '));
const columns = ['--history', 'user_id', '--category', 'advertiser', '--quiet'];
const small = ['--dimension', '12', '--epochs', '2'];

/** @type {Record<string, string>} */
const bits = {};
try {
  for (const model of ['skip-gram', 'cbow', 'pooled', 'spectral']) {
    await run('train', log, ...columns, '--model', model, ...(model === 'spectral' ? small.slice(0, 2) : small), '--out', `${model}.parquet`); // prettier-ignore
    await run('export', `${model}.parquet`, '--out', `${model}.npy`, '--quiet');
    bits[`vectors of ${model}`] = hashOf(`${model}.npy`);
  }
  await run('train', log, ...columns, ...small, '--threads', '1', '--out', 'skip-gram.parquet', '--overwrite');
  bits['vectors on one thread, over the file that was there'] = await exported('skip-gram.parquet');
  await run('export', 'skip-gram.parquet', '--out', 'skip-gram.txt', '--escape', 'percent', '--quiet');
  bits['word2vec text'] = hashOf('skip-gram.txt');
  await run('map', 'skip-gram.parquet', '--out', 'map.svg', '--quiet');
  bits['map'] = hashOf('map.svg');

  await run('simulate', '--users', '300', '--advertisers', '60', '--impressions', '4000', '--out', 'world', '--quiet');
  bits['simulated users'] = hashOf('world/users.csv');
  const network = ['--label', 'clicked', '--categorical', 'advertiser', '--list', 'reading', '--user', 'user_id', '--time', 'time']; // prettier-ignore
  for (const replaced of [[], ['--overwrite']]) {
    await run('click', 'train', 'world/impressions.parquet', ...network, '--epochs', '2', '--out', 'model', '--quiet', ...replaced); // prettier-ignore
  }
  await run('click', 'predict', 'model', 'world/impressions.parquet', '--out', 'predicted.csv', '--quiet');
  bits['predictions'] = hashOf('predicted.csv');

  await stopAndResume();
  bits['vectors of a run that was stopped'] = await exported('resumed.parquet');

  const update = process.argv.includes('--update');
  if (update) writeFileSync(record, `${JSON.stringify(bits, undefined, 2)}\n`);
  /** @type {Record<string, string>} */
  const expected = JSON.parse(readFileSync(record, 'utf8'));
  const differing = Object.keys({ ...expected, ...bits }).filter((name) => expected[name] !== bits[name]);
  for (const name of differing) print(`differs: ${name}: ${bits[name] ?? 'none'}, on record ${expected[name] ?? 'none'}`);
  const count = Object.keys(bits).length;
  print(`Node ${process.version}, ${process.platform} ${process.arch}: ${count - differing.length} passed, ${differing.length} failed`); // prettier-ignore
  process.exitCode = differing.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Stops training after its first checkpoint, as Ctrl-C does; where a signal cannot be sent, the run is just ended. */
async function stopAndResume() {
  const words = ['train', log, ...columns.filter((word) => word !== '--quiet'), '--dimension', '12', '--epochs', '40', '--checkpoint', 'kept', '--out', 'resumed.parquet']; // prettier-ignore
  const child = start(words);
  let told = '';
  child.stderr.on('data', (/** @type {Buffer} */ text) => {
    told += text.toString();
    if (/epoch [2-9]/.test(told)) child.kill('SIGINT');
  });
  await once(child, 'close');
  await run(...words, '--resume');
}

/** @param {string} path */
async function exported(path) {
  const out = path.replace('.parquet', '.again.npy');
  await run('export', path, '--out', out, '--quiet');
  return hashOf(out);
}

/** @param {string} path */
function hashOf(path) {
  return createHash('sha256').update(readFileSync(join(folder, path))).digest('hex').slice(0, 16); // prettier-ignore
}

/** @param {readonly string[]} words */
function start(words) {
  return spawn(process.execPath, [program, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** @param {readonly string[]} words */
async function run(...words) {
  const child = start(words);
  let told = '';
  child.stderr.on('data', (/** @type {Buffer} */ text) => (told += text.toString()));
  child.stdout.resume();
  const [exitCode] = await once(child, 'close');
  if (exitCode !== 0) throw new Error(`category2vec ${words.join(' ')}: exit code ${exitCode}\n${told}`);
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}
