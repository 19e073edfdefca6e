// npm run demo: the whole story on a small simulated world, as a page. What a click model learns about advertisers by
// itself, what category2vec learns, and what its vectors are worth to the click model.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { labelPurity, readAttributes, readEmbedding, withAttributes } from 'category2vec';
import { storyPage } from './story-page.js';

/** @typedef {Awaited<ReturnType<typeof readEmbedding>>} Embedding */
/** @typedef {{ value: number, low: number, high: number }} Estimate */
/** @typedef {{ transfer: string, auc: Estimate, aucOverScratch?: Estimate }} Scored */

const root = fileURLToPath(new URL('../', import.meta.url));
const out = 'demo-output/story';
const world = `${out}/world`;
/** neighbors that shares are of, as in maps and report */
const k = 10;
/** neighbors that are listed */
const shown = 5;
const start = performance.now();

await rm(root + out, { recursive: true, force: true });
await mkdir(root + out, { recursive: true });

print('One small simulated world, two fractions of its labels, one seed: a story in minutes, not a benchmark.');

title('A world whose truth is known');
const size = { users: 6000, advertisers: 400, languages: 5, topics: 8, impressions: 200_000 };
const made = await category2vec('simulate', `${flagsOf(size)} --out ${world}`);
print(
  `${count(size.users)} users and ${count(size.advertisers)} advertisers of ${size.languages} languages and ` +
    `${size.topics} topics. ` +
    `They click ${count(made.clicks)} times in an`,
  `earlier period; a later one holds ${count(made.impressions)} impressions, labeled with whether they were clicked.`,
);

title('Two maps of the same advertisers');
// neither needs the other
const [, click] = await Promise.all([
  category2vec(
    'train',
    `${world}/clicks.parquet --history user_id --category advertiser --time time`,
    `--dimension 32 --out ${out}/category2vec.parquet`,
  ),
  category2vec(
    'click train',
    `${world}/impressions.parquet --label clicked --categorical advertiser`,
    '--list reading --user user_id --time time',
    `--initial-scale 0.1 --learning-rate 0.003 --table-rate 0.003 --out ${out}/model`,
  ),
]);
const attributes = await readAttributes(`${root}${world}/advertisers.csv`, { key: 'advertiser' });
const layerFile = `${out}/click-model-layer.parquet`;
await copyFile(`${root}${out}/model/tables/advertiser.parquet`, root + layerFile);
const learned = withAttributes(await readEmbedding(`${root}${out}/category2vec.parquet`), attributes);
const layer = withAttributes(await readEmbedding(root + layerFile), attributes);
const fromLayer = await puritiesOf(layer);
const fromClicks = await puritiesOf(learned);
print(
  'The click model saw the candidate and what the user reads, and all labels: validation AUC ' +
    `${figure(click.validation.auc.value)} after ${click.bestEpoch} epochs.`,
  `How many of an advertiser's ${k} nearest share its language or topic, which neither was trained on:`,
  '',
  row('', 'own layer', 'category2vec', 'chance', 'at best'),
  ...['language', 'topic', 'topic within language'].map((name) => {
    const [ours, theirs] = [fromClicks.get(name), fromLayer.get(name)];
    return row(name, share(theirs?.purity), share(ours?.purity), share(ours?.chance), share(ours?.ceiling));
  }),
  '',
  `The click model's own embedding layer finds topics and mixes languages: ` +
    `${share(fromLayer.get('language')?.purity)} of neighbors share the language, against ` +
    `${share(fromLayer.get('language')?.chance)} by chance.`,
  `category2vec separates languages (${share(fromClicks.get('language')?.purity)}), and topics within them (` +
    `${share(fromClicks.get('topic within language')?.purity)}; the smallest groups have fewer than ${k} others).`,
);
const asked = firstOf(learned, 'language', 'fr');
for (const [name, embedding] of /** @type {const} */ ([
  ["the click model's own layer", layer],
  ['category2vec', learned],
])) {
  print('', `Nearest to ${asked} in ${name}:`);
  for (const { category, similarity, attributes: known } of embedding.nearest(asked, shown)) {
    print(`  ${similarity.toFixed(2)}  ${category.padEnd(32)} ${known['language']}  ${known['topic']}`);
  }
}
print('');
const labels = `--attributes ${world}/advertisers.csv --key advertiser`;
const both = `${layerFile} ${out}/category2vec.parquet`;
// drawn while models are compared
const drawn = Promise.all([
  category2vec('map', both, `${labels} --color language --out ${out}/maps.png`),
  category2vec('map', both, `${labels} --color language --theme dark --out ${out}/maps-dark.png`),
  category2vec('map', `${out}/category2vec.parquet`, `${labels} --color language --out ${out}/map.html`),
  category2vec(
    'report',
    `${out}/category2vec.parquet`,
    `${labels} --attribute language,topic --out ${out}/report.html`,
  ),
]);

