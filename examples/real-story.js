// npm run demo:real -- --data FOLDER: the story on real logs, which nobody built to show it. What a click model's own
// layer and category2vec learn from the same log and inputs, and what the vectors are worth to the click model.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import {
  compareTransfers,
  Embedding,
  labelPurity,
  readAttributes,
  readHistories,
  readImpressions,
  splitImpressions,
  trainClickModel,
  trainEmbedding,
  Vocabulary,
  withAttributes,
  writeEmbedding,
} from 'category2vec';

/** @typedef {import('category2vec').ComparisonInput} Task */
/** @typedef {import('category2vec').Histories} Histories */
/** @typedef {{ value: number, low: number, high: number }} Figure */

/**
 * A log that a set is read from, and what judges.
 *
 * @typedef {object} Story
 * @property {{ sql: string }} clicks the log: user, item, seconds
 * @property {{ sql: string }} before where the histories of rows are read from: clicks before the row
 * @property {{ sql: string }} rows user, item, seconds, clicked
 * @property {'time' | 'user'} by how rows are split into training, validation and test
 * @property {{ path: string, key: string, label: string, of: 'items' | 'users' }} judge
 */

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string', default: 'demo-output/real' },
    fractions: { type: 'string', default: '0.01,0.03,0.1,0.3,1' },
    seeds: { type: 'string', default: '1' },
    settings: { type: 'string', default: '2' },
    threads: { type: 'string', default: '0' },
  },
});
const stories = { twitch_streamers: streamers, movietweetings_100k: films };
const names = Object.keys(stories).filter(
  (name) => (!values.only || values.only.split(',').includes(name)) && existsSync(join(values.data ?? '', name)),
);
if (values.data === undefined || names.length === 0) {
  process.stderr.write('name a folder that holds twitch_streamers or movietweetings_100k: --data FOLDER\n');
  process.exit(2);
}
const k = 10;
const threads = Number(values.threads);
await mkdir(values.out, { recursive: true });
for (const [name, story] of Object.entries(stories)) {
  if (names.includes(name)) await tell(name, story(join(values.data, name)));
}

/** @param {string} name @param {Story} story */
async function tell(name, { clicks, before, rows, by, judge }) {
  print('', name, '-'.repeat(name.length));
  const histories = await readHistories(clicks, { history: 'user', category: 'item', time: 'seconds', keepKeys: true });
  const embedding = await trainEmbedding(histories, { threads });
  const impressions = await readImpressions(rows, {
    label: 'clicked',
    categorical: ['item'],
    user: 'user',
    time: 'seconds',
    histories: [{ source: before, category: 'item' }],
    share: [['item', 'history']],
  });
  const split = splitImpressions(impressions, { split: [60, 20, 20], by });
  const { model } = await trainClickModel({ impressions, split }, { threads });
  const layer = layerOf(model);
  print(
    `${histories.items.length} clicks of ${histories.offsets.length - 1} users are the log, ` +
      `${impressions.count} later rows are labeled.`,
  );
  await judgeBoth(name, { layer, embedding, histories }, judge);
  const { summary, chosen } = await compareTransfers(
    { impressions, split, transfers: [{ column: 'item', embedding, histories }] },
    {
      names: ['scratch', 'features', 'init'],
      fractions: values.fractions.split(',').map(Number),
      seeds: Number(values.seeds),
      settings: Number(values.settings),
      training: { threads },
    },
  );
  const columns = [...new Set(summary.map(({ transfer }) => transfer))];
  print('', `AUC of the ${split.test.length} test rows, seeds: ${values.seeds}`);
  print(['labels', ...columns, 'chosen', 'over scratch (95 %)'].map((cell) => cell.padStart(17)).join(''));
  for (const { fraction, transfer } of chosen) {
    const of = (/** @type {string} */ one) => summary.find((row) => row.fraction === fraction && row.transfer === one);
    const cells = [`${fraction * 100} %`, ...columns.map((column) => of(column)?.auc.value.toFixed(3) ?? ''), transfer];
    print(`${cells.map((cell) => cell.padStart(17)).join('')}  ${signed(of(transfer)?.aucOverScratch)}`);
  }
}

/**
 * Purity of the same labeled categories (or users, at the mean of what they clicked) in both tables, and both maps.
 *
 * @param {string} name
 * @param {{ layer: Embedding, embedding: Embedding, histories: Histories }} learned
 * @param {Story['judge']} judge
 */
async function judgeBoth(name, { layer, embedding, histories }, { path, key, label, of }) {
  const attributes = await readAttributes(path, { key });
  const shared = embedding.vocabulary.keys.filter((each) => layer.vocabulary.rowOf(each) !== undefined);
  const files = [];
  for (const [title, table] of /** @type {const} */ ([
    ['click model’s own layer', layer],
    ['category2vec', embedding],
  ])) {
    const known = ofKeys(table, shared);
    const judged = withAttributes(of === 'users' ? userMeans(known, histories) : known, attributes);
    const options = { attribute: label, separator: '|', k, permutations: 0 };
    const { purity, chance, labeled } = await labelPurity(judged, options);
    print(
      `${title.padEnd(24)} ${label} purity@${k} of ${labeled} ${of}: ${purity.toFixed(3)}, by chance ${chance.toFixed(3)}`,
    );
    await mkdir(join(values.out, name), { recursive: true });
    const file = join(values.out, name, `${title}.parquet`);
    await writeEmbedding(file, judged);
    files.push(file);
  }
  if (of === 'items') return;
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const picture = join(values.out, `${name}.png`);
  const flags = ['--color', label, '--width', '1280', '--out', picture, '--quiet'];
  await promisify(execFile)(process.execPath, [main, 'map', ...files, ...flags]);
  print(`Both maps, colored by ${label}: ${picture}`);
}

