import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Embedding, projectEmbedding, projectionOptions, Vocabulary } from 'category2vec';
import { generator } from '../harness/click-logs.js';
import { trainOurs } from '../harness/contenders.js';
import { openDataSet, simulate } from '../harness/data-sets.js';
import { alternate, ratioOfRounds, round, timed } from '../harness/measure.js';
import { hasPeer, runPeer } from '../harness/peers.js';

export const question =
  "How soon is t-SNE done, beside scikit-learn's and openTSNE's on the same vectors, and which map keeps more?";

const dimension = 64;
const perplexity = projectionOptions.perplexity.default;

/**
 * @typedef {{ recall: number, trustworthiness: number, divergence: number, divergenceOfNearest: number }} Verdict one
 *   map before bench/peers/tsne_judge.py
 */

/**
 * The same unit vectors and perplexity for all, each with as many steps as it makes by default (ours 500, scikit-learn
 * 1,000, openTSNE 750); all maps before one judge. Our time holds the measuring of the map's quality, the peers' do
 * not. Then 100,000 categories, where there is no peer.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, threads, repeats, isTiny, say }) {
  const embedding = await trained(folder, isTiny ? 300 : 10_000);
  const vectors = join(folder, 'vectors.f32');
  await writeFile(vectors, embedding.vectors);
  const ours = async () => {
    const { value: map, seconds } = await timed(() => projectEmbedding(embedding, { metric: 'euclidean', threads }));
    await writeFile(join(folder, 'ours.f32'), map.coordinates);
    return { seconds };
  };
  /** @param {string} name @returns {() => Promise<{ seconds: number }>} */
  const peer = (name) => () =>
    runPeer(`tsne_${name}.py`, [vectors], { dimension, perplexity, threads, out: join(folder, `${name}.f32`) });
  const large = await hundredThousand({ threads, isTiny });
  say(`100k: ${JSON.stringify(large)}`);
  if (!hasPeer('sklearn')) {
    const { seconds } = await ours();
    return { figures: { rows: embedding.vocabulary.size, seconds: round(seconds), hundredThousand: large } };
  }
  const names = ['ours', 'sklearn', ...(hasPeer('openTSNE') ? ['opentsne'] : [])];
  const contenders = Object.fromEntries(names.map((name) => [name, name === 'ours' ? ours : peer(name)]));
  // The peers take most of a minute: a warm-up of them would teach nothing.
  const runs = await alternate(contenders, { repeats, hasWarmup: false });
  const files = names.map((name) => join(folder, `${name}.f32`));
  /** @type {{ maps: Verdict[] }} */
  const { maps } = await runPeer('tsne_judge.py', [vectors, ...files], { dimension, perplexity });
  const [own, other] = maps;
  if (own === undefined || other === undefined) throw new Error('the judge must speak of two maps');
  const seconds = Object.fromEntries(names.map((name) => [name, runs[name]?.seconds ?? []]));
  const ownSeconds = seconds['ours'] ?? [];
  const { opentsne } = seconds;
  const figures = {
    rows: embedding.vocabulary.size,
    seconds,
    maps: Object.fromEntries(names.map((name, i) => [name, maps[i]])),
    overOpenTsne: opentsne === undefined ? undefined : ratioOfRounds(opentsne, ownSeconds),
    recallAbove: round(own.recall - other.recall, 4),
    trustworthinessAbove: round(own.trustworthiness - other.trustworthiness, 4),
    divergenceRatio: round(own.divergence / other.divergence, 4),
    divergenceOfNearestRatio: round(own.divergenceOfNearest / other.divergenceOfNearest, 4),
    hundredThousand: large,
  };
  say(JSON.stringify(figures));
  return {
    ...ratioOfRounds(seconds['sklearn'] ?? [], ownSeconds),
    unit: '× scikit-learn; recall and trustworthiness at most 0.005 below, divergence at most 1.01 ×',
    floor: 7,
    hope: 10,
    figures,
  };
}

/**
 * Unit vectors of the most frequent categories of a trained world: real groups, of very different sizes.
 *
 * @param {string} folder
 * @param {number} most
 */
async function trained(folder, most) {
  const world = { users: most * 8, advertisers: Math.ceil(most * 1.1) };
  const { histories } = await openDataSet(await simulate(folder, 1, false, world));
  const { embedding } = await trainOurs(histories, { dimension });
  const rows = Math.min(most, embedding.vocabulary.size);
  const vectors = embedding.vectors.slice(0, rows * dimension);
  for (let row = 0; row < rows; row++) {
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    for (let i = 0; i < dimension; i++) vector[i] = (vector[i] ?? 0) / length;
  }
  const { keys, counts } = embedding.vocabulary;
  return new Embedding({ vocabulary: new Vocabulary(keys.slice(0, rows), counts.slice(0, rows)), dimension, vectors });
}

/** Planted groups of groups: 20 × 25 centers. @param {{ threads: number, isTiny: boolean }} options */
async function hundredThousand({ threads, isTiny }) {
  const rows = isTiny ? 1000 : 100_000;
  const random = generator(2);
  const normal = () => random() + random() + random() + random() + random() + random() - 3;
  const centers = new Float32Array(20 * dimension).map(() => normal() * 2);
  const inner = new Float32Array(500 * dimension).map(
    (_, i) => normal() + (centers[(Math.floor(i / dimension) % 20) * dimension + (i % dimension)] ?? 0),
  );
  const vectors = new Float32Array(rows * dimension).map(
    (_, i) => normal() * 0.7 + (inner[(Math.floor(i / dimension) % 500) * dimension + (i % dimension)] ?? 0),
  );
  const keys = Array.from({ length: rows }, (_, row) => `c${row}`);
  const vocabulary = new Vocabulary(keys, new Float64Array(rows).fill(1));
  const embedding = new Embedding({ vocabulary, dimension, vectors });
  const { value: map, seconds } = await timed(() => projectEmbedding(embedding, { threads }));
  const { recall, trustworthiness, klDivergence, graphRecall } = map.quality;
  return { rows, seconds: round(seconds), recall, trustworthiness, klDivergence, graphRecall };
}
