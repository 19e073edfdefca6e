// One trial of a side on a task: train, write the vectors, let the judge score them.
import { join } from 'node:path';
import { trainGensim, trainOurs } from './contenders.js';
import { leaveOneOut } from './histories.js';
import { openCourt, writeVectors } from './judge.js';
import { openDataSet } from './data-sets.js';
import { round } from './measure.js';

/** @typedef {'ours' | 'gensim'} Side */

/**
 * @typedef {object} Trial
 * @property {Side} side
 * @property {number} epochs
 * @property {number} learningRate
 * @property {number} seconds of training alone
 * @property {number} [purity] adjusted
 * @property {number} [hitRate] HR@10 by the rule that the other half of the questions chose
 * @property {string} [rule]
 * @property {import('./judge.js').Verdict} verdict
 */

/**
 * A data set with one click of every history of three or more held out, and the judge who knows the answers.
 *
 * @param {string} folder
 * @param {import('./data-sets.js').DataSet} set
 */
export async function openTask(folder, set) {
  const { histories, labelsOf } = await openDataSet(set);
  const { train, questions: all } = leaveOneOut(histories, 1);
  // every rule scores every category for each: 5,000 give intervals of ±0.01 and keep the judge from taking longer than
  // the training
  const questions = all.filter((_, i) => i % Math.ceil(all.length / 5000) === 0);
  const court = await openCourt(folder, { train, questions, ...labelsOf(train.vocabulary) });

  /**
   * @param {Side} side
   * @param {import('./contenders.js').Settings & { epochs: number, learningRate: number, dimension: number }} settings
   * @returns {Promise<Trial>}
   */
  async function attempt(side, settings) {
    const out = join(folder, side);
    const seconds = await (side === 'ours' ? ours(out) : gensim(out));
    const verdict = await court.judge(out, { dimension: settings.dimension });
    const { epochs, learningRate } = settings;
    const { adjusted, best } = verdict;
    return {
      side,
      epochs,
      learningRate,
      seconds: round(seconds),
      ...(adjusted === undefined ? {} : { purity: round(adjusted, 4) }),
      ...(best === undefined ? {} : { hitRate: round(best.HR10, 4), rule: best.rule }),
      verdict,
    };

    async function ours(/** @type {string} */ path) {
      const run = await trainOurs(train, settings);
      await writeVectors(run.embedding, path);
      return run.seconds;
    }
    async function gensim(/** @type {string} */ path) {
      return (await trainGensim(court.lines, { ...settings, out: path, rows: court.rows })).seconds;
    }
  }
  return { train, attempt };
}

/** A trial without the scores of every row, for a report. @param {Trial} trial */
export function brief(trial) {
  const { side, epochs, learningRate, seconds, purity, hitRate, rule } = trial;
  return { side, epochs, learningRate, seconds, purity, hitRate, rule };
}
