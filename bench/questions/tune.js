import { trainEmbedding, tune } from 'category2vec';
import { listDataSets, openDataSet, simulate } from '../harness/data-sets.js';
import { round } from '../harness/measure.js';

export const question = 'Does tune find more next clicks than random search of the same options at the same budget?';

// What the library does not export.
const [{ nextClickJudge }, { drawSetting, tuneSpace }, { Random }] =
  /**
   * @type {[
   *   typeof import('../../src/experiments/tune-judges.js'),
   *   typeof import('../../src/experiments/tune-space.js'),
   *   typeof import('../../src/numerics/random.js'),
   * ]}
   */ (
    await Promise.all(
      ['experiments/tune-judges.js', 'experiments/tune-space.js', 'numerics/random.js'].map(
        (path) => import(new URL(`../../dist/${path}`, import.meta.url).href),
      ),
    )
  );

/** @typedef {import('category2vec').TuneTrial} TuneTrial */
/** @typedef {{ set: string, seed: number, cost: number, tune: number, random: number, difference: object }} Found */

/** Trials of a search by tune, of which most cost a ninth or a third of a training. */
const trials = 40;
const seeds = [1, 2, 3];

/**
 * On every set, with three seeds: `tune`, and settings drawn at random from the same space and trained whole until they
 * have cost as much as its trials; both begin with the default. Either choice is made on the validation part; the
 * difference of HR@10 is of the test part, paired over users. `--only SET,…` and `--data DIR` choose the sets.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, data, only, threads, isTiny, say }) {
  const isWanted = (/** @type {string} */ name) => !only || only.includes(name);
  const worlds = isWanted('world 1') ? [await simulate(folder, 1, isTiny)] : [];
  const sets = [...worlds, ...(isTiny ? [] : listDataSets(data).filter(({ name }) => isWanted(name)))];
  /** @type {Found[]} */
  const figures = [];
  for (const set of sets) {
    const { histories } = await openDataSet(set);
    for (const seed of isTiny ? [1] : seeds) {
      const found = { set: set.name, seed, ...(await compare(histories, { seed, threads, isTiny }, set.time)) };
      figures.push(found);
      say(JSON.stringify(found));
    }
  }
  const means = sets.map(({ name }) => {
    const own = figures.filter(({ set }) => set === name);
    return own.reduce((sum, found) => sum + found.tune - found.random, 0) / own.length;
  });
  const won = means.filter((difference) => difference > 0).length / Math.max(1, means.length);
  return { ratio: round(won), unit: 'of the sets on which tune finds more', floor: 0.5, figures };
}

/**
 * @param {import('category2vec').Histories} histories
 * @param {{ seed: number, threads: number, isTiny: boolean }} how
 * @param {string | undefined} time
 */
async function compare(histories, { seed, threads, isTiny }, time) {
  const parts = { ...(time === undefined ? { leaveDrawn: true } : { leaveLast: true }), seed };
  const fixed = /** @type {const} */ ({ goal: 'next', dimension: 64 });
  const tuned = await tune(histories, { ...parts, fixed, threads, resamples: 0, trials: isTiny ? 3 : trials });
  const cost = tuned.trials.reduce((sum, { share }) => sum + share, 0);
  const judge = nextClickJudge(histories, 'HR10', { ...parts, resamples: 400 });
  /** @type {import('../../src/experiments/tune-judges.js').TrainSetting} */
  const train = (log, setting) => trainEmbedding(log, { ...setting, seed, threads, measuresChance: false });
  const space = tuneSpace(fixed, histories.isOrdered);
  const random = new Random(seed, 0x72_61_6e_64);
  const [first] = tuned.trials;
  let best = { setting: first?.setting ?? fixed, score: first?.score ?? 0, rule: first?.rule };
  for (let spent = 1; spent + 1 <= cost + 0.5; spent++) {
    const setting = drawSetting(space, random);
    const { score, rule } = await judge
      .validate(setting, 1, train)
      .catch(() => ({ score: -Infinity, rule: undefined }));
    if (score > best.score) best = { setting, score, rule };
  }
  const { chosen, default: other, difference } = await judge.test(tuned.best, best, train);
  const told = { value: round(difference.value), low: round(difference.low), high: round(difference.high) };
  const settings = { tune: tuned.best.setting, random: best.setting };
  return { cost: round(cost, 1), tune: round(chosen.value), random: round(other.value), difference: told, settings };
}
