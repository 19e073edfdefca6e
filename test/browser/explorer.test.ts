/** The explorer in a real browser, on 20,000 points. */
import { readFileSync, rmSync } from 'node:fs';
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

describeInBrowser('the explorer', () => {
  const folder = temporaryFolder();
  const embedding = plantedEmbedding(20_000);
  let browser: Browser;
  let served: Served;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const path = join(folder, 'planted.parquet');
    await writeEmbedding(path, embedding);
    [browser, served] = await Promise.all([startChromium(), serveExplorer([path])]);
    ({ page, complaints } = await openPage(browser, `${served.url}#map=pca&color=group`));
    await page.locator('.map.drawn').waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
    rmSync(folder, { recursive: true });
  });

  /** Texts of a list of neighbors: names and similarities. */
  async function listed(on: Page = page): Promise<string[][]> {
    const items = on.getByRole('list', { name: /^Neighbors in/ }).locator('li');
    const names = await items.locator('.name').allTextContents();
    const figures = await items.locator('.number').allTextContents();
    return names.map((name, i) => [name, figures[i] ?? '']);
  }

  /** What the library answers, as the page writes it. */
  function expected(query: Parameters<typeof embedding.nearest>[0]): string[][] {
    return embedding.nearest(query, 10).map(({ category, similarity }) => [category, similarity.toFixed(3)]);
  }

  test('draws every point, and names the file and its size', async () => {
    expect(await page.locator('figcaption').textContent()).toContain('planted.parquet');
    expect(await page.locator('figcaption').textContent()).toContain('20,000 categories × 16');
    expect(await paintedShare(page)).toBeGreaterThan(0.1);
  });

  test('is cross-origin isolated and loads nothing but itself', async () => {
    const response = await page.request.get(served.url);

    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    expect(response.headers()['content-security-policy']).toContain("default-src 'none'");
  });

  test('lists the neighbors that the library finds for a category that is searched for', async () => {
    await page.getByLabel('Find a category').fill('dahlia-9');
    const options = page.getByRole('option');
    await options.first().waitFor();
    expect(await options.first().textContent()).toMatch(/^dahlia-9/);

    await page.getByLabel('Find a category').fill('dahlia-933');
    await page.getByLabel('Find a category').press('Enter');

    expect(await listed()).toEqual(expected('dahlia-933'));
  });

  test('lists the neighbors of a point that is clicked, and walks on, back and forward', async () => {
    const first = expected('dahlia-933')[3]?.[0] ?? '';
    const map = page.locator('.map');
    // A wheel event has whole pixels; each turn enlarges what is lost of them, so the pointer is put on the ring anew.
    for (let turn = 0; turn < 4; turn++) {
      const place = await placeOfRing(page, 3);
      await map.hover({ position: place });
      await page.mouse.wheel(0, -1000);
    }
    await map.click({ position: await placeOfRing(page, 3) });

    expect(await page.getByTestId('question').textContent()).toBe(first);
    expect(await listed()).toEqual(expected(first));

    await page
      .getByRole('list', { name: /^Neighbors in/ })
      .getByRole('button')
      .first()
      .click();
    const second = (await page.getByTestId('question').textContent()) ?? '';
    expect(second).toBe(expected(first)[0]?.[0]);
    expect(await listed()).toEqual(expected(second));

    await page.getByRole('button', { name: 'Back' }).click();
    expect(await page.getByTestId('question').textContent()).toBe(first);
    await page.getByRole('button', { name: 'Forward' }).click();
    expect(await page.getByTestId('question').textContent()).toBe(second);
    expect(await page.locator('svg circle.found').count()).toBe(10);
  });

  test('a typo in the search is answered in place with names that are there', async () => {
    const search = page.getByLabel('Find a category');
    await search.fill('dalhia-93x');
    await search.press('Enter');

    expect(await page.locator('.search .missing').textContent()).toContain('No category is called “dalhia-93x”.');
    expect(await page.locator('.messages p').count()).toBe(0);
    const [first] = await page.getByRole('option').allTextContents();
    expect(first).toMatch(/^dahlia-/);
    await search.press('ArrowDown');
    await search.press('Enter');
    expect(await page.getByTestId('question').textContent()).toBe(first);
    expect(await page.locator('.search .missing').count()).toBe(0);
  });

  test('a button that is pressed or primary stays readable under the pointer', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const button = page.getByRole('button', { name: 'Move' });
      await button.hover();
      expect(await button.evaluate(contrastOf)).toBeGreaterThan(4.5);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('colors by an attribute, and the legend takes values out of the map', async () => {
    await page.getByRole('button', { name: 'Show all', exact: true }).click();
    await page.getByLabel('Color by').selectOption('group');
    const all = await paintedShare(page);
    expect(await page.locator('.legend li .name').allTextContents()).toEqual(
      expect.arrayContaining(['amber', 'birch', 'cedar', 'dahlia', 'elm', 'fern', 'no value']),
    );

    await page.getByRole('button', { name: 'Show only amber' }).click();
    expect(await paintedShare(page)).toBeLessThan(all / 2);
    await page.getByRole('button', { name: 'Show all values' }).click();
    expect(await paintedShare(page)).toBeCloseTo(all, 2);
  });

  test('counts the labels of what a lasso holds, and saves it as CSV', async () => {
    await page.getByRole('button', { name: 'Lasso' }).click();
    await dragAround(page, [
      [250, 150],
      [600, 150],
      [600, 450],
      [250, 450],
    ]);
    const count = Number(((await page.getByTestId('selected').textContent()) ?? '').replace(/\D/g, ''));
    const labels = await page.locator('.selection td.number:not(.of)').allTextContents();
    expect(count).toBeGreaterThan(100);
    expect(labels.reduce((sum, text) => sum + Number(text.replaceAll(',', '')), 0)).toBe(count);

    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as CSV' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines[0]).toBe('category,count,group,share,x,y');
    expect(lines).toHaveLength(count + 1);

    await page.getByRole('button', { name: 'Nearest to their average' }).click();
    const keys = lines.slice(1).map((line) => line.split(',')[0] ?? '');
    expect(await listed()).toEqual(expected(keys));
  });

  test('restores the view from its link', async () => {
    await page.getByRole('button', { name: 'Move' }).click();
    await page.locator('.map').focus();
    await page.keyboard.press('+');
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => location.hash.includes('view0'));
    await page.waitForTimeout(300);
    const [selected, found, address] = [await page.getByTestId('selected').textContent(), await listed(), page.url()];

    const again = await openPage(browser, address);
    await again.page.locator('.map.drawn').waitFor();

    expect(await again.page.getByTestId('selected').textContent()).toBe(selected);
    expect(await listed(again.page)).toEqual(found);
    expect(await again.page.getByLabel('Color by').inputValue()).toBe('group');
    await again.page.waitForTimeout(300);
    expect(again.page.url()).toBe(address);
    await again.page.close();
  });

  test('an isolated selection and a range of numbers leave the rest out of map, neighbors and CSV, until all is shown', async () => {
    await page.getByRole('button', { name: 'Isolate' }).click();
    const isolated = Number(/[\d,]+/.exec((await page.getByTestId('shown').textContent()) ?? '')?.[0].replace(',', ''));
    await page.getByLabel('Color by').selectOption('share');
    await page.getByLabel('Most share shown').fill('0.5');
    await page.getByLabel('Most share shown').press('Enter');
    await page.getByRole('list', { name: 'Filters' }).getByText('share up to 0.5').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save these as CSV' }).click();
    const rows = readFileSync(await (await download).path(), 'utf8')
      .trimEnd()
      .split('\r\n')
      .slice(1);
    const kept = new Set(rows.map((line) => line.split(',')[0] ?? ''));
    const [asked = ''] = kept;
    await page.getByLabel('Find a category').fill(asked);
    await page.getByLabel('Find a category').press('Enter');
    const exclude = embedding.vocabulary.keys.filter((key) => !kept.has(key));

    expect(rows.length).toBeLessThan(isolated);
    expect(rows.map((line) => Number(line.split(',')[3])).every((share) => share <= 0.5)).toBe(true);
    expect(await listed()).toEqual(
      embedding.nearest(asked, 10, { exclude }).map(({ category, similarity }) => [category, similarity.toFixed(3)]),
    );
    expect(new URL(page.url()).hash).toContain('range=');

    await page.getByRole('button', { name: 'Show everything' }).click();
    expect(await page.getByTestId('shown').count()).toBe(0);
    await page.getByLabel('Color by').selectOption('group');
    expect(await paintedShare(page)).toBeGreaterThan(0.1);
  });

  test('isolated categories are laid out alone, and stand among all again when that is asked for', async () => {
    await page.getByRole('button', { name: 'Lasso' }).click();
    await dragAround(page, [
      [350, 200],
      [600, 200],
      [600, 400],
      [350, 400],
    ]);
    const count = ((await page.getByTestId('selected').textContent()) ?? '').replace(' categories', '');
    await page.getByRole('button', { name: 'Isolate' }).click();
    await page.getByRole('button', { name: 'Lay out alone' }).click();
    await page.getByRole('button', { name: 'Back among all' }).waitFor();

    expect(await page.getByTestId('layout').textContent()).toContain(`t-SNE of ${count} alone, trustworthiness`);
    expect(await page.getByTestId('shown').textContent()).toMatch(new RegExp(`^${count} of`));
    expect(await paintedShare(page)).toBeGreaterThan(0.005);

    await page.getByRole('button', { name: 'Back among all' }).click();
    expect(await page.getByTestId('layout').textContent()).not.toContain('alone');
    await page.getByRole('button', { name: 'Show everything' }).click();
    await page.getByRole('button', { name: 'PCA' }).click();
    await page.getByRole('button', { name: 'Move' }).click();
  });

  test('answers more like these, less like those', async () => {
    const search = page.getByLabel('Find a category');
    await search.fill('amber-0');
    await search.press('Enter');
    await page.getByRole('button', { name: 'More like this' }).click();
    await search.fill('birch-1');
    await search.press('Enter');
    await page.getByRole('button', { name: 'Less like this' }).click();

    expect(await listed()).toEqual(expected({ like: ['amber-0'], unlike: ['birch-1'] }));
  });

  test('works by the keyboard alone', async () => {
    await page.locator('.map').focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('question').count()).toBe(0);

    await page.keyboard.press('Enter');
    expect(await listed()).toHaveLength(10);
  });

  test('saves the view as PNG and SVG, with the name that was asked for and the legend', async () => {
    const asked = (await page.getByTestId('question').textContent()) ?? '';
    for (const [name, start] of [
      ['PNG', '\u0089PNG'],
      ['SVG', '<svg xmlns'],
    ] as const) {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name }).click();
      const bytes = readFileSync(await (await download).path());
      expect(bytes.subarray(0, start.length).toString('latin1')).toBe(start);
      expect(bytes.length).toBeGreaterThan(10_000);
      if (name === 'PNG') continue;
      const texts = Array.from(bytes.toString().matchAll(/>([^<]+)<\/text>/g), ([, text = '']) => text.split('  ')[0]);
      expect(texts).toEqual(expect.arrayContaining([asked, 'group', 'amber', 'fern', 'no value']));
    }
  });

  test('t-SNE shows its progress and can be stopped, and the map stays as it was', async () => {
    await page.getByRole('button', { name: 't-SNE' }).click();
    await page.getByRole('progressbar', { name: 't-SNE' }).waitFor();
    expect(await page.getByRole('button', { name: 't-SNE' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Stop' }).click();

    expect(await page.getByRole('progressbar').count()).toBe(0);
    expect(await page.getByTestId('layout').textContent()).toContain('principal components');
    expect(await page.getByRole('button', { name: 't-SNE' }).isEnabled()).toBe(true);
  });

  test('has written no complaint to the console', () => {
    expect(complaints).toEqual([]);
  });
});

/** Contrast of a button's text on its ground by WCAG 2, as a browser has computed them. */
function contrastOf(button: Element): number {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminance = (color: string): number => {
    if (canvas === null) return NaN;
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0] = Array.from(canvas.getImageData(0, 0, 1, 1).data, (value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const { color, backgroundColor } = getComputedStyle(button);
  const [low = 0, high = 0] = [luminance(color), luminance(backgroundColor)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Where the ring around the nth neighbor stands on the map, once it has stood there for ten frames. */
function placeOfRing(page: Page, n: number): Promise<{ x: number; y: number }> {
  return page.evaluate(async (at) => {
    const read = (): { x: number; y: number } => {
      const ring = document.querySelectorAll('.map circle.found').item(at);
      return { x: Number(ring.getAttribute('cx')), y: Number(ring.getAttribute('cy')) };
    };
    let place = read();
    for (let still = 0; still < 10; still++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = read();
      if (now.x !== place.x || now.y !== place.y) still = -1;
      place = now;
    }
    return place;
  }, n);
}

async function dragAround(page: Page, corners: readonly (readonly [number, number])[]): Promise<void> {
  const box = await page.locator('.map').first().boundingBox();
  const at = ([x, y]: readonly [number, number]) => [(box?.x ?? 0) + x, (box?.y ?? 0) + y] as const;
  for (const [i, corner] of corners.entries()) {
    await page.mouse.move(...at(corner), { steps: 4 });
    if (i === 0) await page.mouse.down();
  }
  await page.mouse.up();
}
