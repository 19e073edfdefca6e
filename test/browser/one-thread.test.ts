/** Training in the page where it cannot share memory, and training that is stopped. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { describeInBrowser, openPage, serveExplorer, startChromium, type Served } from './chromium.js';

describeInBrowser('training in the page', () => {
  let browser: Browser;
  let served: Served;

  beforeAll(async () => {
    [browser, served] = await Promise.all([startChromium(), serveExplorer([])]);
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
  });

  test('without cross-origin isolation it uses one thread, says so, and gives the bits of Node', async () => {
    const { page, complaints } = await openPage(browser, 'about:blank');
    await page.route('**', async (route) => {
      const response = await route.fetch();
      const kept = Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin-'));
      await route.fulfill({ response, headers: Object.fromEntries(kept) });
    });
    await page.goto(served.url);
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false);
    await trainOn(page, 2000, 2);

    await page.locator('.map.drawn').waitFor();
    expect(await page.getByRole('status').filter({ hasText: 'Trained on one thread' }).count()).toBe(1);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save vectors' }).click();
    const trained = await readEmbedding(await (await download).path());
    const rows = clicks(2000);
    const histories = historiesFromArrays(
      rows.map(([user]) => user),
      rows.map(([, shop]) => shop),
    );
    const ours = await trainEmbedding(histories, { dimension: 64, epochs: 2 });
    expect(trained.vocabulary.keys).toEqual(ours.vocabulary.keys);
    expect(Buffer.from(trained.vectors.slice().buffer).equals(Buffer.from(ours.vectors.slice().buffer))).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('it shows its progress and can be stopped, and the page waits for files as before', async () => {
    const { page, complaints } = await openPage(browser, served.url);
    await trainOn(page, 20_000, 1000);
    await page.getByText(/training, epoch \d+ of 1000/).waitFor();
    expect(await page.getByRole('progressbar').count()).toBe(1);
    await page.getByRole('button', { name: 'Stop' }).click();

    await page.getByText('Drop an embedding here').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

/** Users and the shops that they clicked. */
function clicks(count: number): (readonly [string, string])[] {
  return Array.from({ length: count }, (_, i) => [`u${(i * 7919) % 499}`, `c${(i * 104_729) % 97}`] as const);
}

/** Opens a CSV of clicks by the page's button and trains on it. */
async function trainOn(page: Page, count: number, epochs: number): Promise<void> {
  const buffer = Buffer.from(`user,shop\n${clicks(count).join('\n')}\n`);
  await page.getByLabel('Files').setInputFiles({ name: 'clicks.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('combobox', { name: /^Category/ }).selectOption('shop');
  await page.getByLabel('Epochs').fill(String(epochs));
  await page.getByRole('button', { name: 'Train', exact: true }).click();
}
