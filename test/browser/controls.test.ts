/** The page's controls: each can be reached and used by keyboard, has a name, and shows where the focus is. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { describeInBrowser, openPage, serveExplorer, startChromium, temporaryFolder, type Served } from './chromium.js';
import { plantedEmbedding } from './planted.js';

const view = '#map=pca&color=group&category=elm-4&lasso=0,-0.95,-0.6,0,-0.6,0,0.4,-0.95,0.4&lassoMap=pca&like=amber-0';

describeInBrowser('the controls of the page', () => {
  const folder = temporaryFolder();
  const embedding = plantedEmbedding(600);
  let browser: Browser;
  let served: Served;
  let page: Page;
  const complaints: string[][] = [];

  beforeAll(async () => {
    const path = join(folder, 'planted.parquet');
    await writeEmbedding(path, embedding);
    [browser, served] = await Promise.all([startChromium(), serveExplorer([path])]);
  });

  beforeEach(async () => {
    await page?.close();
    const opened = await openPage(browser, `${served.url}${view}`);
    ({ page } = opened);
    complaints.push(opened.complaints);
    await page.locator('.map.drawn').waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
    rmSync(folder, { recursive: true });
  });

  test('Tab walks through all of them in the order of the page, each with a name and a mark of focus', async () => {
    const all = await page.evaluate(
      () =>
        [...document.querySelectorAll('button, input, select, a[href], [tabindex="0"]')].filter(
          (each) => !each.matches(':disabled') && each.checkVisibility(),
        ).length,
    );
    const walked: { name: string; isMarked: boolean; at: number }[] = [];
    for (let i = 0; i < all; i++) {
      await page.keyboard.press('Tab');
      walked.push(
        await page.evaluate(() => {
          const element = document.activeElement ?? document.body;
          const isField = element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
          const label = isField ? element.labels?.[0]?.textContent : undefined;
          const name = element.getAttribute('aria-label') ?? label ?? element.textContent;
          const { outlineStyle, outlineWidth } = getComputedStyle(element);
          return {
            name: name.trim(),
            isMarked: outlineStyle !== 'none' && outlineWidth !== '0px',
            at: [...document.querySelectorAll('*')].indexOf(element),
          };
        }),
      );
    }

    expect(all).toBeGreaterThan(45);
    expect(walked.filter(({ name, isMarked }) => name === '' || !isMarked)).toEqual([]);
    expect(walked.map(({ at }) => at)).toEqual(walked.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(new Set(walked.map(({ at }) => at)).size).toBe(all);
  });

  test('search, neighbors, back, forward and arithmetic answer to the keyboard', async () => {
    await page.getByLabel('Find a category').press('d');
    await page.keyboard.type('ahlia-93');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const asked = (await question(page)) ?? '';
    expect(asked).toMatch(/^dahlia-93/);

    await press(
      page
        .getByRole('list', { name: /^Neighbors in/ })
        .getByRole('button')
        .first(),
      'Enter',
    );
    expect(await question(page)).toBe(embedding.nearest(asked, 1)[0]?.category);
    await press(page.getByRole('button', { name: 'Back' }), 'Space');
    expect(await question(page)).toBe(asked);
    await page.keyboard.press('Alt+ArrowRight');
    expect(await question(page)).not.toBe(asked);

    await press(page.getByRole('button', { name: 'Less like this' }), 'Enter');
    expect(await question(page)).toMatch(/^like amber-0; unlike dahlia|^like amber-0; unlike /);
    await press(page.getByRole('button', { name: 'Take amber-0 out' }), 'Enter');
    expect(await question(page)).toMatch(/^unlike /);
  });

  test('color, legend, selection and layout answer to the keyboard', async () => {
    await press(page.getByRole('checkbox', { name: /^amber/ }), 'Space');
    await page.waitForFunction(() => location.hash.includes('hide=amber'));
    await page.getByLabel('Color by').focus();
    await page.keyboard.type('share');
    expect(await page.getByLabel('Most share shown').getAttribute('placeholder')).toBe('0.988');

    await page.locator('.map').press('s');
    expect(await page.getByTestId('selected').textContent()).toBe('600 categories');
    await page.locator('.map').press('+');
    await page.keyboard.press('+');
    await page.keyboard.press('s');
    const seen = Number(/\d+/.exec((await page.getByTestId('selected').textContent()) ?? '')?.[0]);
    expect(seen).toBeGreaterThan(10);
    expect(seen).toBeLessThan(500);
    await press(page.getByRole('button', { name: 'Clear' }).first(), 'Enter');
    expect(await page.getByTestId('selected').count()).toBe(0);

    await press(page.getByRole('button', { name: 'Box' }), 'Space');
    expect(await page.getByRole('button', { name: 'Box' }).getAttribute('aria-pressed')).toBe('true');
  });

  test('the dialog of a training takes the focus, keeps it, and gives it back when Escape closes it', async () => {
    const button = page.getByRole('button', { name: 'Open files…' });
    await button.focus();
    const buffer = Buffer.from('user,shop\n1,a\n1,b\n');
    await page.getByLabel('Files').setInputFiles({ name: 'clicks.csv', mimeType: 'text/csv', buffer });
    await page.getByRole('dialog', { name: 'Train on clicks.csv' }).waitFor();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      const isInside = await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      );
      expect(isInside).toBe(true);
    }
    await page.keyboard.press('Escape');

    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test('a point under the pointer tells its name, clicks and attributes', async () => {
    await page.locator('.map').press('Escape');
    await page.locator('.map').press('Enter');
    const name = (await question(page)) ?? '';
    const ring = await page.locator('circle.asked').boundingBox();
    await page.mouse.move((ring?.x ?? 0) + (ring?.width ?? 0) / 2, (ring?.y ?? 0) + (ring?.height ?? 0) / 2);

    const row = embedding.vocabulary.rowOf(name) ?? 0;
    const facts = await page.locator('.tip dd').allTextContents();
    expect(await page.locator('.tip strong').textContent()).toBe(name);
    expect(facts).toEqual([
      String(600 - row),
      embedding.attributes.get('group')?.[row] ?? '–',
      String(Number((row / 600).toPrecision(5))),
    ]);
  });

  test('an average rings what is near to it, and of numbers the selection tells least, median and most', async () => {
    await page.getByRole('button', { name: 'Nearest to their average' }).click();
    expect(await page.locator('circle.found').count()).toBe(10);
    expect(await page.locator('circle.asked').count()).toBe(0);

    await page.locator('.map').press('s');
    await page.getByLabel('Color by').selectOption('clicks');
    expect(await page.locator('.selection tbody td').allTextContents()).toEqual([
      '1',
      '300.5',
      '600',
      '1',
      '300.5',
      '600',
    ]);
  });

  test('none of this made the page complain', () => {
    expect(complaints.flat()).toEqual([]);
  });
});

function question(page: Page): Promise<string | null> {
  return page.getByTestId('question').textContent();
}

async function press(control: Locator, key: string): Promise<void> {
  await control.focus();
  await control.press(key);
}
