/** A page that imports the packed tarball builds with esbuild, webpack 5 and Vite, and computes the bits of Node in Chromium. */
import { mkdirSync, rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeInBrowser, openPage, startChromium } from '../browser/chromium.js';
import { buildPage, bundlers, siteWithTarball } from './build-page.js';
import { serveFolder, type ServedFolder } from './serve-folder.js';

/** What the page leaves in its global scope. */
interface Outcome {
  readonly bits?: readonly number[];
  readonly error?: string;
}

describeInBrowser('a page of the packed tarball', () => {
  let site = '';
  let browser: Browser;
  let ofNode: readonly number[] = [];

  beforeAll(async () => {
    site = siteWithTarball();
    browser = await startChromium();
    const script = (await import(pathToFileURL(`${site}/learn.js`).href)) as {
      learn(threads: number): Promise<number[]>;
    };
    ofNode = await script.learn(3);
  });

  afterAll(async () => {
    await browser.close();
    rmSync(site, { recursive: true, force: true });
  });

  describe.each(bundlers)('built by $name', (bundler) => {
    const query = bundler.workerUrl === undefined ? '' : `?worker=${bundler.workerUrl}`;
    let printed = '';
    let isolated: ServedFolder;
    let plain: ServedFolder;

    beforeAll(async () => {
      const output = `${site}/built-${bundlers.indexOf(bundler)}`;
      mkdirSync(output);
      printed = buildPage(bundler, site, output);
      [isolated, plain] = await Promise.all([serveFolder(output, true), serveFolder(output, false)]);
    });

    afterAll(() => Promise.all([isolated.stop(), plain.stop()]));

    test('builds without a warning', () => {
      expect(printed.replace('webpack compiled successfully', '').trim()).toBe('');
    });

    test('has the bits of Node on two threads where it is isolated', async () => {
      const { outcome, workers, isIsolated, complaints } = await openBuilt(isolated, query);

      expect(complaints).toEqual([]);
      expect(outcome.error).toBeUndefined();
      expect(isIsolated).toBe(true);
      // two for each of training, what chance gives, and the map
      expect(workers).toBeGreaterThanOrEqual(4);
      expect(outcome.bits).toEqual(ofNode);
    });

    test('has the bits of Node on its own thread where it is not', async () => {
      const { outcome, workers, isIsolated, complaints } = await openBuilt(plain, query);

      expect(complaints).toEqual([]);
      expect(outcome.error).toBeUndefined();
      expect({ isIsolated, workers }).toEqual({ isIsolated: false, workers: 0 });
      expect(outcome.bits).toEqual(ofNode);
    });

    test('says in a sentence that the script of its workers is not there', async () => {
      const { outcome } = await openBuilt(isolated, '?worker=/nowhere.js');

      expect(outcome.error).toMatch(/^InputError: a worker could not be started: its script \(\/nowhere\.js\) was not/);
    });
  });

  async function openBuilt(server: ServedFolder, query: string) {
    const { page, complaints } = await openPage(browser, 'about:blank');
    let workers = 0;
    page.on('worker', () => workers++);
    await page.goto(`${server.url}/index.html${query}`);
    await page.waitForFunction(() => 'outcome' in globalThis);
    const [outcome, isIsolated] = await page.evaluate(
      () => [(globalThis as unknown as { outcome: Outcome }).outcome, globalThis.crossOriginIsolated] as const,
    );
    await page.close();
    return { outcome, workers, isIsolated, complaints };
  }
});
