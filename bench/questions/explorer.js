import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { Embedding, Vocabulary, writeEmbedding } from 'category2vec';
import { generator } from '../harness/click-logs.js';
import { median, round } from '../harness/measure.js';

export const question = 'How soon does the explorer draw and answer, from the command to the first click?';

const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome'];
const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const dimension = 64;

/**
 * The page in headless Chromium with its software renderer; Chromium runs before the command is given, as a reader's
 * browser does.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ isTiny, folder, say, repeats }) {
  const executablePath = [process.env['CHROMIUM'] ?? '', ...known].find((path) => path !== '' && existsSync(path));
  if (executablePath === undefined) return { skipped: 'there is no Chromium; apt-get install chromium' };
  const args = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const [many, most] = isTiny ? [2000, 5000] : [100_000, 1_000_000];
    const hundred = join(folder, 'hundred-thousand.parquet');
    const million = join(folder, 'million.parquet');
    await writeEmbedding(hundred, scattered(many));
    await writeEmbedding(million, scattered(most));
    /** @type {Awaited<ReturnType<typeof visit>>[]} */
    const runs = [];
    for (let turn = 0; turn < repeats; turn++) runs.push(await visit(browser, hundred));
    const middle = (/** @type {'drawnSeconds' | 'interactiveSeconds' | 'firstNeighborsMs' | 'neighborsMs'} */ name) =>
      round(median(runs.map((each) => each[name])));
    const figures = {
      hundredThousand: {
        drawnSeconds: middle('drawnSeconds'),
        interactiveSeconds: middle('interactiveSeconds'),
        firstNeighborsMs: middle('firstNeighborsMs'),
        neighborsMs: middle('neighborsMs'),
      },
      million: await visit(browser, million),
      gzippedKilobytes: pageSize(),
    };
    say(JSON.stringify(figures));
    const { interactiveSeconds: ratio } = figures.hundredThousand;
    return { ratio, unit: 's from the command to an answered click, at most 3', isCost: true, figures };
  } finally {
    await browser.close();
  }
}

/** @param {number} size */
function scattered(size) {
  const random = generator(1);
  const keys = Array.from({ length: size }, (_, row) => `c${row}`);
  const vocabulary = new Vocabulary(keys, new Float64Array(size).fill(1));
  const vectors = new Float32Array(size * dimension).map(() => random() - 0.5);
  const attributes = new Map([['group', keys.map((_, row) => `group ${row % 12}`)]]);
  return new Embedding({ vocabulary, dimension, vectors, attributes });
}

/**
 * One run of the command, one visit of its page.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} path
 */
async function visit(browser, path) {
  const start = performance.now();
  const since = () => round((performance.now() - start) / 1000);
  const child = spawn(process.execPath, [command, 'explore', path, '--no-open', '--quiet']);
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.setDefaultTimeout(120_000);
  try {
    const url = await addressOf(child);
    const servedSeconds = since();
    await page.goto(`${url}#map=pca`);
    await page.locator('.map.drawn').waitFor();
    // The picture is on the screen when a screenshot of it can be had.
    await page.locator('.map canvas:not(.shade)').screenshot();
    const drawnSeconds = since();
    await ask(page, 'c7');
    const interactiveSeconds = since();
    for (let i = 0; i < 20; i++) await ask(page, `c${i * 37 + 11}`);
    const [firstNeighborsMs = NaN, ...later] = await page.evaluate(() =>
      performance.getEntriesByName('neighbors').map(({ duration }) => duration),
    );
    return {
      servedSeconds,
      drawnSeconds,
      interactiveSeconds,
      firstNeighborsMs: round(firstNeighborsMs, 1),
      neighborsMs: round(median(later), 1),
    };
  } finally {
    await page.close();
    child.kill('SIGINT');
  }
}

/** @param {import('playwright-core').Page} page @param {string} category */
async function ask(page, category) {
  await page.getByLabel('Find a category').fill(category);
  await page.getByLabel('Find a category').press('Enter');
  await page.getByTestId('question').filter({ hasText: category }).waitFor();
}

/** @param {import('node:child_process').ChildProcessWithoutNullStreams} child @returns {Promise<string>} */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (piece) => {
      text += String(piece);
      const [found] = /http:\S+/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`explore ended with ${code}`)));
  });
}

/**
 * JavaScript of the page, WebAssembly inside, gzipped file by file as a server would; the Parquet reader, which comes
 * only with a dropped file, apart.
 */
function pageSize() {
  const assets = fileURLToPath(new URL('../../dist/explorer/assets/', import.meta.url));
  const sizes = readdirSync(assets)
    .filter((name) => name.endsWith('.js'))
    .map((name) => ({
      isParquet: name.startsWith('parquet'),
      bytes: gzipSync(readFileSync(join(assets, name))).length,
    }));
  const sum = (/** @type {boolean} */ isParquet) =>
    round(
      sizes.filter((each) => each.isParquet === isParquet).reduce((total, { bytes }) => total + bytes, 0) / 1000,
      1,
    );
  return { page: sum(false), parquetReader: sum(true) };
}
