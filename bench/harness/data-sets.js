// The data sets that quality is measured on: simulated worlds, the demo's packages, and those of a folder that --data names.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readHistories, simulateWorld, writeWorld } from 'category2vec';
import { labelsInRowOrder, readLabels } from './labels.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * What to read, and what to judge by. Paths are relative to the set's folder.
 *
 * @typedef {object} Description
 * @property {string} events
 * @property {string} history
 * @property {string} category
 * @property {string} [time] next clicks are the last in time; else one is drawn
 * @property {string} [where]
 * @property {{ path: string, key: string, label: string, within?: string }} [attributes]
 * @property {boolean} [isControl] whether its labels are so weak that a clear map of them would be wrong
 * @property {boolean} [hasQuestions] whether held-out clicks are asked; default true
 */

/** @typedef {{ name: string, folder: string } & Description} DataSet */
/** @typedef {{ labels?: string[], within?: string[] }} Labels in row order */

const userItem = { events: 'events.csv.gz', history: 'user', category: 'item' };

/** Folders that --data may hold. @type {Readonly<Record<string, Description>>} */
const known = {
  facebook_pages: { ...userItem, attributes: { path: 'items.csv.gz', key: 'item', label: 'page_type' } },
  movietweetings_100k: {
    ...userItem,
    time: 'timestamp',
    attributes: { path: 'items.csv.gz', key: 'item', label: 'genres' },
  },
  groceries: { ...userItem, attributes: { path: 'items.csv.gz', key: 'item', label: 'level1' }, isControl: true },
  msweb: userItem,
  epub: { ...userItem, time: 'timestamp' },
  twitch_streamers: userItem,
};

/** @type {DataSet} */
const packages = {
  name: 'debian packages',
  folder: join(root, 'examples/data'),
  events: 'debian-packages.parquet',
  history: 'package',
  category: 'dependency',
  attributes: { path: 'debian-sections.parquet', key: 'package', label: 'section' },
};

/** @param {string | undefined} folder @returns {DataSet[]} the demo's packages and whatever is known of a folder's sets */
export function listDataSets(folder) {
  const found = Object.entries(known).filter(([name, { events }]) => folder && existsSync(join(folder, name, events)));
  return [packages, ...found.map(([name, set]) => ({ name, folder: join(folder ?? '', name), ...set }))];
}

/**
 * The default world of a seed, topics to be found within languages.
 *
 * @param {string} folder temporary
 * @param {number} seed
 * @param {boolean} isTiny
 * @param {Partial<import('category2vec').WorldOptions>} [sizes] where they are not the default's
 * @returns {Promise<DataSet>}
 */
export async function simulate(folder, seed, isTiny, sizes = {}) {
  const out = join(folder, `world-${seed}`);
  await writeWorld(out, simulateWorld({ seed, ...(isTiny ? { users: 500, advertisers: 200 } : {}), ...sizes }));
  return {
    name: `world ${seed}`,
    folder: out,
    events: 'clicks.parquet',
    history: 'user_id',
    category: 'advertiser',
    attributes: { path: 'advertisers.csv', key: 'advertiser', label: 'topic', within: 'language' },
  };
}

/**
 * Reads a set's histories and returns what turns a vocabulary into its labels.
 *
 * @param {DataSet} set
 */
export async function openDataSet({ folder, events, history, category, time, where, attributes }) {
  const order = time === undefined ? {} : { time, isOrdered: true };
  const histories = await readHistories(join(folder, events), { history, category, where, ...order });
  if (attributes === undefined) return { histories, labelsOf: () => /** @type {Labels} */ ({}) };
  const { path, key, label, within } = attributes;
  const table = await readLabels(join(folder, path), key, within === undefined ? [label] : [label, within]);
  return {
    histories,
    /** @param {import('category2vec').Vocabulary} vocabulary @returns {Labels} */
    labelsOf: (vocabulary) => ({
      labels: labelsInRowOrder(vocabulary, table, label),
      ...(within === undefined ? {} : { within: labelsInRowOrder(vocabulary, table, within) }),
    }),
  };
}
