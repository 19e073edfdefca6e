import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  compareTransfers,
  encodeImpressions,
  fitEncoder,
  readHistories,
  readImpressions,
  splitImpressions,
  trainEmbedding,
  withOwnHistories,
} from 'category2vec';
import { probabilityDifferences } from '../../dist/numerics/probability-bootstrap.js';
import { logisticRegression } from '../harness/logistic.js';
import { round } from '../harness/measure.js';

export const question =
  'On real data, are the transfers worse than scratch, and than logistic regression on the same features?';

/** @typedef {import('category2vec').ComparisonInput & import('category2vec').ComparisonOptions} Task */
/** @typedef {{ name: string, task: Task, isSmokeTest: boolean }} RealTask */

/**
 * Film ratings of 8 and more as clicks, split by time, and a sample of search advertising as a smoke test. Every model
 * tries three settings on the validation rows; the transfer is chosen there too. Differences are of the test rows,
 * means of three seeds, paired, drawn over users.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ data, isTiny, threads, say }) {
  const films = join(data ?? '', 'movietweetings_100k', 'events.csv.gz');
  const searches = join(data ?? '', 'kdd2012_click_small', 'data.csv.gz');
  if (data === undefined || !existsSync(films) || !existsSync(searches)) {
    return { skipped: 'name a folder with movietweetings_100k and kdd2012_click_small: --data FOLDER' };
  }
  const figures = [];
  for (const task of [await filmTask(films, threads), await searchTask(searches, threads)]) {
    const found = await compare(task, { isTiny, threads });
    figures.push(found);
    say(JSON.stringify(found));
  }
  return { ratio: figures[0]?.overScratch.low ?? NaN, unit: 'AUC over scratch, lower end', floor: -0.01, figures };
}

/** @param {RealTask} real @param {{ isTiny: boolean, threads: number }} how */
async function compare({ name, task, isSmokeTest }, { isTiny, threads }) {
  /** @type {Map<string, Float64Array[]>} */
  const runs = new Map();
  const seeds = isTiny || isSmokeTest ? 1 : 3;
  const comparison = await compareTransfers(
    { impressions: task.impressions, split: task.split, transfers: task.transfers },
    {
      encoder: task.encoder,
      // hard and soft continue on the clicks of a log, which the smoke test has none of
      names: isSmokeTest ? ['scratch', 'features', 'init'] : ['scratch', 'features', 'init', 'hard', 'soft'],
      fractions: [1],
      seeds,
      settings: isTiny ? 1 : 3,
      training: { ...task.training, threads, ...(isTiny ? { epochs: 1 } : {}) },
    },
    {
      clock: () => performance.now() / 1000,
      onRun: ({ transfer, probabilities }) => void runs.set(transfer, [...(runs.get(transfer) ?? []), probabilities]),
    },
  );
  runs.set('logistic', logisticRuns(task, isTiny ? 1 : seeds));
  const { impressions, split } = task;
  const pick = (/** @type {ArrayLike<number> | undefined} */ values) =>
    Float64Array.from(split.test, (row) => values?.[row] ?? 0);
  const tested = { labels: pick(impressions.labels), ...(impressions.users && { users: pick(impressions.users) }) };
  /** @param {string} one @param {string} other */
  const over = (one, other) => {
    const found = probabilityDifferences(tested, [runs.get(one) ?? [], runs.get(other) ?? []], { resamples: 400 });
    return { ...roundAll(found.auc), logLoss: roundAll(found.logLoss) };
  };
  const transfer = comparison.chosen[0]?.transfer ?? '';
  const aucs = Object.fromEntries(comparison.summary.map(({ transfer: each, auc }) => [each, round(auc.value)]));
  return {
    name,
    rows: [split.training.length, split.validation.length, split.test.length],
    aucs: { ...aucs, logistic: round((aucs['scratch'] ?? NaN) + over('logistic', 'scratch').value) },
    chosen: transfer,
    overScratch: over(transfer, 'scratch'),
    overLogistic: over(transfer, 'logistic'),
    overCoClicks: runs.has('coClicks') ? over(transfer, 'coClicks') : undefined,
    each: Object.fromEntries(
      ['features', 'init', 'hard', 'soft']
        .filter((each) => runs.has(each))
        .map((each) => [each, { overScratch: over(each, 'scratch'), overLogistic: over(each, 'logistic') }]),
    ),
    settings: comparison.rows.map(({ transfer: each, seed, setting }) => ({ transfer: each, seed, ...setting })),
  };
}

