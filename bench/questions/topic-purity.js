import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Embedding, labelPurity } from 'category2vec';
import { trainOurs } from '../harness/contenders.js';
import { openDataSet, simulate } from '../harness/data-sets.js';
import { openCourt, writeVectors } from '../harness/judge.js';
import { median, round } from '../harness/measure.js';
import { hasPeer } from '../harness/peers.js';

export const question = 'How pure are topics within languages on the default world, with default options?';

/**
 * Three worlds, adjusted purity@10; the independent judge's figure stands beside ours where it can be run.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, threads, isTiny, say }) {
  const figures = [];
  for (const world of isTiny ? [1] : [1, 2, 3]) {
    const { histories, labelsOf } = await openDataSet(await simulate(folder, world, isTiny));
    const { labels = [], within = [] } = labelsOf(histories.vocabulary);
    const { embedding, seconds } = await trainOurs(histories, { threads });
    const attributes = new Map([
      ['topic', labels],
      ['language', within],
    ]);
    const options = { attribute: 'topic', within: 'language', k: 10, permutations: 0 };
    const { adjusted } = await labelPurity(new Embedding({ ...partsOf(embedding), attributes }), options);
    figures.push({
      world,
      adjusted: round(adjusted),
      judge: await judged(world, embedding, { train: histories, labels, within }),
      seconds: round(seconds),
    });
    say(JSON.stringify(figures.at(-1)));
  }
  return {
    ratio: median(figures.map(({ adjusted }) => adjusted)),
    unit: 'adjusted purity',
    floor: 0.7,
    hope: 0.85,
    figures,
  };

  /** @param {number} world @param {Embedding} embedding @param {import('../harness/judge.js').Task} task */
  async function judged(world, embedding, task) {
    if (!hasPeer('judge')) return undefined;
    const place = join(folder, `court-${world}`);
    await mkdir(place);
    const court = await openCourt(place, task);
    await writeVectors(embedding, join(place, 'ours'));
    const { adjusted = NaN } = await court.judge(join(place, 'ours'), {
      dimension: embedding.dimension,
      hasOutput: false,
    });
    return round(adjusted);
  }
}

/** @param {Embedding} embedding */
function partsOf({ vocabulary, dimension, vectors }) {
  return { vocabulary, dimension, vectors };
}
