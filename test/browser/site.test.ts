/**
 * The explorer as a static site: a folder on a server that knows nothing of it, from the clicks that are dropped to the
 * Parquet that is kept.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { describeInBrowser, openPage, startChromium, temporaryFolder } from './chromium.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
};

describeInBrowser('the static site', () => {
  const folder = temporaryFolder();
  const rows = clicks();
  let browser: Browser;
  let server: Server;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const script = fileURLToPath(new URL('../../scripts/build-site.js', import.meta.url));
    execFileSync(process.execPath, [script, join(folder, 'site')]);
    server = createServer((request, response) => {
      const path = request.url === '/any/where/' ? '/index.html' : (request.url ?? '').replace('/any/where', '');
      try {
        const bytes = readFileSync(join(folder, 'site', path));
        response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'text/plain' }).end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    browser = await startChromium();
    ({ page, complaints } = await openPage(browser, `http://127.0.0.1:${port}/any/where/`));
  });

  afterAll(async () => {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  test('without isolation it trains what is dropped, and shows neighbors with their confidence and the map', async () => {
    await page.getByText('Drop an embedding here').waitFor();
    await drop('clicks.csv', `user,shop\n${rows.map((row) => row.join(',')).join('\n')}\n`);
    await page.getByLabel('Epochs').fill('20');
    await page.getByText('More options').click();
    await page.getByLabel('Seed').fill('7');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.locator('.map.drawn').waitFor();
    await page.getByTestId('layout').filter({ hasText: 't-SNE' }).waitFor();
    await page.getByLabel('Find a category').fill('a3');
    await page.getByLabel('Find a category').press('Enter');

    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false);
    expect(await page.locator('.lists li').count()).toBeGreaterThanOrEqual(10);
    expect(await page.locator('.sure').first().textContent()).toMatch(/^confidence \d+ %$/);
  });

  test('a table of attributes that is dropped next is joined by key, and colors the map', async () => {
    const table = ['shop,kind', ...Array.from({ length: 20 }, (_, i) => [`a${i},alpha`, `b${i},"beta, or so"`]).flat()];
    await drop('kinds.csv', `${table.join('\n')}\n`);
    await page.getByRole('heading', { name: 'Join kinds.csv' }).waitFor();
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByText('40 of 40 categories of clicks.csv are in kinds.csv').waitFor();

    expect(await page.getByLabel('Color by').inputValue()).toBe('kind');
    expect(await page.locator('.legend li .name').allTextContents()).toEqual(['alpha', 'beta, or so']);
    expect(await page.getByTestId('layout').textContent()).toContain('t-SNE');
  });

  test('the Parquet that is saved holds what Node trains, with the attributes', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save vectors' }).click();
    const saved = await download;
    const path = join(folder, saved.suggestedFilename());
    await saved.saveAs(path);
    const kept = await readEmbedding(path);
    const histories = historiesFromArrays(
      rows.map(([user]) => user),
      rows.map(([, shop]) => shop),
    );
    const ours = await trainEmbedding(histories, { dimension: 64, epochs: 20, seed: 7 });

    expect(saved.suggestedFilename()).toBe('clicks.parquet');
    expect(kept.vocabulary.keys).toEqual(ours.vocabulary.keys);
    expect(Array.from(kept.vocabulary.counts)).toEqual(Array.from(ours.vocabulary.counts));
    expect(kept.version).toBe(ours.version);
    expect(Array.from(kept.outputVectors ?? [])).toEqual(Array.from(ours.outputVectors ?? []));
    expect(kept.provenance).toEqual({
      ...ours.provenance,
      source: { files: ['clicks.csv'], history: 'user', category: 'shop' },
    });
    expect(kept.nearest('a3', 3)[0]?.attributes).toEqual({
      kind: kept.nearest('a3', 1)[0]?.category[0] === 'a' ? 'alpha' : 'beta, or so',
    });
  });

  test('nothing was complained of', () => {
    expect(complaints).toEqual([]);
  });

  function drop(name: string, text: string): Promise<void> {
    return page.getByLabel('Files').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  }
});

/** Two groups of shops that are clicked together. */
function clicks(): (readonly [string, string])[] {
  return Array.from({ length: 3000 }, (_, i) => {
    const user = (i * 7919) % 301;
    return [`u${user}`, `${user % 2 === 0 ? 'a' : 'b'}${(i * 104_729) % 20}`] as const;
  });
}