/** @param {import('../../dist/numerics/bootstrap.js').Figure} figure */
function roundAll({ value, low, high }) {
  return { value: round(value), low: round(low), high: round(high) };
}

/** @param {RealTask['task']} task @param {number} seeds */
function logisticRuns({ impressions, split, encoder }, seeds) {
  const fitted = fitEncoder(impressions, split.training, encoder);
  const data = {
    rows: encodeImpressions(impressions, fitted),
    tableSizes: fitted.tables.map(({ vocabulary }) => vocabulary.size + 1),
  };
  return Array.from({ length: seeds }, (_, i) => logisticRegression(data, { ...split, seed: i + 1 }));
}

/**
 * The first half of the time is the log that the embedding learns from; the second half is split by time. Histories are
 * the films that a user rated 8 or more strictly before, in both halves.
 *
 * @param {string} path @param {number} threads @returns {Promise<RealTask>}
 */
async function filmTask(path, threads) {
  const all = `SELECT "user", item, timestamp::BIGINT AS seconds, (rating::INT >= 8)::INT AS clicked FROM
    read_csv('${path}', all_varchar = true)`;
  const cut = `(SELECT quantile_disc(seconds, 0.5) FROM (${all}))`;
  const clicks = { sql: `SELECT * FROM (${all}) WHERE clicked = 1` };
  const histories = await readHistories(
    { sql: `SELECT * FROM (${all}) WHERE clicked = 1 AND seconds < ${cut}` },
    { history: 'user', category: 'item', time: 'seconds' },
  );
  const embedding = await trainEmbedding(histories, { dimension: 32, epochs: 30, threads, seed: 1 });
  const impressions = await readImpressions(
    { sql: `SELECT * FROM (${all}) WHERE seconds >= ${cut} ORDER BY seconds, "user", item` },
    {
      label: 'clicked',
      categorical: ['item'],
      user: 'user',
      time: 'seconds',
      histories: [{ source: clicks, category: 'item' }],
      share: [['item', 'history']],
    },
  );
  return {
    name: 'movietweetings_100k',
    isSmokeTest: false,
    task: {
      impressions,
      split: splitImpressions(impressions, { split: [60, 20, 20], by: 'time' }),
      transfers: [{ column: 'item', embedding, histories }],
    },
  };
}

/**
 * Rows dealt to parts by number. The embedding of advertisers is learned from which of them stand at one keyword in
 * training rows, whatever was clicked.
 *
 * @param {string} path @param {number} threads @returns {Promise<RealTask>}
 */
async function searchTask(path, threads) {
  const all = `SELECT *, row_number() OVER () - 1 AS number FROM read_csv('${path}', all_varchar = true)`;
  const histories = await readHistories(
    { sql: `SELECT * FROM (${all}) WHERE number % 10 < 8` },
    { history: 'keyword_id', category: 'advertiser_id' },
  );
  const embedding = await trainEmbedding(histories, { dimension: 16, epochs: 10, threads, seed: 1 });
  const table = await readImpressions(
    { sql: `SELECT * REPLACE (nullif(user_id, '0') AS user_id) FROM (${all}) ORDER BY number` },
    {
      label: 'click',
      categorical: ['advertiser_id', 'ad_id', 'keyword_id', 'title_id', 'position', 'depth'],
      user: 'user_id',
    },
  );
  const numbers = Uint32Array.from({ length: table.count }, (_, i) => i);
  const split = {
    by: /** @type {const} */ ('row'),
    training: numbers.filter((i) => i % 10 < 8),
    validation: numbers.filter((i) => i % 10 === 8),
    test: numbers.filter((i) => i % 10 === 9),
  };
  const impressions = withOwnHistories(table, { rows: split.training, category: 'advertiser_id' });
  return {
    name: 'kdd2012_click_small',
    isSmokeTest: true,
    task: {
      impressions,
      split,
      encoder: { minCount: 5 },
      transfers: [{ column: 'advertiser_id', embedding }],
      training: { dimension: 16 },
    },
  };
}
