import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readHistories, sweep } from 'category2vec';
import { listDataSets, simulate } from '../harness/data-sets.js';
import { readLabels } from '../harness/labels.js';
import { mean, round } from '../harness/measure.js';

export const question = 'Which defaults are best for click data, each set judged by defaults chosen on the others?';

/** Trials done, a JSON object a line, so that a sweep can be stopped and continued; remove it to begin anew. */
const resultsPath = fileURLToPath(new URL('../sweep.jsonl', import.meta.url));

const base = { learningRate: 0.5, epochs: 10, negatives: 10, noiseExponent: 0.5, dimension: 64 };

/**
 * One change from the base at a time, some in pairs, and word2vec's own for text.
 *
 * @type {Partial<import('category2vec').TrainingOptions>[]}
 */
export const candidates = [
  base,
  { ...base, learningRate: 1 },
  { ...base, noiseExponent: 0.75 },
  { ...base, epochs: 20 },
  { ...base, negatives: 5 },
  { ...base, noiseExponent: 0 },
  { ...base, learningRate: 0.3 },
  { ...base, learningRate: 0.1 },
  { learningRate: 0.025, epochs: 5, negatives: 5, noiseExponent: 0.75, dimension: 64, weighting: 'pair' },
  { ...base, negatives: 20 },
  { ...base, epochs: 5, learningRate: 1 },
  { ...base, learningRate: 0.2, weighting: 'pair' },
  { ...base, subsampling: 0.001 },
];

/**
 * Every candidate on every set: adjusted label purity and HR@10 of the best rule, trained on the part that is not held
 * out. A candidate's merit on a set is the mean of its scores, each divided by the best score of that set; the defaults
 * for a set are those of the highest mean merit on all other sets.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, data, threads, isTiny, say }) {
  if (data === undefined) say('no --data folder: the world and the demo’s packages only');
  const sets = [await simulate(folder, 1, isTiny), ...listDataSets(data)];
  const logs = [];
  for (const set of isTiny ? sets.slice(0, 1) : sets) logs.push(await openLog(set));
  const tried = isTiny ? candidates.slice(0, 2).map((one) => ({ ...one, epochs: 1 })) : candidates;
  const results = await sweep(
    { logs, candidates: tried.map((one) => ({ ...one, threads })), done: isTiny ? [] : await readResults(threads) },
    {},
    {
      onResult: async ({ log, options: given, seed, scores }) => {
        const options = { ...given };
        delete options.threads;
        say(`${log} ${JSON.stringify(options)} ${JSON.stringify(scores)}`);
        if (!isTiny) await appendFile(resultsPath, `${JSON.stringify({ log, options, seed, scores })}\n`);
      },
    },
  );
  const merits = meritsOf(results);
  const names = [...merits.keys()];
  const rows = tried.map((options, candidate) => ({
    options,
    mean: round(mean(names.map((name) => merits.get(name)?.[candidate] ?? NaN))),
    merits: Object.fromEntries(names.map((name) => [name, round(merits.get(name)?.[candidate] ?? NaN)])),
  }));
  const chosen = names.map((name) => {
    const others = names.filter((other) => other !== name);
    const overall = tried.map((_, i) => mean(others.map((other) => merits.get(other)?.[i] ?? NaN)));
    const best = overall.indexOf(Math.max(...overall));
    return { set: name, candidate: best, merit: round(merits.get(name)?.[best] ?? NaN) };
  });
  return {
    figures: { rows: rows.toSorted((a, b) => b.mean - a.mean), chosen },
    ratio: mean(chosen.map((one) => one.merit)),
    unit: 'of the best of each set, by defaults chosen on the others',
  };
}

/** @param {number} threads @returns {Promise<import('category2vec').TrialResult[]>} */
async function readResults(threads) {
  const text = await readFile(resultsPath, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { options, ...rest } = JSON.parse(line);
    return { ...rest, options: { ...options, threads } };
  });
}

/** @param {import('../harness/data-sets.js').DataSet} set @returns {Promise<import('category2vec').SweepLog>} */
async function openLog({ name, folder, events, history, category, time, attributes }) {
  const order = time === undefined ? {} : { time };
  const histories = await readHistories(join(folder, events), { history, category, ...order, keepSingles: true });
  const protocol = time === undefined ? {} : { leaveLast: true };
  const log = { name, histories, backtest: { ...protocol, resamples: 0 } };
  if (attributes === undefined) return log;
  const { path, key, label, within } = attributes;
  const columns = within === undefined ? [label] : [label, within];
  const table = await readLabels(join(folder, path), key, columns);
  const separator = label === 'genres' ? { separator: '|' } : {};
  return {
    ...log,
    purity: [{ attribute: label, ...(within === undefined ? {} : { within }), ...separator }],
    attributes: new Map(
      columns.map((column) => [column, new Map([...table].map(([one, values]) => [one, values[column] || null]))]),
    ),
  };
}

/** Log → merit of each candidate, in order. @param {readonly import('category2vec').TrialResult[]} results */
function meritsOf(results) {
  /** @type {Map<string, number[]>} */
  const merits = new Map();
  for (const log of new Set(results.map((result) => result.log))) {
    const own = results.filter((result) => result.log === log);
    const measures = Object.keys(own[0]?.scores ?? {}).filter((name) => name !== 'NDCG10');
    const best = new Map(measures.map((name) => [name, Math.max(...own.map(({ scores }) => scores[name] ?? 0))]));
    merits.set(
      log,
      own.map(({ scores }) => mean(measures.map((name) => (scores[name] ?? 0) / (best.get(name) || 1)))),
    );
  }
  return merits;
}
