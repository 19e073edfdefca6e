import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  compareTransfers,
  readHistories,
  readImpressions,
  splitImpressions,
  trainEmbedding,
  withOwnHistories,
} from 'category2vec';
import { nestedFraction } from '../../dist/impressions/splits.js';
import { probabilityDifferences } from '../../dist/numerics/probability-bootstrap.js';
import { boostedTrees } from '../harness/boosting.js';
import { round } from '../harness/measure.js';
import { hasPeer } from '../harness/peers.js';

export const question =
  'On real data, are the transfers worse than scratch, and than logistic regression on the same features?';

/** @typedef {import('category2vec').ComparisonInput & import('category2vec').ComparisonOptions} Task */
/** @typedef {{ name: string, task: Task, isSmokeTest: boolean }} RealTask */
/** @typedef {{ isTiny: boolean, threads: number, folder: string }} How */

/**
 * Film ratings of 8 and more as clicks, split by time, with 3 % to all of the labels, and a sample of search advertising
 * as a smoke test. Nothing is given to the networks; the transfer is chosen on the validation rows. Beside them logistic
 * regression and gradient boosting on what the networks read, without the vectors and with their products. Differences
 * are of the test rows, means of the seeds, paired, drawn over users.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ data, isTiny, threads, folder, say }) {
  const films = join(data ?? '', 'movietweetings_100k');
  const searches = join(data ?? '', 'kdd2012_click_small', 'data.csv.gz');
  if (data === undefined || !existsSync(films) || !existsSync(searches)) {
    return { skipped: 'name a folder with movietweetings_100k and kdd2012_click_small: --data FOLDER' };
  }
  const figures = [];
  for (const task of [await filmTask(films, threads), await searchTask(searches, threads)]) {
    const found = await compare(task, { isTiny, threads, folder });
    figures.push(found);
    say(JSON.stringify(found));
  }
  const least = figures[0]?.fractions.map(({ overScratch }) => overScratch.low) ?? [];
  return {
    ratio: Math.min(...least),
    unit: 'AUC over scratch, lower end, at the worst fraction',
    floor: -0.01,
    figures,
  };
}

/** @param {RealTask} real @param {How} how */
async function compare({ name, task, isSmokeTest }, { isTiny, threads, folder }) {
  /** @type {Map<string, Float64Array[]>} */
  const runs = new Map();
  const keep = (/** @type {number} */ fraction, /** @type {string} */ model, /** @type {Float64Array} */ test) =>
    void runs.set(`${fraction} ${model}`, [...(runs.get(`${fraction} ${model}`) ?? []), test]);
  const seeds = isTiny || isSmokeTest ? 1 : 2;
  const fractions = isTiny ? [0.03] : isSmokeTest ? [1] : [0.03, 0.1, 0.3, 1];
  const { impressions, split, transfers = [], encoder } = task;
  const comparison = await compareTransfers(
    { impressions, split, transfers },
    {
      encoder,
      // hard and soft continue on the clicks of a log, which the smoke test has none of
      names: isSmokeTest ? ['scratch', 'features', 'init'] : ['scratch', 'features', 'init', 'hard', 'soft'],
      fractions,
      seeds,
      settings: isTiny ? 1 : 2,
      training: { ...task.training, threads, ...(isTiny ? { epochs: 1 } : {}) },
    },
    {
      clock: () => performance.now() / 1000,
      onRun: ({ transfer, fraction, probabilities }) => keep(fraction, transfer, probabilities),
    },
  );
  if (hasPeer('lightgbm')) {
    for (const fraction of fractions) {
      for (let seed = 1; seed <= seeds; seed++) {
        const part = {
          training: nestedFraction(split.training, fraction, seed),
          validation: nestedFraction(split.validation, fraction, seed),
          test: split.test,
        };
        const how = { folder, seed, threads };
        const plain = await boostedTrees({ impressions, encoder, transfers: [] }, part, how);
        const withVectors = await boostedTrees({ impressions, encoder, transfers }, part, how);
        keep(fraction, 'boosting', plain.test);
        keep(fraction, 'boostingVectors', withVectors.test);
      }
    }
  }
  const pick = (/** @type {ArrayLike<number> | undefined} */ values) =>
    Float64Array.from(split.test, (row) => values?.[row] ?? 0);
  const tested = { labels: pick(impressions.labels), ...(impressions.users && { users: pick(impressions.users) }) };
  return {
    name,
    rows: [split.training.length, split.validation.length, split.test.length],
    fractions: comparison.chosen.map(({ fraction, transfer }) => {
      const of = (/** @type {string} */ model) => runs.get(`${fraction} ${model}`);
      const models = [...runs.keys()].flatMap((key) =>
        key.startsWith(`${fraction} `) ? [key.split(' ')[1] ?? ''] : [],
      );
      const over = (/** @type {string} */ other) =>
        roundAll(probabilityDifferences(tested, [of(transfer) ?? [], of(other) ?? []], { resamples: 400 }).auc);
      const chosen = comparison.summary.find((row) => row.fraction === fraction && row.transfer === transfer);
      const others = models.filter((model) => model !== transfer);
      const beside = Object.fromEntries(others.map((model) => [model, over(model)]));
      const overScratch = over('scratch');
      return { fraction, chosen: transfer, auc: round(chosen?.auc.value ?? NaN), overScratch, chosenOver: beside };
    }),
    settings: comparison.rows.map(({ transfer, fraction, seed, setting }) => ({
      transfer,
      fraction,
      seed,
      ...setting,
    })),
  };
}

/** @param {import('../../dist/numerics/bootstrap.js').Figure} figure */
function roundAll({ value, low, high }) {
  return { value: round(value), low: round(low), high: round(high) };
}

/**
 * The first half of the time is the log that the embedding learns from; the second half is split by time. Histories are
 * the films that a user rated 8 or more strictly before, in both halves.
 *
 * @param {string} path @param {number} threads @returns {Promise<RealTask>}
 */
async function filmTask(path, threads) {
  const events = `read_csv('${join(path, 'events.csv.gz')}', all_varchar = true)`;
  const genres = `read_csv('${join(path, 'items.csv.gz')}', all_varchar = true)`;
  const all = `SELECT e."user", e.item, timestamp::BIGINT AS seconds, (rating::INT >= 8)::INT AS clicked, i.genres
    FROM ${events} e LEFT JOIN ${genres} i ON e.item = i.item`;
  const cut = `(SELECT quantile_disc(seconds, 0.5) FROM (${all}))`;
  const clicks = { sql: `SELECT * FROM (${all}) WHERE clicked = 1` };
  const histories = await readHistories(
    { sql: `SELECT * FROM (${all}) WHERE clicked = 1 AND seconds < ${cut}` },
    { history: 'user', category: 'item', time: 'seconds' },
  );
  const embedding = await trainEmbedding(histories, { threads, seed: 1 });
  const impressions = await readImpressions(
    { sql: `SELECT * FROM (${all}) WHERE seconds >= ${cut} ORDER BY seconds, "user", item` },
    {
      label: 'clicked',
      categorical: ['item'],
      lists: ['genres'],
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
