/**
 * Two embeddings side by side: what is chosen in one map is chosen in the other; everything can be read, in light, dark
 * and on narrow screens.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import {
  describeInBrowser,
  openPage,
  paintedShare,
  serveExplorer,
  startChromium,
  temporaryFolder,
  type Served,
} from './chromium.js';
import { plantedEmbedding } from './planted.js';
import { readTexts } from './readable.js';

const view =
  '#map=pca&color=group&category=amber-0&lasso=0,-0.5,-0.5,0.4,-0.5,0.4,0.4,-0.5,0.4&lassoMap=pca&like=amber-0';

describeInBrowser('two embeddings in the page', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let served: Served;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const paths = [join(folder, 'one.parquet'), join(folder, 'other.parquet')];
    await writeEmbedding(paths[0] ?? '', plantedEmbedding(600));
    await writeEmbedding(paths[1] ?? '', plantedEmbedding(600, { seed: 2 }));
    [browser, served] = await Promise.all([startChromium(), serveExplorer(paths)]);
    ({ page, complaints } = await openPage(browser, `${served.url}${view}`));
    await page.locator('.map.drawn').nth(1).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
    rmSync(folder, { recursive: true });
  });

  test('a selection in the second map counts its labels, and their sum is what is selected', async () => {
    await page.locator('.map').first().press('Escape');
    const before = await paintedShare(page, 60);
    await page.getByRole('button', { name: 'Box' }).click();
    const box = await page.locator('.map').nth(1).boundingBox();
    const [left, top] = [(box?.x ?? 0) + 10, (box?.y ?? 0) + 60];
    await page.mouse.move(left, top);
    await page.mouse.down();
    await page.mouse.move(left + 200, top + 330, { steps: 4 });
    await page.mouse.up();

    const count = Number(/\d+/.exec((await page.getByTestId('selected').textContent()) ?? '')?.[0]);
    const inside = await page.locator('.selection td.number:not(.of)').allTextContents();
    expect(count).toBeGreaterThan(0);
    expect(inside.reduce((sum, text) => sum + Number(text), 0)).toBe(count);
    expect(await page.locator('.map').nth(1).locator('polygon').count()).toBe(1);
    expect(await page.locator('.map').first().locator('polygon').count()).toBe(0);
    // In the first map the same categories stand out: what is not selected is pale.
    expect(await paintedShare(page, 60)).toBeLessThan(0.7 * before);
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)(
    'every text has the contrast of WCAG AA and room to be read: %s, %i pixels wide',
    async (colorScheme, width) => {
      const other = await openPage(browser, `${served.url}${view}`, { colorScheme, viewport: { width, height: 800 } });
      await other.page.locator('.map.drawn').nth(1).waitFor();
      const texts = await other.page.evaluate(readTexts);

      expect(texts.length).toBeGreaterThan(40);
      expect(texts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
      // A name that has no room is broken letter by letter.
      expect(texts.filter(({ lines, text }) => lines > 4 && text.length < 40)).toEqual([]);
      const [seen, all] = await other.page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
      expect(all).toBeLessThanOrEqual(seen ?? 0);
      expect(other.complaints).toEqual([]);
      await other.page.close();
    },
  );

  test('a wide page fits the window and does not scroll', async () => {
    const [seen, all] = await page.evaluate(() => [innerHeight, document.documentElement.scrollHeight]);
    expect(all).toBeLessThanOrEqual(seen ?? 0);
  });

  test('nothing was complained of', () => {
    expect(complaints).toEqual([]);
  });
});
