/** Training in the page where it cannot share memory, and training that is stopped. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

  test('without cross-origin isolation it uses one thread, says so, and makes the map', async () => {
    const { page, complaints } = await openPage(browser, 'about:blank');
    await page.route('**', async (route) => {
      const response = await route.fetch();
      const kept = Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin-'));
      await route.fulfill({ response, headers: Object.fromEntries(kept) });
    });
    await page.goto(served.url);
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false);
    await trainOn(page, 2000, 2);

    await page.locator('.map.drawn').waitFor({ timeout: 60_000 });
    expect(await page.getByRole('status').filter({ hasText: 'Trained on one thread' }).count()).toBe(1);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('it shows its progress and can be stopped, and the page waits for files as before', async () => {
    const { page, complaints } = await openPage(browser, served.url);
    await trainOn(page, 20_000, 1000);
    await page.getByText(/training, epoch \d+ of 1000/).waitFor({ timeout: 60_000 });
    expect(await page.getByRole('progressbar').count()).toBe(1);
    await page.getByRole('button', { name: 'Stop' }).click();

    await page.getByText('Drop an embedding here').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

/** Opens a CSV of clicks by the page's button and trains on it. */
async function trainOn(page: Page, clicks: number, epochs: number): Promise<void> {
  const rows = Array.from({ length: clicks }, (_, i) => `u${(i * 7919) % 499},c${(i * 104_729) % 97}`);
  const buffer = Buffer.from(`user,shop\n${rows.join('\n')}\n`);
  await page.getByLabel('Files').setInputFiles({ name: 'clicks.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('combobox', { name: /^Category/ }).selectOption('shop');
  await page.getByLabel('Epochs').fill(String(epochs));
  await page.getByRole('button', { name: 'Train' }).click();
}
