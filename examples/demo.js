// npm run demo: the whole story on a small simulated world. What a click model learns about advertisers by itself, and what category2vec learns.
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { labelPurity, readAttributes, readEmbedding, withAttributes } from 'category2vec';

/** @typedef {Awaited<ReturnType<typeof readEmbedding>>} Embedding */

const root = fileURLToPath(new URL('../', import.meta.url));
const out = 'demo-output/story';
const world = `${out}/world`;
const k = 5;
const start = performance.now();

await rm(root + out, { recursive: true, force: true });
await mkdir(root + out, { recursive: true });

print('One small simulated world, one seed: a story in minutes, not a benchmark.');

title('A world whose truth is known');
const size = { users: 6000, advertisers: 400, languages: 5, topics: 8, impressions: 200_000 };
const made = await category2vec('simulate', `${flagsOf(size)} --out ${world}`);
print(
  `${count(size.users)} users and ${count(size.advertisers)} advertisers of ${size.languages} languages and ${size.topics} topics. ` +
    `They click ${count(made.clicks)} times in an`,
  `earlier period; a later one holds ${count(made.impressions)} impressions, labelled with whether they were clicked.`,
);

title('Two maps of the same advertisers');
await category2vec(
  'train',
  `${world}/clicks.parquet --history user_id --category advertiser --time time`,
  `--dimension 32 --out ${out}/advertisers.parquet`,
);
const click = await category2vec(
  'click train',
  `${world}/impressions.parquet --label clicked --categorical advertiser`,
  '--list reading --user user_id --time time',
  `--initial-scale 0.1 --learning-rate 0.003 --table-rate 0.003 --out ${out}/model`,
);
const attributes = await readAttributes(`${root}${world}/advertisers.csv`, { key: 'advertiser' });
const learned = withAttributes(await readEmbedding(`${root}${out}/advertisers.parquet`), attributes);
const layer = withAttributes(await readEmbedding(`${root}${out}/model/tables/advertiser.parquet`), attributes);
const fromLayer = await puritiesOf(layer);
const fromClicks = await puritiesOf(learned);
print(
  `The click model saw the candidate and what the user reads, and all labels: validation AUC ${figure(click.validation.auc.value)} after ${click.bestEpoch} epochs.`,
  `How many of an advertiser's ${k} nearest share its language or topic, which neither was told:`,
  '',
  row('', 'the layer', 'category2vec', 'chance'),
  ...['language', 'topic', 'topic within language'].map((name) => {
    const [ours, theirs] = [fromClicks.get(name), fromLayer.get(name)];
    return row(name, share(theirs?.purity), share(ours?.purity), share(ours?.chance));
  }),
  '',
  `The layer finds topics and mixes languages: ${share(fromLayer.get('language')?.purity)} of neighbours speak the same, by chance it would be ` +
    `${share(fromLayer.get('language')?.chance)}.`,
  `category2vec separates languages (${share(fromClicks.get('language')?.purity)}), and topics within them (` +
    `${share(fromClicks.get('topic within language')?.purity)}).`,
);
const asked = firstOf(learned, 'language', 'fr');
for (const [name, embedding] of /** @type {const} */ ([
  ['the layer', layer],
  ['category2vec', learned],
])) {
  print('', `Nearest to ${asked} in ${name}:`);
  for (const { category, similarity, attributes: known } of embedding.nearest(asked, k)) {
    print(`  ${similarity.toFixed(2)}  ${category.padEnd(32)} ${known['language']}  ${known['topic']}`);
  }
}
print('');
await category2vec(
  'map',
  `${out}/model/tables/advertiser.parquet ${out}/advertisers.parquet`,
  `--attributes ${world}/advertisers.csv --key advertiser --color language --out ${out}/maps.png`,
);
print(`Both maps side by side, coloured by language: ${out}/maps.png`);

print('', `${((performance.now() - start) / 1000).toFixed(0)} seconds in all. Everything is in ${out}.`);

/**
 * Shows a command, runs it, and gives its JSON.
 *
 * @param {string} command
 * @param {...string} lines its flags, in the lines that are shown
 */
async function category2vec(command, ...lines) {
  print(`$ npx category2vec ${command} ${lines.join(' \\\n    ')}`);
  const args = [...command.split(' '), ...lines.join(' ').split(' '), '--quiet', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [`${root}dist/cli/main.js`, ...args], {
    cwd: root,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout);
}

/** @param {Embedding} embedding @returns what labels say of it, by question */
async function puritiesOf(embedding) {
  const ask = { k, permutations: 0 };
  return new Map([
    ['language', await labelPurity(embedding, { ...ask, attribute: 'language' })],
    ['topic', await labelPurity(embedding, { ...ask, attribute: 'topic' })],
    ['topic within language', await labelPurity(embedding, { ...ask, attribute: 'topic', within: 'language' })],
  ]);
}

/**
 * The most clicked category with a value of an attribute.
 *
 * @param {Embedding} embedding @param {string} attribute @param {string} value
 */
function firstOf({ attributes: known, vocabulary }, attribute, value) {
  const values = known.get(attribute);
  const found = vocabulary.keys.find((_, i) => values?.[i] === value);
  if (found === undefined) throw new Error(`no ${attribute} is ${value}`);
  return found;
}

/** @param {Record<string, number>} values */
function flagsOf(values) {
  return Object.entries(values)
    .map(([name, value]) => `--${name} ${value}`)
    .join(' ');
}

/** @param {string} name @param {...string} cells */
function row(name, ...cells) {
  return `  ${name.padEnd(22)}${cells.map((cell) => cell.padStart(14)).join('')}`;
}

/** @param {string} text */
function title(text) {
  print('', text, '');
}

/** @param {...string} lines */
function print(...lines) {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString('en-US');
}

/** @param {number | undefined} value */
function figure(value) {
  return value === undefined ? '' : value.toFixed(3);
}

/** @param {number | undefined} value */
function share(value) {
  return value === undefined ? '' : `${(value * 100).toFixed(0)} %`;
}
