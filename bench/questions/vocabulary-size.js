import { millions, trainOurs } from '../harness/contenders.js';
import { drawClickLog } from '../harness/click-logs.js';
import { historiesFromLog } from '../harness/histories.js';
import { alternate, round } from '../harness/measure.js';

export const question = 'How much slower are pairs when there are 2 million categories instead of 50 thousand?';

/**
 * The same number and lengths of histories over both vocabularies, popularity falling as 1 / √rank so that nearly every
 * category occurs.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ threads, repeats, isTiny, say }) {
  const histories = isTiny ? 2000 : 1_000_000;
  const open = (/** @type {number} */ categories) =>
    historiesFromLog(drawClickLog({ histories, categories, exponent: 0.5 }));
  const few = open(isTiny ? 500 : 50_000);
  const many = open(isTiny ? 5000 : 2_000_000);
  const settings = { dimension: 64, negatives: 5, epochs: 1, threads };
  const results = await alternate(
    { few: () => trainOurs(few, settings), many: () => trainOurs(many, settings) },
    { repeats },
  );
  const figures = Object.fromEntries(
    Object.entries(results).map(([name, { median, seconds }]) => [
      name,
      { categories: median.embedding.vocabulary.size, millionPairsPerSecond: millions(median.pairsPerSecond), seconds },
    ]),
  );
  say(JSON.stringify(figures));
  const ratio = (results['many']?.median.pairsPerSecond ?? NaN) / (results['few']?.median.pairsPerSecond ?? NaN);
  return {
    ratio: round(ratio, 2),
    unit: 'of the pairs per second at 50,000 categories',
    floor: 0.4,
    hope: 0.7,
    figures,
  };
}
