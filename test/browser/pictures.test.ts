/** What the page, the report and the map look like, beside pictures that a person has looked at. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { runJson } from '../cli/harness.js';
import { describeInBrowser, openPage, serveExplorer, startChromium, temporaryFolder, type Served } from './chromium.js';
import {
  baselinePath,
  blocksOf,
  changedShare,
  compareWithBaseline,
  setFont,
  takePicture,
  toleratedShare,
} from './picture.js';
import { plantedEmbedding } from './planted.js';

const view = '#map=pca&color=group&category=elm-4';
const chosen = `${view}&lasso=0,-0.95,-0.6,0,-0.6,0,0.4,-0.95,0.4&lassoMap=pca`;

describeInBrowser('pictures', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let one: Served;
  let two: Served;
  let pages: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const [first, second] = ['planted', 'other'].map((name) => join(folder, `${name}.parquet`));
    await writeEmbedding(first ?? '', plantedEmbedding(600));
    await writeEmbedding(second ?? '', plantedEmbedding(600, { noise: 1.1 }));
    const [report, map] = ['report.html', 'map.html'].map((name) => join(folder, name));
    await runJson(['report', first ?? '', second ?? '', '--method', 'pca', '--out', report ?? '']);
    await runJson(['map', first ?? '', '--method', 'pca', '--out', map ?? '']);
    browser = await startChromium();
    [one, two] = await Promise.all([serveExplorer([first ?? '']), serveExplorer([first ?? '', second ?? ''])]);
    pages = {
      one: one.url,
      two: two.url,
      report: pathToFileURL(report ?? '').href,
      map: pathToFileURL(map ?? '').href,
    };
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all([one.stop(), two.stop()]);
    rmSync(folder, { recursive: true });
  });

  async function open(name: string, hash: string, options: Parameters<Browser['newPage']>[0]): Promise<Page> {
    const { page } = await openPage(browser, `${pages[name]}${hash}`, { bypassCSP: true, ...options });
    await setFont(page);
    const maps = page.locator(name === 'report' || name === 'map' ? 'canvas' : '.map.drawn');
    await maps.nth(name === 'two' || name === 'report' ? 1 : 0).waitFor();
    await page.waitForTimeout(300);
    return page;
  }

  test.each([
    ['explorer-light', 'one', chosen, { colorScheme: 'light', viewport: { width: 1100, height: 860 } }],
    ['explorer-dark', 'one', chosen, { colorScheme: 'dark', viewport: { width: 1100, height: 860 } }],
    ['explorer-narrow', 'one', view, { colorScheme: 'light', viewport: { width: 390, height: 800 } }],
    ['explorer-two', 'two', view, { colorScheme: 'light', viewport: { width: 1100, height: 860 } }],
    ['report', 'report', '', { colorScheme: 'light', offline: true, viewport: { width: 900, height: 1100 } }],
    ['report-dark', 'report', '', { colorScheme: 'dark', offline: true, viewport: { width: 390, height: 800 } }],
    ['map', 'map', '', { colorScheme: 'light', offline: true, viewport: { width: 900, height: 860 } }],
  ] as const)('%s looks as it did', async (name, served, hash, options) => {
    const page = await open(served, hash, options);
    let { share, seen } = await compareWithBaseline(page, name);
    // names on a canvas may have been drawn before the font was there: another size and back draws them again
    for (let again = 0; again < 4 && share > toleratedShare; again++) {
      await page.setViewportSize({ width: options.viewport.width + 8, height: options.viewport.height });
      await page.waitForTimeout(300);
      await page.setViewportSize(options.viewport);
      await page.waitForTimeout(500);
      ({ share, seen } = await compareWithBaseline(page, name));
    }
    await page.close();

    expect(share, `test/browser/baselines/${name}.jpg is not ${seen}`).toBeLessThanOrEqual(toleratedShare);
  });

  test('a picture that is really different is noticed', async () => {
    const page = await open('one', chosen, { colorScheme: 'light', viewport: { width: 1100, height: 860 } });
    const kept = await blocksOf(page, readFileSync(baselinePath('explorer-light')));
    const changes = {
      'other colors': '.map canvas { filter: hue-rotate(60deg) }',
      'no points': '.map canvas { visibility: hidden }',
      'no rings': '.map svg { visibility: hidden }',
      'no panels': 'aside { visibility: hidden }',
      'no tools': '.toolbar { visibility: hidden }',
      'panels in another order': 'aside { display: flex; flex-direction: column } .selection { order: -1 }',
      'larger letters': 'aside { font-size: 15px }',
      'another ground': ':root { --sheet: #ffe8d0 !important }',
    };
    const unnoticed: string[] = [];
    for (const [change, content] of Object.entries(changes)) {
      const style = await page.addStyleTag({ content });
      const share = changedShare(await blocksOf(page, await takePicture(page)), kept);
      if (share <= 2 * toleratedShare) unnoticed.push(`${change}: ${share}`);
      await style.evaluate((element) => element.parentNode?.removeChild(element));
    }
    const back = changedShare(await blocksOf(page, await takePicture(page)), kept);
    await page.close();

    expect(unnoticed).toEqual([]);
    expect(back).toBeLessThanOrEqual(toleratedShare);
  });
});
