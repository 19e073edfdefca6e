/** The report in a real browser, opened from disk with the network off. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { runJson } from '../cli/harness.js';
import { describeInBrowser, openPage, startChromium, temporaryFolder } from './chromium.js';
import { plantedEmbedding } from './planted.js';
import { readTexts } from './readable.js';

const hostile = '</script><b>bold</b>';

/** What chance gives, as training notes it. */
const chance = { levels: [10, 1, 0.5, 0.01], asked: 500, bands: [{ least: 0, similarities: [0.1, 0.5, 0.6, 0.8] }] };

describeInBrowser('the report', () => {
  const folder = temporaryFolder();
  const [one, two] = [1, 2].map((seed) => {
    const { vocabulary, dimension, vectors, attributes } = plantedEmbedding(600, { seed });
    const keys = [hostile, ...vocabulary.keys.slice(1)];
    return new Embedding({ vocabulary: new Vocabulary(keys, vocabulary.counts), dimension, vectors, attributes });
  });
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const url = pathToFileURL(join(folder, 'report.html')).href;

  beforeAll(async () => {
    const paths = ['one', 'two'].map((name) => join(folder, `${name}.parquet`));
    for (const [i, embedding] of [one, two].entries()) if (embedding) await writeEmbedding(paths[i] ?? '', embedding);
    await runJson(['report', ...paths, '--method', 'pca', '--out', join(folder, 'report.html')]);
    browser = await startChromium();
    ({ page, complaints } = await openPage(browser, url, { offline: true }));
  });

  test('shows how sure neighbors are, and a row for what chance gives', async () => {
    const sure = plantedEmbedding(60).with({ provenance: { chance } });
    const [path, out] = ['sure.parquet', 'sure.html'].map((name) => join(folder, name));
    await writeEmbedding(path ?? '', sure);
    await runJson(['report', path ?? '', '--method', 'pca', '--out', out ?? '']);
    const other = await openPage(browser, pathToFileURL(out ?? '').href, { offline: true });
    const table = other.page.locator('#answer table');
    const asked = (await other.page.locator('#answer h3').textContent()) ?? '';
    const [first] = sure.nearest(asked, 1);

    expect(await table.locator('thead th').allTextContents()).toContain('confidence');
    expect(await table.locator('tbody tr').first().locator('td').nth(1).textContent()).toBe(
      (Math.floor((first?.confidence ?? 0) * 100) / 100).toFixed(2),
    );
    expect(await table.getByText('one this near by chance').count()).toBe(1);
    expect(other.complaints).toEqual([]);
    await other.page.close();
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** Names and similarities of a table of neighbors. */
  async function listed(name: string): Promise<(readonly [string, string])[]> {
    const rows = page
      .locator('#answer')
      .getByRole('table', { name: `Nearest in ${name}` })
      .locator('tbody tr');
    const names = await rows.getByRole('button').allTextContents();
    const figures = await rows.locator('td:nth-of-type(1)').allTextContents();
    return names.map((category, i) => [category, figures[i] ?? ''] as const);
  }

  function expected(embedding: Embedding | undefined, category: string): (readonly [string, string])[] {
    return (embedding?.nearest(category, 10) ?? []).map(
      (found) => [found.category, found.similarity.toFixed(3)] as const,
    );
  }

  /** What the first map shows. */
  function drawn(): Promise<string> {
    return page.evaluate(() => document.querySelector('canvas')?.toDataURL() ?? '');
  }

  test('a wide page has two columns, neither of which ends a whole section above the other', async () => {
    const single = pathToFileURL(join(folder, 'sure.html')).href;
    const wide = await openPage(browser, single, { offline: true, viewport: { width: 1400, height: 900 } });
    const boxes = await wide.page.locator('.more > section').evaluateAll((sections) =>
      sections.map((section) => {
        const { left, bottom, height } = section.getBoundingClientRect();
        return { left, bottom, height };
      }),
    );
    await wide.page.close();
    const columns = [...new Set(boxes.map(({ left }) => left))];
    const ends = columns.map((at) => Math.max(...boxes.filter(({ left }) => left === at).map(({ bottom }) => bottom)));

    expect(columns).toHaveLength(2);
    expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(Math.max(...boxes.map(({ height }) => height)));
  });

  test('lists the library’s neighbors of a category that is searched for by keyboard, in both embeddings', async () => {
    await page.getByLabel('Find a category').fill('dahlia-9');
    await page.getByRole('listbox', { name: 'Categories found' }).getByRole('option').first().waitFor();
    await page.getByLabel('Find a category').press('ArrowDown');
    await page.getByLabel('Find a category').press('Enter');
    const chosen = (await page.locator('#answer h3').textContent()) ?? '';

    expect(chosen).toMatch(/^dahlia-9\d/);
    expect(await listed('one')).toEqual(expected(one, chosen));
    expect(await listed('two')).toEqual(expected(two, chosen));
  });

  test('walks on to a neighbor, and from a table to its category', async () => {
    const next = (await listed('one'))[2]?.[0] ?? '';
    await page.locator('#answer').getByRole('button', { name: next, exact: true }).first().click();
    expect(await page.locator('#answer h3').textContent()).toBe(next);
    expect(await listed('one')).toEqual(expected(one, next));

    const different = page.locator('#differences tbody button').first();
    const name = await different.textContent();
    await different.click();
    expect(await page.locator('#answer h3').textContent()).toBe(name);
  });

  test('colors by another attribute, and shows its legend', async () => {
    expect(await page.getByRole('list', { name: 'Legend' }).textContent()).toContain('amber');
    const before = await drawn();
    await page.getByLabel('Color by').selectOption('share');

    expect(await page.getByRole('list', { name: 'Legend' }).textContent()).not.toContain('amber');
    await expect.poll(drawn).not.toBe(before);
    await page.getByLabel('Color by').selectOption('group');
  });

  test('tells what is under the pointer, zooms by keyboard, and chooses what is clicked', async () => {
    const canvas = page.locator('canvas').first();
    await canvas.focus();
    await canvas.press('+');
    await expect.poll(() => canvas.getAttribute('class')).toBe('enlarged');
    await canvas.press('0');
    await expect.poll(() => canvas.getAttribute('class')).toBe('');
    const box = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const tip = page.locator('#tip');
    let [x, y] = [0, 0];
    for (let step = 0; step < 400 && !(await tip.isVisible()); step++) {
      [x, y] = [box.x + ((step * 37) % box.width), box.y + ((step * 23) % box.height)];
      await page.mouse.move(x, y);
    }
    const name = await tip.locator('strong').textContent();
    await page.mouse.click(x, y);

    expect(await page.locator('#answer h3').textContent()).toBe(name);
  });

  test('shows a key that looks like markup as text', async () => {
    await page.getByLabel('Find a category').fill(hostile);
    await page.getByLabel('Find a category').press('Enter');

    expect(await page.locator('#answer h3').textContent()).toBe(hostile);
    expect(await page.locator('b').count()).toBe(0);
  });

  test.each([320, 1200])('fits a page of %i pixels, light and dark', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  });

  test.each(['light', 'dark'] as const)('every text has the contrast of WCAG AA: %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const texts = await page.evaluate(readTexts);

    expect(texts.length).toBeGreaterThan(300);
    expect(texts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
  });

  test('complains of nothing', () => {
    expect(complaints).toEqual([]);
  });

  test('is pictures and tables where there is no JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true, colorScheme: 'dark' });
    const plain = await context.newPage();
    await plain.goto(url);

    expect(await plain.getByRole('img', { name: /^Map of (one|two), 600 points/ }).count()).toBe(2);
    expect(await plain.locator('.controls').isVisible()).toBe(false);
    expect(await plain.getByRole('table', { name: 'Neighbors of frequent categories' }).isVisible()).toBe(true);
    await context.close();
  });
});
