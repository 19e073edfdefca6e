import { join } from 'node:path';
import { trainFastText, trainGensim, trainOurs } from '../harness/contenders.js';
import { openCourt, writeVectors } from '../harness/judge.js';
import { alternate, round } from '../harness/measure.js';
import { hasPeer } from '../harness/peers.js';
import { openThroughputLog } from '../harness/throughput.js';

export const question = 'How soon does CBOW reach the topic purity of gensim’s CBOW?';

const dimension = 64;
/**
 * Twelve settings a side: three, with two numbers of epochs, from the range that suits it; each with frequent
 * categories thinned out a little and a lot.
 */
const learningRates = [0.05, 0.1, 0.2];
const own = [
  { learningRate: 2.5, sharedNegatives: 20 },
  { learningRate: 3, sharedNegatives: 24 },
  { learningRate: 4, sharedNegatives: 40 },
];
const subsamplings = [1e-5, 3e-6];
const epochsOfGensim = [5, 10];
const ownEpochs = [3, 4];

/**
 * @typedef {{ learningRate: number, sharedNegatives?: number, subsampling: number, epochs: number, seconds: number,
 *   purity: number }} Trial
 */

/**
 * The goal is gensim's best purity less 0.01. The fastest setting of either side that reaches it is then timed anew, in turn.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run(bench) {
  const { folder, threads, repeats, isTiny, say } = bench;
  if (!hasPeer('gensim') || !hasPeer('judge'))
    return { skipped: 'gensim and scipy are needed to compare and to judge' };
  const { log, histories } = await openThroughputLog(bench);
  const named = (/** @type {Int32Array} */ values) =>
    histories.vocabulary.keys.map((key) => `${values[Number(key.slice(1))]}`);
  const court = await openCourt(folder, { train: histories, labels: named(log.topics), within: named(log.languages) });
  const settings = { model: /** @type {const} */ ('cbow'), dimension, threads };
  /** @param {Trial[]} trials @param {string} name @param {Omit<Trial, 'purity'>} trial */
  const judged = async (trials, name, trial) => {
    const { adjusted = NaN } = await court.judge(join(folder, name), { dimension, hasOutput: false });
    trials.push({ ...trial, seconds: round(trial.seconds), purity: round(adjusted) });
    say(`${name} ${JSON.stringify(trials.at(-1))}`);
  };

  const gensimWith = (/** @type {{ learningRate: number, subsampling: number, epochs: number }} */ setting) =>
    trainGensim(court.lines, {
      ...settings,
      negatives: 5,
      epochs: setting.epochs,
      learningRate: setting.learningRate,
      subsampling: setting.subsampling,
      out: join(folder, 'gensim'),
      rows: court.rows,
    });
  const oursWith = (
    /** @type {{ learningRate: number, subsampling: number, sharedNegatives?: number, epochs: number }} */ setting,
  ) => trainOurs(histories, { ...settings, ...setting });

  /** @type {Trial[]} */
  const theirs = [];
  for (const setting of settingsOf(
    learningRates.map((learningRate) => ({ learningRate })),
    isTiny ? [1] : epochsOfGensim,
  )) {
    const { seconds } = await gensimWith(setting);
    await judged(theirs, 'gensim', { ...setting, seconds });
  }
  const goal = best(theirs).purity - 0.01;
  const gensim = fastest(theirs, goal);

  /** @type {Trial[]} */
  const ours = [];
  for (const setting of settingsOf(own, isTiny ? [1] : ownEpochs)) {
    const { embedding, seconds } = await oursWith(setting);
    await writeVectors(embedding, join(folder, 'ours'));
    await judged(ours, 'ours', { ...setting, seconds });
  }
  const quickest = fastest(ours, goal);
  const fastText = hasPeer('fasttext')
    ? await trainFastText(court.lines, { ...settings, negatives: 5, epochs: isTiny ? 1 : 5 })
    : undefined;
  const figures = { gensim: theirs, ours, fastText };
  if (quickest === undefined || gensim === undefined)
    return { figures, floor: 4, hope: 8, unit: 'gensim’s purity was not reached' };
  const { learningRate, sharedNegatives = 0, subsampling, epochs } = quickest;
  const again = await alternate(
    {
      gensim: async () => ({ seconds: (await gensimWith(gensim)).seconds }),
      ours: async () => ({ seconds: (await oursWith({ learningRate, sharedNegatives, subsampling, epochs })).seconds }),
    },
    { repeats, hasWarmup: false },
  );
  for (const [name, { seconds }] of Object.entries(again)) say(`${name} again ${JSON.stringify(seconds)}`);
  return {
    ratio: round((again['gensim']?.median.seconds ?? NaN) / (again['ours']?.median.seconds ?? NaN), 1),
    unit: '× gensim’s time to its purity',
    floor: 4,
    hope: 8,
    figures: { ...figures, again },
  };
}

/** @template T @param {readonly T[]} settings @param {readonly number[]} epochs */
function settingsOf(settings, epochs) {
  return epochs.flatMap((count) =>
    subsamplings.flatMap((subsampling) => settings.map((setting) => ({ ...setting, subsampling, epochs: count }))),
  );
}

/** @param {readonly Trial[]} trials @param {number} goal */
function fastest(trials, goal) {
  return trials.filter(({ purity }) => purity >= goal).toSorted((a, b) => a.seconds - b.seconds)[0];
}

/** @param {readonly Trial[]} trials */
function best(trials) {
  return trials.reduce((a, b) => (b.purity > a.purity ? b : a));
}
