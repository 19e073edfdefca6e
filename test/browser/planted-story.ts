/** The demo's page on a small world with known groups: what its pictures are taken of. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storyPage } from '../../examples/story-page.js';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { runJson } from '../cli/harness.js';
import { plantedEmbedding } from './planted.js';

/** AUC of each model at a tenth of the labels and at all of them. */
const scores: readonly (readonly [name: string, few: number, all: number])[] = [
  ['popularity', 0.581, 0.604],
  ['coClicks', 0.662, 0.67],
  ['logistic', 0.618, 0.64],
  ['logisticVectors', 0.702, 0.725],
  ['scratch', 0.646, 0.776],
  ['features', 0.717, 0.783],
  ['init', 0.72, 0.787],
  ['hard', 0.723, 0.782],
  ['soft', 0.719, 0.785],
  ['permuted within language', 0.526, 0.661],
];

/** Writes the page with its two maps. @returns its path */
export async function writeStory(folder: string): Promise<string> {
  const out = join(folder, 'story');
  await mkdir(out);
  const [own = '', learned = ''] = ['click-model-layer', 'category2vec'].map((name) => join(folder, `${name}.parquet`));
  await writeEmbedding(own, plantedEmbedding(240, { noise: 6 }));
  await writeEmbedding(learned, plantedEmbedding(240));
  const map = ['map', own, learned, '--color', 'group', '--method', 'pca'];
  await runJson([...map, '--out', join(out, 'maps.png')]);
  await runJson([...map, '--theme', 'dark', '--out', join(out, 'maps-dark.png')]);
  const nearest = ['amber-0', 'amber-6', 'birch-1', 'cedar-2', 'dahlia-3'].map((category, i) => ({
    category,
    similarity: 0.9 - i / 50,
    language: category.slice(0, -2),
    topic: 'finance',
  }));
  const path = join(folder, 'demo.html');
  await writeFile(
    path,
    storyPage({
      seconds: 91,
      k: 10,
      users: 6000,
      advertisers: 240,
      languages: 6,
      topics: 8,
      purities: [
        { name: 'language', own: 0.25, learned: 1, chance: 0.25, best: 1 },
        { name: 'topic', own: 0.6, learned: 0.83, chance: 0.12, best: 1 },
        { name: 'topic within language', own: 0.45, learned: 0.83, chance: 0.11, best: 0.83 },
      ],
      asked: 'amber-12',
      own: nearest,
      learned: nearest.map((neighbor) => ({ ...neighbor, language: 'amber' })),
      fractions: [0.1, 1].map((share, at) => ({
        share,
        best: 0.822,
        chosen: 'init',
        low: 0.061,
        high: 0.087,
        closed: 0.42,
        scores: scores.map(([name, ...values]) => {
          const auc = values[at] ?? 0;
          return { name, auc, low: auc - 0.013, high: auc + 0.013, over: auc - (at === 0 ? 0.646 : 0.776) };
        }),
      })),
    }),
  );
  return path;
}
