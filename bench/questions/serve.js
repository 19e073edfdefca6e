import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Embedding,
  impressionsFromRows,
  splitImpressions,
  trainClickModel,
  Vocabulary,
  writeClickModel,
  writeEmbedding,
} from 'category2vec';
import { generator } from '../harness/click-logs.js';
import { round } from '../harness/measure.js';

export const question = 'How many questions a second does the service answer, and does a swap of versions cost one?';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const dimension = 64;

/**
 * The service is one process, the load comes from this one, over loopback and connections that are kept.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ isTiny, folder, say }) {
  const size = isTiny ? 2000 : 100_000;
  const [seconds, soakSeconds, swapSeconds] = isTiny ? [1, 3, 1] : [10, 600, 20];
  const ads = join(folder, 'models', 'ads');
  await mkdir(ads, { recursive: true });
  await writeEmbedding(join(ads, 'v1.parquet'), scattered(size, 1));
  await writeClickModel(join(folder, 'models', 'clicks'), await clickModel());
  const service = await start(join(folder, 'models'));
  try {
    const random = generator(2);
    const key = () => `c${Math.floor(random() * size)}`;
    const neighbors = () => ({ path: '/v1/neighbors', body: { model: 'ads', key: key(), k: 10 } });
    const rows = Array.from({ length: 100 }, (_, i) => impression(i, random));
    await load(service.url, neighbors, { seconds: seconds / 4, connections: 8 });
    const figures = {
      neighbors: await load(service.url, neighbors, { seconds, connections: 8 }),
      recommend: await load(
        service.url,
        () => ({ path: '/v1/recommend', body: { model: 'ads', history: [key(), key(), key()] } }),
        { seconds, connections: 8 },
      ),
      predict: await load(service.url, () => ({ path: '/v1/predict', body: { rows } }), { seconds, connections: 4 }),
      megabytesBeyondEmbeddings: 0,
      soak: {},
    };
    say(JSON.stringify(figures));
    figures.megabytesBeyondEmbeddings = round((await memory(service.url)) - (size * dimension * 4) / 1e6);
    figures.soak = await soak(service.url, neighbors, { ads, size, seconds: soakSeconds, swapSeconds });
    say(JSON.stringify(figures));
    return { ratio: figures.neighbors.perSecond, unit: 'neighbors a second', floor: 1000, figures };
  } finally {
    service.child.kill('SIGTERM');
    await once(service.child, 'exit');
  }
}

/** Load while new versions are published: what fails, and whether memory grows from the first quarter to the last. */
async function soak(
  /** @type {string} */ url,
  /** @type {() => Question} */ ask,
  /** @type {{ ads: string, size: number, seconds: number, swapSeconds: number }} */ {
    ads,
    size,
    seconds,
    swapSeconds,
  },
) {
  const end = Date.now() + seconds * 1000;
  /** @type {number[]} */
  const megabytes = [];
  const publishing = (async () => {
    for (let i = 2; Date.now() < end; i++) {
      await writeEmbedding(join(ads, '.next.parquet'), scattered(size, 1 + (i % 3)));
      await rename(join(ads, '.next.parquet'), join(ads, 'v1.parquet'));
      await new Promise((resolve) => setTimeout(resolve, Math.min(swapSeconds * 1000, Math.max(0, end - Date.now()))));
      megabytes.push(await memory(url));
    }
  })();
  const answered = await load(url, ask, { seconds, connections: 4 });
  await publishing;
  const quarter = Math.max(1, Math.floor(megabytes.length / 4));
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    ...answered,
    swaps: megabytes.length,
    megabytesFirstQuarter: round(mean(megabytes.slice(0, quarter))),
    megabytesLastQuarter: round(mean(megabytes.slice(-quarter))),
  };
}

/** @typedef {{ path: string, body: object }} Question */

/** Asks on some connections at once for some seconds. */
async function load(
  /** @type {string} */ url,
  /** @type {() => Question} */ ask,
  /** @type {{ seconds: number, connections: number }} */ { seconds, connections },
) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  /** @type {number[]} */
  const milliseconds = [];
  let failed = 0;
  const begin = performance.now();
  const end = begin + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        const from = performance.now();
        const status = await post(url, ask(), agent).catch(() => 0);
        if (status === 200) milliseconds.push(performance.now() - from);
        else failed++;
      }
    }),
  );
  agent.destroy();
  const sorted = Float64Array.from(milliseconds).sort();
  const at = (/** @type {number} */ share) => round(sorted[Math.floor(share * (sorted.length - 1))] ?? NaN);
  const perSecond = Math.round((sorted.length * 1000) / (performance.now() - begin));
  return { perSecond, medianMs: at(0.5), p99Ms: at(0.99), slowestMs: at(1), failed };
}

/**
 * @param {string} url
 * @param {Question} question
 * @param {Agent} agent
 * @returns {Promise<number>} status
 */
function post(url, { path, body }, agent) {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { method: 'POST', agent, headers }, (response) => {
      response.on('data', () => {}).on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    asked.on('error', reject).end(text);
  });
}

/** Resident memory of the service in megabytes. */
async function memory(/** @type {string} */ url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/process_resident_memory_bytes (\d+)/.exec(text)?.[1]) / 1e6;
}

async function start(/** @type {string} */ models) {
  const child = spawn(
    process.execPath,
    [command, 'serve', models, '--port', '0', '--json', '--quiet', '--poll', '1s'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [printed] = /** @type {[Buffer]} */ (await once(child.stdout, 'data'));
  const { url } = /** @type {{ url: string }} */ (JSON.parse(printed.toString()));
  return { child, url };
}

function scattered(/** @type {number} */ size, /** @type {number} */ seed) {
  const random = generator(seed);
  const keys = Array.from({ length: size }, (_, row) => `c${row}`);
  const vectors = new Float32Array(size * dimension).map(() => random() - 0.5);
  return new Embedding({ vocabulary: new Vocabulary(keys, new Float64Array(size).fill(1)), dimension, vectors });
}

function impression(/** @type {number} */ i, /** @type {() => number} */ random) {
  const history = Array.from({ length: 10 }, () => `a${Math.floor(random() * 3000)}`);
  return { advertiser: `a${i % 3000}`, publisher: `p${i % 50}`, hour: i % 24, history, clicked: i % 3 === 0 };
}

/** A model of 3,000 advertisers, whose weights do not matter here. */
async function clickModel() {
  const random = generator(3);
  const rows = Array.from({ length: 6000 }, (_, i) => impression(i, random));
  const impressions = impressionsFromRows(rows, {
    label: 'clicked',
    categorical: ['advertiser', 'publisher'],
    numeric: ['hour'],
    lists: ['history'],
    share: [['advertiser', 'history']],
  });
  const split = splitImpressions(impressions, { by: 'row' });
  const { model } = await trainClickModel({ impressions, split }, { epochs: 1, dimension: 32, threads: 1 });
  return { ...model, provenance: {} };
}
