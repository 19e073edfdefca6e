import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { quoteText } from '../../src/duckdb/engine/sql-text.js';
import { writeParquet } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
let path: string;
let labels: string;
/** the same categories in an order that has nothing to do with their language */
let upset: string;

/** Forty categories on a circle: two arcs of twenty, each arc a language, and halves of each arc a topic. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec evaluate '));
  path = join(folder, 'e.parquet');
  labels = join(folder, 'labels.csv');
  const keys = Array.from({ length: 40 }, (_, i) => `c${i}`);
  const angles = keys.map((_, i) => (i < 20 ? 0 : Math.PI / 2) + (i % 20) / 40);
  await writeEmbedding(
    path,
    new Embedding({
      vocabulary: new Vocabulary(
        keys,
        Float64Array.from(keys, (_, i) => 100 - i),
      ),
      dimension: 2,
      vectors: Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
      attributes: new Map([['language', keys.map((_, i) => (i < 20 ? 'en' : 'fr'))]]),
    }),
  );
  upset = join(folder, 'upset.parquet');
  await writeEmbedding(
    upset,
    new Embedding({
      vocabulary: new Vocabulary(
        keys,
        Float64Array.from(keys, (_, i) => 100 - i),
      ),
      dimension: 2,
      vectors: Float32Array.from(keys.flatMap((_, i) => [Math.cos((i % 2) + i / 99), Math.sin((i % 2) + i / 99)])),
      attributes: new Map([['language', keys.map((_, i) => (i % 4 < 2 ? 'en' : 'fr'))]]),
    }),
  );
  const rows = keys.map((key, i) => `${key},${i % 20 < 10 ? 'sport' : 'music'},${i % 2 === 0 ? 'a' : 'a|b'}`);
  writeFileSync(labels, `name,topic,tags\n${rows.join('\n')}\n`);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('evaluate', () => {
  test('prints the object of the contract', async () => {
    const result = await runJson(['evaluate', path, '--attribute', 'language', '-k', '5', '--null', '20']);

    expect(result).toMatchObject({
      attribute: 'language',
      k: 5,
      purity: 1,
      ceiling: 1,
      adjusted: 1,
      labeled: 40,
      suspects: [],
    });
    expect(result.chance).toBeCloseTo(19 / 39, 9);
    expect(result.silhouette).toBeGreaterThan(0.5);
    expect(result.values).toMatchObject([
      { value: 'en', count: 20, purity: 1 },
      { value: 'fr', count: 20, purity: 1 },
    ]);
  });

  test('with the log, prints purity by co-occurrence and by the spectral model, and says in words which is ahead', async () => {
    const log = join(folder, 'log.csv');
    const rows = Array.from({ length: 200 }, (_, h) => [0, 7, 13].map((step) => `u${h},c${(h * 3 + step * 2) % 40}`));
    writeFileSync(log, `user,item\n${rows.flat().join('\n')}\n`);
    const flags = ['--attribute', 'language', '-k', '5', '--log', log, '--history', 'user', '--category', 'item'];

    const result = await runJson(['evaluate', path, ...flags]);
    const { stdout } = await runCommand(['evaluate', path, ...flags, '--quiet']);

    expect(result).toMatchObject({ baselines: { scores: { vectors: { value: result.purity } }, better: [] } });
    expect(stdout).toMatch(/^ {2}co-occurrence +0\.\d{3} {2}the same by that baseline; these vectors \+0\.\d{3} \(/m);
    expect(stdout).not.toContain('Fewer neighbors');

    const worse = await runCommand(['evaluate', upset, ...flags, '--quiet']);
    expect(worse.stdout).toMatch(
      /^ {2}Fewer neighbors share the label than by (co-occurrence|spectral): 0\.\d{3} against/m,
    );
  });

  test('joins attributes from a table, and stays within another one', async () => {
    const joined = ['--attributes', labels, '--key', 'name', '--attribute', 'topic', '-k', '5'];
    const { purity: anywhere } = await runJson(['evaluate', path, ...joined]);
    const { purity, within } = await runJson(['evaluate', path, ...joined, '--within', 'language']);

    expect(within).toBe('language');
    expect(purity).toBeGreaterThan(0.7);
    expect(anywhere).toBeGreaterThan(0.7);
  });

  test('several attributes are measured one by one, all of them if none is named', async () => {
    const joined = ['--attributes', labels, '--key', 'name', '-k', '5', '--null', '0', '--separator', '|'];

    expect(await runJson(['evaluate', path, ...joined, '--attribute', 'language,topic'])).toMatchObject({
      evaluations: [{ attribute: 'language' }, { attribute: 'topic' }],
    });
    const all = await runCommand(['evaluate', path, ...joined, '--json', '--quiet']);
    expect(JSON.parse(all.stdout)).toMatchObject({ evaluations: [{ attribute: 'language' }, { attribute: 'topic' }] });
    expect(all.stderr).toMatch(/^warning: attribute tags must have values that some .*\n$/);
  });

  test('counts the values of labels that hold several, not their combinations', async () => {
    const many = join(folder, 'many.csv');
    writeFileSync(
      many,
      `name,tags\n${Array.from({ length: 40 }, (_, i) => `c${i},${['a', 'b', 'a|b', 'c'][i % 4]}`).join('\n')}\n`,
    );
    const flags = [
      '--attributes',
      many,
      '--key',
      'name',
      '--attribute',
      'tags',
      '--separator',
      '|',
      '-k',
      '5',
      '--quiet',
    ];

    expect((await runCommand(['evaluate', path, ...flags])).stdout).toMatch(/^tags: 40 labeled categories, 3 values\n/);
  });

  test('says how many labeled keys of the table have no vector', async () => {
    const more = join(folder, 'more.csv');
    writeFileSync(
      more,
      `name,topic\n${Array.from({ length: 43 }, (_, i) => `c${i},${i % 2 === 0 ? 'a' : 'b'}`).join('\n')}\nc99,\n`,
    );
    const flags = ['--attributes', more, '--key', 'name', '--attribute', 'topic', '-k', '5'];

    expect(await runJson(['evaluate', path, ...flags])).toMatchObject({ labeled: 40, withoutVector: 3 });
    const { stdout } = await runCommand(['evaluate', path, ...flags, '--quiet']);
    expect(stdout).toMatch(/^topic: 40 labeled categories, 2 values; 3 more of the table have no vector\n/);
  });

  test.each([
    ['NaN', "'nan'::FLOAT", /vectors must be finite, got NaN in row 1, column 1/],
    ['missing numbers', 'NULL::FLOAT', /expected vector of "c0" \(row 1\) to hold 2 numbers, got one that is missing/],
  ])('vectors of %s are refused, not judged', async (_, value, sentence) => {
    const vectors = `list_transform(vector, x -> ${value}) AS vector`;
    const damaged = await writeParquet(
      folder,
      'damaged.parquet',
      `SELECT * REPLACE (${vectors}) FROM ${quoteText(path)}`,
    );
    const { exitCode, stdout, stderr } = await runCommand(['evaluate', damaged, '--attribute', 'language']);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });

  test('shows figures, values and frequency bands', async () => {
    const { stdout } = await runCommand(['evaluate', path, '--attribute', 'language', '-k', '5', '--quiet']);

    expect(stdout).toMatch(/^language: 40 labeled categories, 2 values\n/);
    expect(stdout).toMatch(/purity@5 +1\.000/);
    expect(stdout).toMatch(/en +20 +1\.000 +0\.487/);
    expect(stdout).toMatch(/97 to 100 +4 +1\.000/);
  });

  test.each<[string, () => string[], RegExp]>([
    ['an unknown attribute', () => ['--attribute', 'langage'], /attribute.*language.*"langage"/],
    ['a key without a table', () => ['--key', 'name'], /--key names a column of --attributes/],
    [
      'a table without a key',
      () => ['--attributes', labels],
      /--key must be a column of .*labels\.csv \(name, topic, tags\)/,
    ],
    ['a key of other categories', () => ['--attributes', labels, '--key', 'topic'], /one row for each topic/],
    ['a k of nothing', () => ['--attribute', 'language', '-k', '0'], /-k must be a whole number from 1 to 10000/],
    ['a k of everything', () => ['--attribute', 'language', '-k', '40'], /^error: -k must be below .* lower -k or/],
  ])('%s is refused in one sentence', async (_, flags, sentence) => {
    const { exitCode, stdout, stderr } = await runCommand(['evaluate', path, ...flags()]);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toMatch(sentence);
  });
});
