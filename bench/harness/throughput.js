// The click log that speed is measured on, in both sides' forms, and the comparison of pairs a second.
import { join } from 'node:path';
import { drawClickLog } from './click-logs.js';
import { millions, trainGensim, trainOurs } from './contenders.js';
import { historiesFromLog, writeLines } from './histories.js';
import { alternate, ratioOfRounds } from './measure.js';
import { hasPeer } from './peers.js';

/**
 * 200,000 histories over 50,000 categories: 2.4M clicks, 62M ordered pairs.
 *
 * @param {import('../run.js').Bench} bench
 * @param {number} [seed]
 */
export async function openThroughputLog({ folder, isTiny }, seed = 1) {
  const log = drawClickLog(isTiny ? { histories: 2000, categories: 1000, seed } : { seed });
  const histories = historiesFromLog(log);
  const lines = join(folder, 'histories.txt');
  await writeLines(histories, lines);
  return { log, histories, lines };
}

/**
 * Pairs a second of skip-gram on whole histories, D = 64, 5 negatives, one epoch a run.
 *
 * @param {import('../run.js').Bench} bench
 * @param {{ hogwild: boolean, floor: number, hope: number }} goal
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function comparePairsPerSecond(bench, { hogwild, floor, hope }) {
  const { threads, repeats, say } = bench;
  const { histories, lines } = await openThroughputLog(bench);
  const settings = { dimension: 64, negatives: 5, epochs: 1, threads };
  /** @type {Record<string, (round: number) => Promise<import('./contenders.js').Run>>} */
  const contenders = { ours: () => trainOurs(histories, { ...settings, hogwild, weighting: 'pair' }) };
  if (threads > 1 && !hogwild) {
    contenders['oneThread'] = () => trainOurs(histories, { ...settings, threads: 1, weighting: 'pair' });
  }
  if (hasPeer('gensim')) contenders['gensim'] = () => trainGensim(lines, settings);
  const results = await alternate(contenders, { repeats });
  const figures = Object.fromEntries(
    Object.entries(results).map(([name, { median, seconds }]) => [
      name,
      { millionPairsPerSecond: millions(median.pairsPerSecond), millionPairs: millions(median.pairs), seconds },
    ]),
  );
  for (const [name, { millionPairsPerSecond }] of Object.entries(figures))
    say(`${name}: ${millionPairsPerSecond} Mpairs/s`);
  const { ours, gensim } = results;
  if (ours === undefined || gensim === undefined) return { figures };
  // the pairs are the same in every round
  const rounds = ratioOfRounds(
    gensim.seconds.map((seconds) => seconds / gensim.median.pairs),
    ours.seconds.map((seconds) => seconds / ours.median.pairs),
  );
  const unit =
    `× gensim's pairs per second, ${threads} threads each; ours shares negatives within a unit, ` +
    'gensim draws 5 for each pair';
  return { ...rounds, unit, floor, hope, figures };
}
