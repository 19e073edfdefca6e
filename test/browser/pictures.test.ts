/** What the page, the report and the map look like, beside pictures that a person has looked at. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
import { writeStory } from './planted-story.js';

/** Until the page is drawn in its new size, from its named part on. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
    document.querySelector('section:target')?.scrollIntoView();
    await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
  });
}

const view = '#map=pca&color=group&category=elm-4';
const chosen = `${view}&lasso=0,-0.95,-0.6,0,-0.6,0,0.4,-0.95,0.4&lassoMap=pca`;

describeInBrowser('pictures', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let one: Served;
  let two: Served;
  let none: Served;
  let pages: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const [first, second] = ['planted', 'other'].map((name) => join(folder, `${name}.parquet`));
    await writeEmbedding(first ?? '', plantedEmbedding(600));
    await writeEmbedding(second ?? '', plantedEmbedding(600, { noise: 1.1 }));
    const [report, both, map] = ['report.html', 'both.html', 'map.html'].map((name) => join(folder, name));
    await runJson(['report', first ?? '', '--method', 'pca', '--out', report ?? '']);
    await runJson(['report', first ?? '', second ?? '', '--method', 'pca', '--out', both ?? '']);
    await runJson(['map', first ?? '', '--method', 'pca', '--out', map ?? '']);
    const demo = await writeStory(folder);
    browser = await startChromium();
    [one, two, none] = await Promise.all([
      serveExplorer([first ?? '']),
      serveExplorer([first ?? '', second ?? '']),
      serveExplorer([]),
    ]);
    pages = {
      one: one.url,
      two: two.url,
      none: none.url,
      report: pathToFileURL(report ?? '').href,
      both: pathToFileURL(both ?? '').href,
      map: pathToFileURL(map ?? '').href,
      demo: pathToFileURL(demo).href,
    };
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all([one.stop(), two.stop(), none.stop()]);
    rmSync(folder, { recursive: true });
  });

  async function open(name: string, hash: string, viewport = { width: 1400, height: 900 }): Promise<Page> {
    const isFile = pages[name]?.startsWith('file:') ?? false;
    const options = { bypassCSP: true, viewport, offline: isFile, colorScheme: 'light' as const };
    const { page } = await openPage(browser, `${pages[name]}${hash}`, options);
    await setFont(page);
    const maps = page.locator(isFile ? 'canvas' : '.map.drawn');
    if (name !== 'none' && name !== 'demo') await maps.nth(name === 'two' || name === 'both' ? 1 : 0).waitFor();
    return page;
  }

  describe.each([
    ['explorer', 'one', chosen],
    ['explorer-two', 'two', view],
    ['explorer-empty', 'none', ''],
    ['report', 'report', ''],
    ['report-two', 'both', ''],
    ['map', 'map', ''],
    ['demo', 'demo', ''],
    ['demo-curves', 'demo', '#worth'],
  ] as const)('%s', (prefix, served, hash) => {
    let page: Page;

    beforeAll(async () => {
      page = await open(served, hash);
    });

    afterAll(() => page.close());

    test.each(
      [
        [1400, 900],
        [1024, 768],
        [390, 844],
      ].flatMap(([width = 0, height = 0]) =>
        (['light', 'dark'] as const).map((scheme) => [width, height, scheme] as const),
      ),
    )('looks as it did: %i × %i, %s', async (width, height, colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await settle(page);
      const name = `${prefix}-${width}-${colorScheme}`;
      let { share, seen } = await compareWithBaseline(page, name);
      // names on a canvas may have been drawn before the font was there: another size and back draws them again
      for (let again = 0; again < 20 && share > toleratedShare; again++) {
        await page.setViewportSize({ width: width + 8, height });
        await page.waitForTimeout(300);
        await page.setViewportSize({ width, height });
        await page.waitForTimeout(500);
        await settle(page);
        ({ share, seen } = await compareWithBaseline(page, name));
      }

      expect(share, `test/browser/baselines/${name}.jpg is not ${seen}`).toBeLessThanOrEqual(toleratedShare);
    });
  });

  test('a picture that is really different is noticed', async () => {
    const page = await open('one', chosen, { width: 1024, height: 768 });
    await settle(page);
    const kept = await blocksOf(page, readFileSync(baselinePath('explorer-1024-light')));
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
