// Makes docs/images/explorer.png: trains on the packages of the demo, opens the explorer in Chromium, asks for a
// neighborhood. Run after a build.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { joinAttributes, Embedding, readAttributes, readHistories, trainEmbedding, writeEmbedding } from 'category2vec';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const folder = mkdtempSync(join(tmpdir(), 'category2vec-picture-'));
try {
  const path = join(folder, 'packages.parquet');
  await writeEmbedding(path, await trainPackages());
  await takePicture(path, process.argv[2] ?? here('docs/images/explorer.png'));
} finally {
  rmSync(folder, { recursive: true });
}

/** Packages that at least 20 others ask for, with their sections. */
async function trainPackages() {
  const histories = await readHistories(here('examples/data/debian-packages.parquet'), {
    history: 'package',
    category: 'dependency',
    minCount: 20,
  });
  const embedding = await trainEmbedding(histories, { seed: 1 });
  const sections = await readAttributes(here('examples/data/debian-sections.parquet'), { key: 'package' });
  const { vocabulary, dimension, vectors, provenance } = embedding;
  return new Embedding({
    vocabulary,
    dimension,
    vectors,
    provenance,
    attributes: joinAttributes(vocabulary, sections),
  });
}

/** @param {string} path @param {string} out */
async function takePicture(path, out) {
  const child = spawn(process.execPath, [here('dist/cli/main.js'), 'explore', path, '--no-open', '--quiet']);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--enable-unsafe-swiftshader'] });
  try {
    const url = await new Promise((resolve) => {
      child.stdout.on('data', (text) => resolve(/http:\S+/.exec(String(text))?.[0]));
    });
    const colorScheme = process.argv[3] === 'dark' ? 'dark' : 'light';
    const page = await browser.newPage({
      viewport: { width: Number(process.argv[4] ?? 1280), height: 840 },
      colorScheme,
      // points that walk from one layout to the other would be taken on their way
      reducedMotion: 'reduce',
    });
    page.setDefaultTimeout(300_000);
    await page.goto(`${url}#map=tsne&color=section&category=python3-numpy`);
    await page.getByTestId('layout').filter({ hasText: 't-SNE' }).waitFor();
    await page.screenshot({ path: out });
  } finally {
    await browser.close();
    child.kill('SIGINT');
  }
}
