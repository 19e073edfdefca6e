/**
 * An embedding and a click model, trained again every night of a simulated week, published where a gate lets them
 * through, and asked.
 *
 * node examples/nightly/run.js [nights] [folder], after `npm run build`. Each step is one command; docs/nightly.md
 * tells what they decide.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

const count = (/** @type {number} */ number) => number.toLocaleString('en');
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const [nights = '3', folder = 'nightly-output'] = process.argv.slice(2);
/** @param {...string} names */
const at = (...names) => join(folder, ...names);

/**
 * Runs a command and gives its JSON. A gate that was not met exits with 3, which is an answer; anything else ends the night.
 *
 * @param {...string} words
 * @returns {any}
 */
function call(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words, '--json', '--quiet'], {
    encoding: 'utf8',
  });
  if (status !== 0 && status !== 3) throw new Error(`category2vec ${words.join(' ')}\n${stderr}`);
  return { isPassed: status === 0, ...JSON.parse(stdout) };
}

/** @type {(step: string, text: string) => void} */
const say = (step, text) => console.log(`  ${step.padEnd(9)}${text}`);
/** @type {(share: number) => string} */
const percent = (share) => `${(100 * share).toFixed(1)} %`;

/**
 * One night. The embedding learns from four weeks of clicks that end a week ago, the click model from the labels since.
 *
 * @param {number} number
 * @param {import('@duckdb/node-api').DuckDBConnection} connection
 * @param {string} url of the service
 */
async function night(number, connection, url) {
  const today = new Date(Date.UTC(2025, 2, 6 + number));
  const date = today.toISOString().slice(0, 10);
  /** @type {(offset: number) => string} */
  const day = (offset) => `TIMESTAMP '${new Date(today.getTime() + offset * 86_400_000).toISOString().slice(0, 10)}'`;
  const files = { log: at('log.parquet'), labels: at('labels.parquet'), test: at('test.parquet') };
  const before = at('log-before.parquet');
  if (existsSync(files.log)) renameSync(files.log, before);
  /** @type {(rows: string, file: string) => Promise<unknown>} */
  const copy = (rows, file) => connection.run(`COPY (${rows}) TO '${file}' (FORMAT parquet)`);
  const clicks = `SELECT * FROM read_parquet(['${at('world', 'clicks.parquet')}', '${at('world', 'next-clicks.parquet')}'])`;
  const shown = `SELECT * FROM '${at('world', 'impressions.parquet')}'`;
  await copy(`${clicks} WHERE time >= ${day(-35)} AND time < ${day(-7)}`, files.log);
  await copy(`${shown} WHERE time >= ${day(-7)} AND time < ${day(0)}`, files.labels);
  await copy(`${shown} WHERE time >= ${day(0)} AND time < ${day(1)}`, files.test);

  console.log(`\nNight ${number + 1}, ${date}`);
  const [shards, fresh, filled, model] = [at('shards'), at('fresh.parquet'), at('filled.parquet'), at('model')];
  for (const made of [shards, model]) rmSync(made, { recursive: true, force: true });
  const columns = ['--history', 'user_id', '--category', 'advertiser', '--time', 'time'];
  const prepared = call('prepare', files.log, ...columns, '--out', shards);
  const shardCount = `${prepared.shards} shard${prepared.shards === 1 ? '' : 's'}`;
  say('prepare', `${count(prepared.histories)} histories, ${count(prepared.clicks)} clicks in ${shardCount}`);

  const accepted = at('accepted.parquet');
  const isFirst = !existsSync(accepted);
  const aligned = isFirst ? [] : ['--align-to', accepted];
  const trained = call('train', shards, '--dimension', '32', ...aligned, '--out', fresh);
  say('train', `${trained.categories} advertisers${isFirst ? '; the chain begins' : ', aligned'}`);

  if (!isFirst) {
    const compared = call('compare', accepted, fresh, '--log', before, '--log', files.log, '--fail-above', '0.1');
    const { appeared, vanished, beyondFloor, movers } = compared;
    say(
      'compare',
      `${appeared} appeared, ${vanished} vanished, ${percent(beyondFloor.value)} beyond the noise floor, ${movers.length} movers`,
    );
    say('gate', compared.isPassed ? 'passed: at most 10 % beyond the floor' : "not met: yesterday's version stays");
    if (!compared.isPassed) return;
  }

  const catalog = ['--attributes', at('world', 'advertisers.csv'), '--key', 'advertiser'];
  const { rungs } = call('fill', fresh, ...catalog, '--out', filled);
  say(
    'fill',
    rungs
      .filter((/** @type {{ count: number }} */ { count }) => count > 0)
      .map((/** @type {{ origin: string, count: number }} */ { origin, count }) => `${count} ${origin}`)
      .join(', '),
  );

  const impressions = '--label clicked --categorical advertiser,device --numeric hour --list reading'.split(' ');
  const histories = '--user user_id --time time --history-category advertiser --share advertiser=history'.split(' ');
  const vectors = ['--embedding', `advertiser=${filled}`, '--transfer', 'init', '--dimension', '32', '--epochs', '3'];
  const from = ['--history-from', files.log];
  const options = [...impressions, ...histories, ...from, ...vectors, '--out', model];
  const clickModel = call('click', 'train', files.labels, ...options);
  say('click', `validation AUC ${clickModel.validation.auc.value.toFixed(3)} after ${clickModel.epochs} epochs`);
  const judged = call('click', 'evaluate', model, files.test, ...from);
  say(
    'evaluate',
    `AUC ${judged.auc.value.toFixed(3)} on the next day, ${count(judged.rows)} rows, ` +
      `calibration ${judged.calibration.value.toFixed(2)}`,
  );

  cpSync(fresh, accepted);
  publish(filled, at('published', 'advertisers', `${date}.parquet`));
  publish(model, at('published', 'clicks', date));
  const { version, alignment, chain } = call('info', filled);
  say('publish', `version ${version} of the space ${alignment}, ${chain.length} in its chain`);
  /** @type {{ origin: string } | undefined} */
  const rung = rungs.find(
    (/** @type {{ origin: string, count: number }} */ { origin, count }) =>
      count > 0 && origin !== 'learned' && origin !== 'shrunk',
  );
  await ask(url, { version, date, origin: rung?.origin ?? 'learned' });
}

