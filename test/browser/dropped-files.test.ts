/** Files dropped on the page: embeddings of every format, logs to train on, and files that are wrong. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { exchangeFormats, exchangePaths, exportEmbedding } from '../../src/duckdb/tables/exchange-files.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { Random } from '../../src/numerics/random.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { describeInBrowser, openPage, serveExplorer, startChromium, temporaryFolder, type Served } from './chromium.js';
import { plantedEmbedding } from './planted.js';

describeInBrowser('files dropped on the page', () => {
  const folder = temporaryFolder();
  const embedding = plantedEmbedding(600);
  const native = join(folder, 'planted.parquet');
  let browser: Browser;
  let served: Served;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    await writeEmbedding(native, embedding);
    [browser, served] = await Promise.all([startChromium(), serveExplorer([])]);
  });

  beforeEach(async () => {
    await page?.close();
    ({ page, complaints } = await openPage(browser, served.url));
    await page.getByText('Drop an embedding here').waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
    rmSync(folder, { recursive: true });
  });

  async function firstNeighbors(): Promise<string[]> {
    await page.locator('.map.drawn').first().waitFor();
    await page.getByLabel('Find a category').fill('elm-4');
    await page.getByLabel('Find a category').press('Enter');
    return page.locator('ol li .name').allTextContents();
  }

  const expected = embedding.nearest('elm-4', 10).map(({ category }) => category);

  test('a Parquet file is read in the page, with its attributes, and asks the server for nothing', async () => {
    const asked: string[] = [];
    page.on('request', (request) => {
      if (!request.url().includes('/assets/')) asked.push(request.url());
    });
    await dropOn(page, [native]);

    expect(await firstNeighbors()).toEqual(expected);
    expect(await page.locator('.legend li .name').allTextContents()).toContain('amber');
    expect(asked.filter((url) => url.startsWith('http'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test.each(exchangeFormats)('%s files are read', async (format) => {
    const ending = {
      word2vec: 'vec',
      'word2vec-binary': 'bin',
      npy: 'npy',
      safetensors: 'safetensors',
      projector: 'tsv',
    };
    const path = join(folder, `${format}.${ending[format]}`);
    await exportEmbedding(path, embedding, { format });
    await dropOn(page, exchangePaths(path, format));

    expect(await firstNeighbors()).toEqual(expected);
  });

  test('a second one is opened as a second map: shared neighbors, linked selection', async () => {
    const other = join(folder, 'other.parquet');
    await writeEmbedding(other, plantedEmbedding(600, { seed: 2 }));
    await dropOn(page, [native]);
    await page.locator('.map.drawn').waitFor();
    await dropOn(page, [other], 'right');
    await page.locator('.map.drawn').nth(1).waitFor();
    await firstNeighbors();

    const lists = await Promise.all([0, 1].map((i) => page.locator('ol').nth(i).locator('.name').allTextContents()));
    const shared = lists[0]?.filter((name) => lists[1]?.includes(name)).length;
    expect(lists[0]).toEqual(expected);
    expect(await page.getByTestId('shared').textContent()).toContain(`${shared} of 10 neighbors are shared`);
    expect(await page.locator('li.lost').count()).toBe(2 * (10 - (shared ?? 0)));
    await page.locator('ol').first().getByRole('button').first().hover();
    expect(await page.locator('circle.hovered').count()).toBe(2);
  });

  test('a second one whose categories are only spelled otherwise is told with both spellings', async () => {
    const other = join(folder, 'capitals.parquet');
    const { vocabulary, dimension, vectors } = embedding;
    const capitals = new Vocabulary(
      vocabulary.keys.map((key) => key.toUpperCase()),
      vocabulary.counts,
    );
    await writeEmbedding(other, new Embedding({ vocabulary: capitals, dimension, vectors }));
    await dropOn(page, [native]);
    await page.locator('.map.drawn').waitFor();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Second map…' }).click();
    await (await chooser).setFiles([other]);
    const told = page.getByText(/categories of .*, got none of 600 that is/);
    await told.waitFor();
    expect(await told.textContent()).toMatch(/-0" is not, .*-0" is, and they differ by case alone; write both alike/i);
  });

  test.each([
    ['similar', 16, 'spectral'],
    // chosen by clicks held out of this log
    ['next', 16, 'pooled'],
    // fewer numbers than the spectral model takes
    ['next', 4, 'pooled'],
  ] as const)(
    'the goal %s with %i numbers trains the %s model, with the bits of Node',
    async (goal, dimension, model) => {
      const { keys, categories, csv } = clicks();
      writeFileSync(join(folder, 'clicks.csv'), csv);
      await dropOn(page, [join(folder, 'clicks.csv')]);
      await page.getByRole('combobox', { name: /^History/ }).selectOption('user');
      await page.getByRole('combobox', { name: /^Category/ }).selectOption('the "shop"');
      await page.getByRole('combobox', { name: /^Goal/ }).selectOption(goal);
      await page.getByLabel('Numbers per vector').fill(String(dimension));
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      await page.getByText(`Trained with the ${model} model.`).waitFor();
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save vectors' }).click();

      const trained = await readEmbedding(await (await download).path());
      const ours = await trainEmbedding(historiesFromArrays(keys, categories), { goal, dimension });
      expect(trained.version).toBe(ours.version);
      expect(trained.provenance.options).toEqual(ours.provenance.options);
    },
  );

  test('training on a CSV gives the same bits as Node', async () => {
    const { keys, categories, csv } = clicks();
    writeFileSync(join(folder, 'clicks.csv'), csv);
    await dropOn(page, [join(folder, 'clicks.csv')]);
    await page.getByRole('combobox', { name: /^History/ }).selectOption('user');
    await page.getByRole('combobox', { name: /^Category/ }).selectOption('the "shop"');
    await page.getByLabel('Numbers per vector').fill('24');
    await page.getByLabel('Epochs').fill('4');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.locator('.map.drawn').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save vectors' }).click();

    const trained = await readEmbedding(await (await download).path());
    const ours = await trainEmbedding(historiesFromArrays(keys, categories), { dimension: 24, epochs: 4 });
    expect(trained.vocabulary.keys).toEqual(ours.vocabulary.keys);
    expect(Buffer.from(trained.vectors.slice().buffer).equals(Buffer.from(ours.vectors.slice().buffer))).toBe(true);
    expect(complaints).toEqual([]);
  });

  test.each([
    [
      'an image',
      'photo.png',
      Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ', 'base64'),
      'cannot read photo.png; the explorer reads Parquet',
    ],
    [
      'a truncated Parquet',
      'cut.parquet',
      undefined,
      'cannot read cut.parquet: the Parquet file is cut short or damaged',
    ],
    ['a CSV of one column', 'one.csv', Buffer.from('user\n1\n2\n'), 'one.csv must have at least two columns'],
    ['an npy without keys', 'alone.npy', Buffer.from('\u0093NUMPY\u0001\u0000', 'latin1'), 'alone.npy holds no keys'],
    ['an empty file', 'empty.csv', Buffer.alloc(0), 'empty.csv is empty'],
  ])('%s gets one sentence, and the page keeps working', async (_, name, contents, sentence) => {
    await dropOn(page, [native]);
    await page.locator('.map.drawn').waitFor();
    const path = join(folder, name);
    writeFileSync(path, contents ?? readFileSync(native).subarray(0, 5000));
    await dropOn(page, [path]);

    expect(await page.getByRole('alert').textContent()).toContain(sentence);
    expect(await firstNeighbors()).toEqual(expected);
  });
});

/** Drops files on a half of the page; the right one takes a second map. */
async function dropOn(page: Page, paths: readonly string[], half: 'left' | 'right' = 'left'): Promise<void> {
  const files = paths.map((path) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    base64: readFileSync(path).toString('base64'),
  }));
  const transfer = await page.evaluateHandle((all) => {
    const data = new DataTransfer();
    for (const { name, base64 } of all) {
      data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    }
    return data;
  }, files);
  const clientX = ((page.viewportSize()?.width ?? 0) * (half === 'left' ? 1 : 3)) / 4;
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer, clientX });
}

/** Clicks on shops with commas and quotes in their names. */
function clicks(): { readonly keys: string[]; readonly categories: string[]; readonly csv: string } {
  const random = new Random(3);
  const keys: string[] = [];
  const categories: string[] = [];
  for (let i = 0; i < 6000; i++) {
    const user = random.below(700);
    keys.push(`u${user}`);
    categories.push(`shop "${(user % 5) * 20 + random.below(20)}", Oslo`);
  }
  const lines = keys.map((key, i) => `${i},${key},"${(categories[i] ?? '').replaceAll('"', '""')}"`);
  return { keys, categories, csv: `time,user,"the ""shop"""\r\n${lines.join('\r\n')}\r\n` };
}
