import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { makeFolder } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Shops of two groups, whose vectors point to two sides; shops of the first are clicked. */
const shops = Array.from({ length: 24 }, (_, i) => `g${i % 2}-${i}`);
const embeddingOf = (scale: number) =>
  new Embedding({
    vocabulary: new Vocabulary(
      shops,
      Float64Array.from(shops, (_, i) => 100 - i),
    ),
    dimension: 4,
    vectors: Float32Array.from(shops.flatMap((_, i) => [i % 2 === 0 ? scale : -scale, 0.01 * i, scale / 2, 0.1])),
  });
const rowsOf = (keys: readonly string[]) =>
  `shop,clicked\n${keys.map((key) => `${key},${+key.startsWith('g0')}`).join('\n')}\n`;

beforeAll(async () => {
  await writeEmbedding(at('shops.parquet'), embeddingOf(1));
  await writeEmbedding(at('foreign.parquet'), embeddingOf(-2));
  const listed = [...shops, 'g0-new', 'g1-new', 'stranger'].map(
    (shop) => `${shop},${shop === 'stranger' ? '' : shop.slice(0, 2)}`,
  );
  writeFileSync(at('groups.csv'), `shop,group\n${listed.join('\n')}\n`);
  writeFileSync(at('shown.csv'), rowsOf(Array.from({ length: 960 }, (_, i) => shops[i % 24] ?? '')));
  writeFileSync(at('new.csv'), rowsOf(['g0-new', 'g1-new', 'stranger', 'g0-0', 'nobody']));
  const attributes = ['--attributes', at('groups.csv'), '--key', 'shop'];
  await runJson(['fill', at('shops.parquet'), ...attributes, '--out', at('filled.parquet')]);
  const network = [
    '--hidden',
    '4',
    '--epochs',
    '30',
    '--learning-rate',
    '0.05',
    '--batch-size',
    '64',
    '--threads',
    '1',
  ];
  const columns = ['--label', 'clicked', '--categorical', 'shop', '--embedding', `shop=${at('shops.parquet')}`];
  const words = ['click', 'train', at('shown.csv'), ...columns, ...network];
  await runJson([...words, '--transfer', 'features', '--out', at('model')]);
  await runJson([...words, '--transfer', 'init', '--out', at('tuned')]);
});

async function predicted(...words: readonly string[]) {
  const result = await runJson(['click', 'predict', at('model'), at('new.csv'), ...words, '--out', at('out.csv')]);
  const [, ...lines] = readFileSync(at('out.csv'), 'utf8').trim().split('\n');
  return { result, probabilities: lines.map((line) => Number(line.split(',').at(-1))) };
}

test('keys that a model was not trained on are predicted from their filled vectors, and rows are counted by rung', async () => {
  const plain = await predicted();
  const { result, probabilities } = await predicted('--embedding', `shop=${at('filled.parquet')}`);

  // without it all of them are the unknown category
  expect(plain.probabilities[0]).toBe(plain.probabilities[1]);
  expect(plain.result.filled).toBeUndefined();
  expect(probabilities[0]).toBeGreaterThan(0.8);
  expect(probabilities[1]).toBeLessThan(0.2);
  expect(probabilities[3]).toBe(plain.probabilities[3]);
  expect(probabilities[4]).toBe(plain.probabilities[4]);
  const filled = result.filled as readonly {
    readonly column: string;
    readonly origin: string;
    readonly rows: number;
  }[];
  expect(filled.every(({ column }) => column === 'shop')).toBe(true);
  expect(filled.reduce((sum, { rows }) => sum + rows, 0)).toBe(3);
  expect(filled.find(({ origin }) => origin === 'mean')?.rows).toBe(1);
});

test('they are evaluated with them, too', async () => {
  writeFileSync(at('labeled.csv'), rowsOf(Array.from({ length: 40 }, (_, i) => `g${i % 2}-new`)));
  const words = ['click', 'evaluate', at('model'), at('labeled.csv')];

  const [before, after] = [
    await runJson(words),
    await runJson([...words, '--embedding', `shop=${at('filled.parquet')}`]),
  ];
  expect(before.auc).toMatchObject({ value: 0.5 });
  expect(after.auc).toMatchObject({ value: 1 });
});

test.each([
  ['model', 'shop', 'foreign.parquet', /foreign|space/],
  ['tuned', 'shop', 'filled.parquet', /transfer features alone/],
  ['model', 'shops', 'filled.parquet', /must be for one of the columns shop/],
])('%s with --embedding %s=%s is refused', async (model, column, file, sentence) => {
  const words = ['click', 'predict', at(model), at('new.csv'), '--embedding', `${column}=${at(file)}`];
  const { exitCode, stderr } = await runCommand([...words, '--out', at('never.csv')]);

  expect(exitCode).toBe(2);
  expect(stderr).toMatch(sentence);
});