/**
 * The table of a click model from scratch, of the categories that it knows.
 *
 * @param {import('category2vec').ClickModel} model
 */
function layerOf({ encoder, network }) {
  const [keys] = encoder.tables;
  const [table] = network.tables;
  if (keys === undefined || table === undefined) throw new Error('the click model has no table');
  const { dimension } = table;
  // row 0 is of unknown categories
  const vectors = table.vectors.subarray(dimension);
  return new Embedding({ vocabulary: keys.vocabulary, dimension, vectors });
}

/**
 * A tenth of the streamers. Half of what each of them has is the log, the other half was "clicked", beside as many
 * items that another streamer has, so that what is asked about is as popular either way. Judged by the language of
 * streamers, which nothing was trained on.
 *
 * @param {string} folder
 * @returns {Story}
 */
function streamers(folder) {
  const file = `read_csv('${join(folder, 'events.csv.gz')}', all_varchar = true)`;
  const some = `SELECT "user", item, md5("user" || ' ' || item) AS draw FROM ${file} WHERE md5("user") < '1a'`;
  const asked = `SELECT * FROM (${some}) WHERE draw >= '8'`;
  const drawn =
    `SELECT a."user", b.item FROM (SELECT *, row_number() OVER (ORDER BY draw) AS n FROM (${asked})) a ` +
    `JOIN (SELECT *, row_number() OVER (ORDER BY md5(draw)) AS n FROM (${asked})) b ON a.n = b.n ` +
    `WHERE NOT EXISTS (SELECT 1 FROM (${some}) s WHERE s."user" = a."user" AND s.item = b.item)`;
  const both = `SELECT "user", item, 1 AS clicked FROM (${asked}) UNION ALL SELECT "user", item, 0 FROM (${drawn})`;
  const clicks = { sql: `SELECT "user", item, 0 AS seconds FROM (${some}) WHERE draw < '8'` };
  return {
    clicks,
    before: clicks,
    rows: {
      sql: `SELECT "user", item, 1 AS seconds, clicked FROM (${both}) ORDER BY md5("user" || item), clicked, "user", item`,
    },
    by: 'user',
    judge: { path: join(folder, 'users.csv.gz'), key: 'user', label: 'language', of: 'users' },
  };
}

/**
 * Ratings of 8 and more are clicks. The earlier half of the time is the log, the later one is labeled. Judged by the
 * genres of films.
 *
 * @param {string} folder
 * @returns {Story}
 */
function films(folder) {
  const all =
    `SELECT "user", item, timestamp::BIGINT AS seconds, (rating::INT >= 8)::INT AS clicked ` +
    `FROM read_csv('${join(folder, 'events.csv.gz')}', all_varchar = true)`;
  const cut = `(SELECT quantile_disc(seconds, 0.5) FROM (${all}))`;
  const clicked = `SELECT "user", item, seconds FROM (${all}) WHERE clicked = 1`;
  return {
    clicks: { sql: `SELECT * FROM (${clicked}) WHERE seconds < ${cut}` },
    before: { sql: clicked },
    rows: { sql: `SELECT * FROM (${all}) WHERE seconds >= ${cut} ORDER BY seconds, "user", item` },
    by: 'time',
    judge: { path: join(folder, 'items.csv.gz'), key: 'item', label: 'genres', of: 'items' },
  };
}

/** @param {Embedding} embedding @param {readonly string[]} keys all of them categories of the embedding */
function ofKeys({ vocabulary, vectors, dimension }, keys) {
  const own = new Float32Array(keys.length * dimension);
  keys.forEach((key, at) => {
    const row = vocabulary.rowOf(key) ?? 0;
    own.set(vectors.subarray(row * dimension, (row + 1) * dimension), at * dimension);
  });
  const counts = new Float64Array(keys.length).fill(1);
  return new Embedding({ vocabulary: new Vocabulary(keys, counts), dimension, vectors: own });
}

/** The mean of the vectors of what each user clicked. @param {Embedding} embedding @param {Histories} histories */
function userMeans({ vocabulary, vectors, dimension }, { items, offsets, keys = [], vocabulary: clicked }) {
  const means = new Float32Array(keys.length * dimension);
  keys.forEach((_, h) => {
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
      const row = vocabulary.rowOf(clicked.keys[items[at] ?? 0] ?? '');
      if (row === undefined) continue;
      for (let d = 0; d < dimension; d++) {
        means[h * dimension + d] = (means[h * dimension + d] ?? 0) + (vectors[row * dimension + d] ?? 0);
      }
    }
  });
  const counts = new Float64Array(keys.length).fill(1);
  return new Embedding({ vocabulary: new Vocabulary(keys, counts), dimension, vectors: means });
}

/** @param {Figure | null | undefined} figure */
function signed(figure) {
  if (!figure) return '';
  const [value, low, high] = [figure.value, figure.low, figure.high].map(
    (one) => `${one < 0 ? '−' : '+'}${Math.abs(one).toFixed(3)}`,
  );
  return `${value} (${low} to ${high})`;
}

/** @param {...string} lines */
function print(...lines) {
  process.stdout.write(`${lines.join('\n')}\n`);
}