title('What the vectors are worth to the click model');
const fractions = [0.1, 1];
const comparing = category2vec(
  'click compare',
  `${world}/impressions.parquet --label clicked --categorical advertiser`,
  '--list reading --user user_id --time time',
  `--history-from ${world}/clicks.parquet --history-category advertiser --share advertiser=history`,
  `--embedding advertiser=${out}/category2vec.parquet --oracle ${world}/oracle.parquet`,
  `--attributes ${world}/advertisers.csv --key advertiser --attribute language --attribute topic/language`,
  `--permute-within language --fractions ${fractions.join(',')} --seeds 1 --settings 1 --table-rate 0.005 ` +
    `--out ${out}/comparison`,
);
const [{ rows, summary, chosen, oracle }] = await Promise.all([comparing, drawn]);
print(
  'Now the click model also reads which advertisers the user clicked before. Beside the four ways to use the vectors',
  'stand popularity, logistic regressions on co-clicks, on what the network reads and with the products of vectors,',
  'and a placebo: vectors permuted within each language. Shares are of the ten nearest in the table that each model',
  'ended with: same language, and same topic among those of the language.',
);
for (const fraction of fractions) {
  const scoreOf = (/** @type {string} */ name) => summary.find(at(fraction, name));
  print('', row(`${share(fraction)} of the labels`, 'AUC', 'over scratch', 'language', 'topic within'));
  for (const { transfer, auc, aucOverScratch } of summary.filter(at(fraction))) {
    const { purity } = rows.find(at(fraction, transfer));
    const purities = [purity.language, purity['topic within language']].map(share);
    print(row(transfer, figure(auc.value), signed(aucOverScratch?.value), ...purities));
  }
  const { transfer, gapClosed } = chosen.find(at(fraction));
  const { low, high } = scoreOf(transfer).aucOverScratch;
  print(
    row('best possible', figure(oracle.auc)),
    `Validation chooses ${transfer}: AUC ${figure(scoreOf(transfer).auc.value)}, where scratch has ` +
      `${figure(scoreOf('scratch').auc.value)} ` +
      `(difference ${signed(low)} to ${signed(high)}, 95 %).`,
    `That is ${share(gapClosed)} of the way from scratch to the best possible score.`,
  );
}
for (const fraction of fractions) {
  const [vectors, placebo] = ['features', 'permuted within language'].map((name) => rows.find(at(fraction, name)));
  print(
    '',
    `At ${share(fraction)}, features and placebo are alike in language (${share(vectors.purity.language)}, ` +
      `${share(placebo.purity.language)}) and differ in topic ` +
      `within it (${share(vectors.purity['topic within language'])}, ${share(placebo.purity['topic within language'])}):`,
    `AUC ${figure(vectors.auc)} against ${figure(placebo.auc)}.`,
  );
}
const seconds = (performance.now() - start) / 1000;
const page = storyPage({
  seconds,
  k,
  ...size,
  purities: ['language', 'topic', 'topic within language'].map((name) => {
    const [ours, theirs] = [fromClicks.get(name), fromLayer.get(name)];
    const { purity = 0, chance = 0, ceiling = 1 } = ours ?? {};
    return { name, own: theirs?.purity ?? 0, learned: purity, chance, best: ceiling };
  }),
  asked,
  own: nearestOf(layer),
  learned: nearestOf(learned),
  fractions: fractions.map((fraction) => {
    const { transfer, gapClosed } = chosen.find(at(fraction));
    const chosenScore = summary.find(at(fraction, transfer));
    return {
      share: fraction,
      best: oracle.auc,
      chosen: transfer,
      closed: gapClosed,
      low: chosenScore.aucOverScratch.low,
      high: chosenScore.aucOverScratch.high,
      scores: summary
        .filter(at(fraction))
        .map((/** @type {Scored} */ { transfer: name, auc, aucOverScratch }) => ({
          name,
          auc: auc.value,
          low: auc.low,
          high: auc.high,
          over: aucOverScratch?.value,
        })),
    };
  }),
});
await writeFile(`${root}demo-output/index.html`, page);
print(
  '',
  'The story as a page, with maps, a report and how to open the explorer: demo-output/index.html ' +
    `(${seconds.toFixed(0)} seconds in all)`,
);

/** @param {Embedding} embedding */
function nearestOf(embedding) {
  return embedding
    .nearest(asked, shown)
    .map(({ category, similarity, attributes: known }) => ({
      category,
      similarity,
      language: String(known['language']),
      topic: String(known['topic']),
    }));
}

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

/**
 * Whether a line of the comparison is of a fraction, and of a model where one is named.
 *
 * @param {number} fraction @param {string} [name]
 * @returns {(line: { fraction: number, transfer: string }) => boolean}
 */
function at(fraction, name) {
  return (line) => line.fraction === fraction && (name === undefined || line.transfer === name);
}

/** @param {string} name @param {...string} cells */
function row(name, ...cells) {
  return `  ${name.padEnd(25)}${cells.map((cell) => cell.padStart(14)).join('')}`.trimEnd();
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
function signed(value) {
  return value === undefined ? '' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

/** @param {number | undefined} value */
function share(value) {
  return value === undefined ? '' : `${(value * 100).toFixed(0)} %`;
}
