// Runs the built library and program on small data, wherever Node runs, and compares the bits with those on record:
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
import { projectEmbedding, readEmbedding, readHistories, trainEmbedding } from '../../dist/index.js';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const log = fileURLToPath(new URL('../../examples/data/clicks.csv', import.meta.url));
const record = new URL('bits.json', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'category2vec smoke ü '));

/** @type {Record<string, string>} */
const bits = {};
try {
  const histories = await readHistories(log, { history: 'user_id', category: 'advertiser' });
  for (const model of /** @type {const} */ (['skip-gram', 'cbow', 'pooled', 'spectral'])) {
    const embedding = await trainEmbedding(histories, { model, dimension: 12, threads: 2 });
    bits[`vectors of ${model}`] = hashOf(embedding.vectors);
    if (model !== 'skip-gram') continue;
    bits['map'] = hashOf((await projectEmbedding(embedding, { iterations: 300 })).coordinates);
  }
  await stopAndResume();
  const resumed = await readEmbedding(join(folder, 'resumed.parquet'));
  bits['vectors of a run that was stopped, over a file that was there'] = hashOf(resumed.vectors);

  await run(...words('simulate --users 300 --advertisers 60 --impressions 4000 --out world'));
  const columns = '--label clicked --categorical advertiser --list reading --user user_id --time time';
  await run(...words(`click train world/impressions.parquet ${columns} --epochs 2 --out model`));
  await run(...words('click predict model world/impressions.parquet --out predicted.csv'));
  bits['predictions'] = hashOf(readFileSync(join(folder, 'predicted.csv')));

  if (process.argv.includes('--update')) writeFileSync(record, `${JSON.stringify(bits, undefined, 2)}\n`);
  /** @type {Record<string, string>} */
  const expected = JSON.parse(readFileSync(record, 'utf8'));
  const names = Object.keys({ ...expected, ...bits });
  const differing = names.filter((name) => expected[name] !== bits[name]);
  for (const name of differing) print(`${name}: ${bits[name] ?? 'nothing'}, on record ${expected[name] ?? 'nothing'}`);
  print(`Node ${process.version}, ${process.platform} ${process.arch}, the same bits as on record:`);
  print(`${names.length - differing.length} passed, ${differing.length} failed`);
  process.exitCode = differing.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Stops training after its first epochs, as Ctrl-C does, where a signal can be sent; elsewhere the run is ended. */
async function stopAndResume() {
  const columns = ['--history', 'user_id', '--category', 'advertiser', '--dimension', '12', '--epochs', '40'];
  const train = ['train', log, ...columns, '--checkpoint', 'kept', '--out', 'resumed.parquet'];
  writeFileSync(join(folder, 'resumed.parquet'), 'what was there before');
  const child = start(train);
  let told = '';
  child.stderr.on('data', (/** @type {Buffer} */ text) => {
    told += text.toString();
    if (/epoch [2-9]/.test(told)) child.kill('SIGINT');
  });
  await once(child, 'close');
  await run(...train, '--resume', '--threads', '1');
}

/** @param {NodeJS.ArrayBufferView} values */
function hashOf(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

/** @param {string} line */
function words(line) {
  return [...line.split(' '), '--quiet'];
}

/** @param {readonly string[]} argv */
function start(argv) {
  return spawn(process.execPath, [program, ...argv], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** @param {readonly string[]} argv */
async function run(...argv) {
  const child = start(argv);
  let told = '';
  child.stderr.on('data', (/** @type {Buffer} */ text) => {
    told += text.toString();
  });
  const [exitCode] = await once(child, 'close');
  if (exitCode !== 0) throw new Error(`category2vec ${argv.join(' ')}: exit code ${exitCode}\n${told}`);
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}
