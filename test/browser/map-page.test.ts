/** The page that `map --out map.html` writes, opened from disk without a network. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { runJson } from '../cli/harness.js';
import { describeInBrowser, openPage, startChromium, temporaryFolder } from './chromium.js';
import { plantedEmbedding } from './planted.js';

describeInBrowser('the map as a page', () => {
  const folder = temporaryFolder();
  const url = pathToFileURL(join(folder, 'map.html')).href;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const paths = ['one', 'two'].map((name) => join(folder, `${name}.parquet`));
    await writeEmbedding(paths[0] ?? '', plantedEmbedding(600));
    await writeEmbedding(paths[1] ?? '', plantedEmbedding(600, { noise: 1.1 }));
    await runJson(['map', ...paths, '--method', 'pca', '--color', 'group', '--out', join(folder, 'map.html')]);
    browser = await startChromium();
    ({ page, complaints } = await openPage(browser, url, { offline: true }));
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  function drawn(i: number): Promise<string> {
    return page.evaluate((at) => document.querySelectorAll('canvas').item(at).toDataURL(), i);
  }

  test('marks a category that is found in both maps', async () => {
    const before = await Promise.all([drawn(0), drawn(1)]);
    await page.getByLabel('Find a category').fill('elm-4');
    await page.getByLabel('Find a category').press('Enter');

    await expect.poll(() => drawn(0)).not.toBe(before[0]);
    await expect.poll(() => drawn(1)).not.toBe(before[1]);
  });

  test('moves and zooms each map by its own buttons and keys', async () => {
    const [first, second] = await Promise.all([drawn(0), drawn(1)]);
    await page.getByRole('button', { name: 'Zoom in of one' }).click();
    await expect.poll(() => drawn(0)).not.toBe(first);
    const zoomed = await drawn(0);
    await page.locator('canvas').first().press('ArrowLeft');
    await expect.poll(() => drawn(0)).not.toBe(zoomed);
    await page.locator('canvas').first().press('0');
    await expect.poll(() => drawn(0)).toBe(first);
    expect(await drawn(1)).toBe(second);
  });

  test('tells clicks and attributes of the point under the pointer', async () => {
    const box = (await page.locator('canvas').nth(1).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const tip = page.locator('#tip');
    for (let step = 0; step < 400 && !(await tip.isVisible()); step++) {
      await page.mouse.move(box.x + ((step * 37) % box.width), box.y + ((step * 23) % box.height));
    }

    expect(await tip.locator('span').textContent()).toMatch(/^\d+ clicks · (group: \w+ · )?share: 0(\.\d{1,5})?$/);
  });

  test('is a picture and a legend where there is no JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
    const plain = await context.newPage();
    await plain.goto(url);

    expect(await plain.getByRole('img', { name: /^Map of (one|two), 600 points/ }).count()).toBe(2);
    expect(await plain.getByRole('list', { name: 'Legend' }).textContent()).toContain('amber100');
    expect(await plain.locator('.controls').isVisible()).toBe(false);
    await context.close();
  });

  test('complains of nothing', () => {
    expect(complaints).toEqual([]);
  });
});
