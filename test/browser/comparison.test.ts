/** Two embeddings as one view, and how much of their neighborhoods they share. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { overlapsOf } from '../../explorer/src/work/overlap.js';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { describeInBrowser, openPage, serveExplorer, startChromium, temporaryFolder, type Served } from './chromium.js';
import { plantedEmbedding } from './planted.js';

describeInBrowser('two embeddings', () => {
  const folder = temporaryFolder();
  const [one, other] = [plantedEmbedding(60), plantedEmbedding(60, { noise: 1.1 })];
  let browser: Browser;
  let served: Served;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const paths = ['one', 'other'].map((name) => join(folder, `${name}.parquet`));
    await writeEmbedding(paths[0] ?? '', one);
    await writeEmbedding(paths[1] ?? '', other);
    [browser, served] = await Promise.all([startChromium(), serveExplorer(paths)]);
    ({ page, complaints } = await openPage(browser, `${served.url}#map=pca&category=elm-4`));
    await page.locator('.map.drawn').nth(1).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
    rmSync(folder, { recursive: true });
  });

  test('say how many of ten neighbors are the same, color by it, and name those that changed most', async () => {
    const overlaps = await overlapsOf([one, other], 10, () => {});
    const mean = overlaps.reduce((sum, overlap) => sum + overlap, 0) / overlaps.length;
    await page.getByRole('button', { name: 'Compare neighborhoods' }).click();
    await page.getByTestId('overlap').waitFor();
    const figures = await page.getByRole('list', { name: 'Changed most' }).locator('.number').allTextContents();
    const [first] = await page.getByRole('list', { name: 'Changed most' }).locator('.name').allTextContents();

    expect(await page.getByTestId('overlap').textContent()).toContain(`On average ${mean.toFixed(1)} of 10 neighbors`);
    expect(await page.getByLabel('Color by').inputValue()).toBe('overlap@10');
    expect(figures.map((text) => Number.parseInt(text, 10))).toEqual(
      [...overlaps].toSorted((a, b) => a - b).slice(0, 20),
    );
    expect(overlaps[one.vocabulary.rowOf(first ?? '') ?? 0]).toBe(Math.min(...overlaps));
  });

  test('are one view whose points walk from the first map to the second, with lines for what is asked for', async () => {
    await page.getByRole('button', { name: 'One view' }).click();
    const slider = page.getByRole('slider', { name: 'From the first map to the second' });
    const ring = page.locator('circle.asked');
    await slider.fill('0');
    const start = [await ring.getAttribute('cx'), await ring.getAttribute('cy')];
    await slider.fill('1');
    const end = [await ring.getAttribute('cx'), await ring.getAttribute('cy')];

    expect(await page.locator('.map').count()).toBe(1);
    expect(await page.locator('line.way').count()).toBe(11);
    expect(end).not.toEqual(start);
    await page.getByRole('button', { name: 'One view' }).click();
    await page.locator('.map').nth(1).waitFor();
    expect(complaints).toEqual([]);
  });
});