/**
 * Copies beside and renames, so that the service never sees half a version.
 *
 * @param {string} from
 * @param {string} to
 */
function publish(from, to) {
  const beside = join(to, '..', '.half-written');
  rmSync(beside, { recursive: true, force: true });
  cpSync(from, beside, { recursive: true });
  renameSync(beside, to);
}

/**
 * Asks the service for what is like an advertiser that nobody has clicked yet, and whether one user clicks it.
 *
 * @param {string} url
 * @param {{ version: string, date: string, origin: string }} published `origin` is that of the vectors of new advertisers
 */
async function ask(url, { version, date, origin: rung }) {
  /** @type {(path: string, body?: object) => Promise<any>} */
  const get = async (path, body) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, body && { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail);
    return answer;
  };
  // a model without a version yet is not there
  /** @type {(model: string) => Promise<{ name: string, version: string } | undefined>} */
  const served = async (model) => (await get(`/v1/models/${model}`).catch(() => undefined))?.versions[0];
  for (let tries = 0; ; tries++) {
    if ((await served('advertisers'))?.version === version && (await served('clicks'))?.name === date) break;
    if (tries > 3000) throw new Error('the service does not serve what was published');
    await pause(100);
  }
  const like = await get('/v1/neighbors', {
    model: 'advertisers',
    where: { origin: rung },
    history: ['Nobody', ...known],
    k: 1,
  });
  const [{ category, origin } = { category: known[0], origin: 'learned' }] = like.neighbors;
  const row = { advertiser: category, device: 'mobile', hour: 20, reading: [], history: known };
  const { probabilities } = await get('/v1/predict', { rows: [row] });
  const click = probabilities[0].toFixed(3);
  say('ask', `nearest new one to ${known.join(', ')}: ${category} (${origin}); click ${click}`);
}

/** What the user who is asked about has clicked. */
let known = [''];

rmSync(folder, { recursive: true, force: true });
for (const model of ['advertisers', 'clicks']) mkdirSync(at('published', model), { recursive: true });
const world = ['--users', '2500', '--advertisers', '300', '--languages', '4', '--impressions', '60000'];
const changes = ['--movers', '0.05', '--days', '5'];
execFileSync(process.execPath, [program, 'simulate', '--out', at('world'), ...world, ...changes, '--quiet']);
const connection = await (await DuckDBInstance.create()).connect();
const first = `SELECT advertiser FROM '${at('world', 'clicks.parquet')}' WHERE user_id = 1 ORDER BY time LIMIT 2`;
known = (await connection.runAndReadAll(first)).getColumns().flat().map(String);
const words = ['serve', at('published'), '--port', '0', '--poll', '1s', '--json', '--quiet'];
const service = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
const ended = once(service, 'exit');
try {
  const [printed] = await Promise.race([once(service.stdout, 'data'), ended]);
  const { url } = JSON.parse(String(printed));
  for (let number = 0; number < Number(nights); number++) await night(number, connection, url);
} finally {
  service.kill('SIGTERM');
  await ended;
}
