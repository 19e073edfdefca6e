/** Pictures of texts that XML cannot hold as they stand: control characters, and characters that shortening would cut in two. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { describeInBrowser, openPage, serveExplorer, startChromium, temporaryFolder, type Served } from './chromium.js';

const keys = Array.from({ length: 40 }, (_, i) => `${'k'.repeat(26)}🦉 ${i}`);
const values = ['with\u0001control', `${'v'.repeat(18)}🦉 and more`, 'back\bspace & <b>"', '\u001b[31mred', '￾'];

describeInBrowser('pictures of awkward texts', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let served: Served;
  let page: Page;

  beforeAll(async () => {
    const path = join(folder, 'awkward.parquet');
    const embedding = new Embedding({
      vocabulary: new Vocabulary(
        keys,
        Float64Array.from(keys, (_, i) => 100 - i),
      ),
      dimension: 3,
      vectors: Float32Array.from({ length: keys.length * 3 }, (_, i) => ((i * 37) % 11) - 5 + (i % 3)),
      attributes: new Map([['gro\u0002up', keys.map((_, i) => values[i % values.length] ?? null)]]),
    });
    await writeEmbedding(path, embedding);
    [browser, served] = await Promise.all([startChromium(), serveExplorer([path])]);
    const asked = encodeURIComponent(keys[0] ?? '');
    ({ page } = await openPage(browser, `${served.url}#map=pca&color=gro%02up&category=${asked}`));
    await page.locator('.map.drawn').waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
    rmSync(folder, { recursive: true });
  });

  test.each(['PNG', 'SVG'])('are saved as %s', async (name) => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name }).click();
    const bytes = readFileSync(await (await download).path());
    expect(bytes.length).toBeGreaterThan(1000);
    if (name === 'PNG') return;
    const seen = await page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      const isXml = parsed.querySelector('parsererror') === null;
      return { isXml, texts: Array.from(parsed.querySelectorAll('text'), (each) => each.textContent) };
    }, bytes.toString());
    expect(seen.isXml).toBe(true);
    expect(seen.texts).toEqual(expect.arrayContaining(['gro\ufffdup', expect.stringContaining('with\ufffdcontrol')]));
    expect(seen.texts.filter((text) => text.includes(`${'v'.repeat(18)}🦉…`))).toHaveLength(1);
  });
});
