/**
 * An embedding and a click model, trained again every night of a simulated week, and published where a gate lets them through.
 *
 * node examples/nightly/run.js [nights] [folder], after `npm run build`. Each step is one command; docs/nightly.md tells what they decide.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const [nights = '3', folder = 'nightly-output'] = process.argv.slice(2);
/** @param {...string} names */
const at = (...names) => join(folder, ...names);

/**
 * Runs a command and gives its JSON. A gate that was not met ends with 3, which is an answer; anything else ends the night.
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
 */
async function night(number, connection) {
  const today = new Date(Date.UTC(2025, 2, 5 + number));
  /** @type {(offset: number) => string} */
  const day = (offset) => `TIMESTAMP '${new Date(today.getTime() + offset * 86_400_000).toISOString().slice(0, 10)}'`;
  const files = { log: at('log.parquet'), labels: at('labels.parquet'), test: at('test.parquet') };
  /** @type {(rows: string, file: string) => Promise<unknown>} */
  const copy = (rows, file) => connection.run(`COPY (${rows}) TO '${file}' (FORMAT parquet)`);
  const clicks = `SELECT * FROM read_parquet(['${at('world', 'clicks.parquet')}', '${at('world', 'next-clicks.parquet')}'])`;
  const shown = `SELECT * FROM '${at('world', 'impressions.parquet')}'`;
  await copy(`${clicks} WHERE time >= ${day(-35)} AND time < ${day(-7)}`, files.log);
  await copy(`${shown} WHERE time >= ${day(-7)} AND time < ${day(0)}`, files.labels);
  await copy(`${shown} WHERE time >= ${day(0)} AND time < ${day(1)}`, files.test);

  console.log(`\nNight ${number + 1}, ${today.toISOString().slice(0, 10)}`);
  const [fresh, filled, model] = [at('fresh.parquet'), at('filled.parquet'), at('model')];
  const yesterday = number === 0 ? undefined : at('published', 'embedding.parquet');
  const columns = ['--history', 'user_id', '--category', 'advertiser', '--time', 'time'];
  const aligned = yesterday === undefined ? [] : ['--align-to', yesterday];
  const trained = call('train', files.log, ...columns, '--dimension', '32', ...aligned, '--out', fresh);
  say(
    'train',
    `${trained.categories} advertisers from ${trained.clicks} clicks${yesterday === undefined ? '; the chain begins' : ', aligned'}`,
  );

  if (yesterday !== undefined) {
    const compared = call('compare', yesterday, fresh, '--log', files.log, '--fail-above', '0.1');
    const { appeared, vanished, beyondFloor, movers } = compared;
    say(
      'compare',
      `${appeared} appeared, ${vanished} vanished, ${percent(beyondFloor.value)} beyond the noise floor, ${movers.length} movers`,
    );
    say('gate', compared.isPassed ? 'passed: at most 10 % beyond the floor' : "not met: yesterday's version stays");
    if (!compared.isPassed) return;
  }

  const { rungs } = call(
    'fill',
    fresh,
    '--attributes',
    at('world', 'advertisers.csv'),
    '--key',
    'advertiser',
    '--out',
    filled,
  );
  say(
    'fill',
    rungs
      .filter((/** @type {{ count: number }} */ { count }) => count > 0)
      .map((/** @type {{ origin: string, count: number }} */ { origin, count }) => `${count} ${origin}`)
      .join(', '),
  );

  const impressions = [
    '--label',
    'clicked',
    '--categorical',
    'advertiser,device',
    '--numeric',
    'hour',
    '--list',
    'reading',
  ];
  const histories = [
    '--user',
    'user_id',
    '--time',
    'time',
    '--history-category',
    'advertiser',
    '--share',
    'advertiser=history',
  ];
  const vectors = ['--embedding', `advertiser=${filled}`, '--transfer', 'init', '--dimension', '32', '--epochs', '3'];
  const from = ['--history-from', files.log];
  rmSync(model, { recursive: true, force: true });
  const clickModel = call(
    'click',
    'train',
    files.labels,
    ...impressions,
    ...histories,
    ...from,
    ...vectors,
    '--out',
    model,
  );
  say('click', `validation AUC ${clickModel.validation.auc.value.toFixed(3)} after ${clickModel.epochs} epochs`);
  const judged = call('click', 'evaluate', model, files.test, ...from);
  say(
    'evaluate',
    `AUC ${judged.auc.value.toFixed(3)} on the next day, ${judged.rows} rows, calibration ${judged.calibration.value.toFixed(2)}`,
  );

  // published whole: the folder holds yesterday's or today's, and beside them every version of the chain
  cpSync(fresh, at('published', 'embedding.parquet'));
  cpSync(filled, at('published', 'advertisers', `${today.toISOString().slice(0, 10)}.parquet`));
  cpSync(model, at('published', 'clicks', today.toISOString().slice(0, 10)), { recursive: true });
  const { version, alignment, chain } = call('info', fresh);
  say('publish', `version ${version} of the space ${alignment}, ${chain.length} in its chain`);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(at('published', 'advertisers'), { recursive: true });
mkdirSync(at('published', 'clicks'), { recursive: true });
const world = ['--users', '2500', '--advertisers', '300', '--languages', '4', '--impressions', '60000'];
const changes = ['--movers', '0.05', '--cold-start', '0.1'];
execFileSync(process.execPath, [program, 'simulate', '--out', at('world'), ...world, ...changes, '--quiet']);
const connection = await (await DuckDBInstance.create()).connect();
for (let number = 0; number < Number(nights); number++) await night(number, connection);
