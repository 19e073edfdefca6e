// Nine alternating pairs of runs of two builds: is a changed kernel as fast as before? The interval of the median ratio
// is that of order statistics.
//
//   node bench/kernel-pairs.js OLD [--pairs 9] [--threads 1]      OLD: another checkout, built
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { drawClickLog } from './harness/click-logs.js';
import { drawRows, sizes } from './questions/click-speed.js';

const here = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '9' },
    threads: { type: 'string', default: '1' },
    run: { type: 'string' },
  },
});
const threads = Number(values.threads);
const [old = ''] = positionals;

/** @type {Record<string, (root: string) => Promise<number>>} seconds of work that kernels do, by what they do */
const works = {
  async 'skip-gram'(root) {
    const { trainEmbedding, vocabularyFromCounts } = await import(built(root, 'index.js'));
    const { items, offsets } = drawClickLog({ histories: 200_000, categories: 20_000 });
    const counts = new Float64Array(20_000);
    for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
    const keys = Array.from(counts, (_, category) => `c${category}`);
    const vocabulary = vocabularyFromCounts(new Map(keys.map((key, i) => [key, Math.max(1, counts[i] ?? 0)])));
    const rows = Int32Array.from(keys, (key) => vocabulary.rowOf(key));
    const histories = {
      vocabulary,
      items: items.map((item) => rows[item] ?? 0),
      offsets,
      isOrdered: false,
      dropped: {},
    };
    for (let h = 0; h + 1 < offsets.length; h++) histories.items.subarray(offsets[h], offsets[h + 1]).sort();
    const begun = { at: 0 };
    let seconds = 0;
    const options = { model: 'skip-gram', dimension: 64, epochs: 3, negatives: 5, threads };
    // the first epoch warms up; what follows training is not timed
    const onProgress = (/** @type {{ epoch: number, share: number }} */ { share }) => {
      if (begun.at === 0 && share >= 1 / 3) begun.at = performance.now();
      if (share === 1 && seconds === 0) seconds = (performance.now() - begun.at) / 1000;
    };
    const isOld = resolve(root) !== resolve(here);
    await trainEmbedding(histories, isOld ? options : { ...options, measuresChance: false }, { onProgress });
    return seconds;
  },
  async 'click network'(root) {
    // where it stood at first
    const path = ['click-network', 'click-model'].map((room) => `${room}/train-click-network.js`);
    const { trainClickNetwork } = await import(
      built(root, path.find((name) => existsSync(join(root, 'dist', name))) ?? '')
    );
    let start = 0;
    let seconds = 0;
    await trainClickNetwork(
      { train: drawRows(204_800, 1), validation: drawRows(2048, 2), tableSizes: sizes },
      { dimension: 16, product: false, unknownShare: 0, batchSize: 1024, epochs: 2, threads, initialScale: 0.05 },
      {
        onProgress: (/** @type {{ validationLoss?: number }} */ { validationLoss }) => {
          if (validationLoss === undefined) return;
          seconds = (performance.now() - start) / 1000;
          start = performance.now();
        },
      },
    );
    return seconds;
  },
};

/** @param {string} root @param {string} path */
function built(root, path) {
  return pathToFileURL(join(resolve(root), 'dist', path)).href;
}

/** @param {string} root @param {string} name */
function measure(root, name) {
  const args = [fileURLToPath(import.meta.url), root, '--run', name, '--threads', values.threads];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

if (values.run !== undefined) {
  process.stdout.write(String(await works[values.run]?.(old)));
} else {
  for (const name of Object.keys(works)) {
    /** @type {number[]} seconds of the old build ÷ seconds of this one: above 1, this one is faster */
    const ratios = [];
    for (let pair = 0; pair < Number(values.pairs); pair++) {
      const order = pair % 2 === 0 ? [old, here] : [here, old];
      const seconds = new Map(order.map((root) => [root, measure(root, name)]));
      ratios.push((seconds.get(old) ?? NaN) / (seconds.get(here) ?? NaN));
      console.error(
        `${name} ${pair + 1}: old ${seconds.get(old)?.toFixed(2)} s, new ${seconds.get(here)?.toFixed(2)} s`,
      );
    }
    ratios.sort((a, b) => a - b);
    const at = (/** @type {number} */ i) => (ratios[i] ?? NaN).toFixed(3);
    // of nine, the second and the second to last hold the median in 96 of 100 cases
    const outer = Math.max(0, Math.floor((ratios.length - 5) / 4));
    console.log(
      `${name}: ${at((ratios.length - 1) >> 1)} times as fast as before (${at(outer)} to ` +
        `${at(ratios.length - 1 - outer)}), ${threads} thread(s)`,
    );
  }
}
