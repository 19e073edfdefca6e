/** Where the points stand in the page: principal components at once, t-SNE after them, and links that restore either. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { projectEmbedding } from '../../src/projection/project-embedding.js';
import { describeInBrowser, openPage, serveExplorer, startChromium, temporaryFolder, type Served } from './chromium.js';
import { plantedEmbedding } from './planted.js';

describeInBrowser('the layouts of the page', () => {
  const folder = temporaryFolder();
  const embedding = plantedEmbedding(120);
  let browser: Browser;
  let served: Served;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const path = join(folder, 'planted.parquet');
    await writeEmbedding(path, embedding);
    [browser, served] = await Promise.all([startChromium(), serveExplorer([path])]);
    ({ page, complaints } = await openPage(browser, served.url));
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
    rmSync(folder, { recursive: true });
  });

  const layout = (on: Page) => on.getByTestId('layout');

  test('t-SNE follows unasked, and says the trustworthiness that Node measures on the same bits', async () => {
    const { quality } = await projectEmbedding(embedding, { method: 'tsne' });
    await layout(page).filter({ hasText: 't-SNE' }).waitFor();

    expect(await layout(page).textContent()).toContain(
      `trustworthiness ${quality.trustworthiness.toFixed(3)}, continuity ${quality.continuity.toFixed(3)}`,
    );
    expect(await page.getByRole('button', { name: 't-SNE' }).getAttribute('aria-pressed')).toBe('true');
  });

  test('t-SNE is computed once: a page that is loaded again has it at once, the same', async () => {
    const [seen, said] = [await coordinates(page), await layout(page).textContent()];
    await page.reload();
    await layout(page).filter({ hasText: 't-SNE' }).waitFor();

    expect(await page.evaluate(() => performance.getEntriesByName('layout remembered').length)).toBe(1);
    expect(await layout(page).textContent()).toBe(said);
    expect(await coordinates(page)).toEqual(seen);
    expect(
      await page.evaluate(() =>
        caches
          .open('layouts')
          .then((cache) => cache.keys())
          .then(({ length }) => length),
      ),
    ).toBe(1);
  });

  test('places of a table that map wrote are shown instead', async () => {
    const table = join(folder, 'map.csv');
    const lines = embedding.vocabulary.keys.map((key, row) => `"${key}",${row % 10},${Math.floor(row / 10)}`);
    writeFileSync(table, `category,x,y\n${lines.join('\n')}\n`);
    const placed = await serveExplorer([join(folder, 'planted.parquet'), '--map', table]);
    const opened = await openPage(browser, placed.url);
    await layout(opened.page).filter({ hasText: 'places from a file' }).waitFor();

    expect(await opened.page.evaluate(() => performance.getEntriesByName('layout served').length)).toBe(1);
    expect(opened.complaints).toEqual([]);
    await opened.page.close();
    await placed.stop();
  });

  test('a link to a t-SNE map restores its view, selection and question once it is laid out', async () => {
    await page.locator('.map').focus();
    await page.keyboard.press('+');
    await page.getByRole('button', { name: 'Box' }).click();
    const box = await page.locator('.map').boundingBox();
    await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 60);
    await page.mouse.down();
    await page.mouse.move((box?.x ?? 0) + 500, (box?.y ?? 0) + 400, { steps: 3 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Nearest to their average' }).click();
    await page.waitForFunction(() => location.hash.includes('lassoMap=tsne') && location.hash.includes('ask=average'));
    const [selected, asked, address] = [await selectedText(page), await questionText(page), page.url()];

    const again = await openPage(browser, address);
    await again.page.getByTestId('selected').waitFor();

    expect(await selectedText(again.page)).toBe(selected);
    expect(await questionText(again.page)).toBe(asked);
    expect(again.page.url()).toBe(address);
    expect(again.complaints).toEqual([]);
    await again.page.close();
  });

  test('the selection stays when the layout changes, and PCA stays chosen in the link', async () => {
    const selected = await selectedText(page);
    await page.getByRole('button', { name: 'PCA' }).click();

    expect(await layout(page).textContent()).toContain('principal components');
    expect(await selectedText(page)).toBe(selected);
    expect(await page.locator('.map polygon').count()).toBe(0);
    await page.waitForFunction(() => location.hash.includes('map=pca'));
  });

  test('points stand in their new places at once where the system asks for reduced motion', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const [before, soon, still] = await page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const read = (): string =>
        Array.from(document.querySelectorAll('.map circle.found'), (ring) => ring.getAttribute('cx')).join(' ');
      const first = read();
      for (const button of document.querySelectorAll('button')) if (button.textContent === 't-SNE') button.click();
      await frame();
      await frame();
      const next = read();
      let last = next;
      for (let unchanged = 0; unchanged < 30; unchanged++) {
        await frame();
        if (read() !== last) unchanged = -1;
        last = read();
      }
      return [first, next, last];
    });

    expect(before).not.toBe(still);
    expect(soon).toBe(still);
  });

  test('nothing was complained of', () => {
    expect(complaints).toEqual([]);
  });
});

function selectedText(page: Page): Promise<string | null> {
  return page.getByTestId('selected').textContent();
}

function questionText(page: Page): Promise<string | null> {
  return page.getByTestId('question').textContent();
}

/** Where every point stands, as the page saves it. */
async function coordinates(page: Page): Promise<string[]> {
  await page.locator('.map').press('s');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as CSV' }).click();
  const lines = readFileSync(await (await download).path(), 'utf8').split('\r\n');
  await page.getByRole('button', { name: 'Clear' }).click();
  return lines;
}
