import { mkdtempSync, rmSync, writeFileSync, readFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
let path: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec cli 東京 '));
  path = join(folder, 'news 📰.parquet');
  await writeEmbedding(
    path,
    new Embedding({
      vocabulary: new Vocabulary(
        ['nytimes.com', 'lemonde.fr', 'washingtonpost.com', 'figaro\n.fr'],
        Float64Array.of(40, 30, 20, 1),
      ),
      dimension: 2,
      vectors: Float32Array.of(1, 0, 0, 1, 0.8, 0.6, 0.1, 2),
      attributes: new Map([['language', ['en', 'fr', 'en', 'fr']]]),
      provenance: { options: { dimension: 2, seed: 7 }, source: { files: ['clicks.csv'] } },
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('neighbors', () => {
  test('--within without attributes names flags that are there, which join some', async () => {
    const bare = join(folder, 'bare.parquet');
    const vocabulary = new Vocabulary(['a', 'b', 'c'], Float64Array.of(3, 2, 1));
    await writeEmbedding(bare, new Embedding({ vocabulary, dimension: 2, vectors: Float32Array.of(1, 0, 0, 1, 1, 1) }));
    const refused = await runCommand(['neighbors', bare, 'a', '--within', 'kind']);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/which has none, got "kind"; join some with --attributes$/m),
    });
    writeFileSync(join(folder, 'kinds.csv'), 'key,kind\na,x\nb,y\nc,x\n');
    const table = ['--attributes', join(folder, 'kinds.csv'), '--key', 'key'];
    const found = await runJson(['neighbors', bare, 'a', '--within', 'kind', ...table]);
    expect(found).toMatchObject({ neighbors: [{ category: 'c', kind: 'x' }] });
  });

  test('lists them with similarity, count and attributes', async () => {
    expect(await runJson(['neighbors', path, 'nytimes.com', '-k', '1'])).toEqual({
      category: 'nytimes.com',
      neighbors: [{ category: 'washingtonpost.com', similarity: expect.closeTo(0.8, 6), count: 20, language: 'en' }],
    });
  });

  test('answers several categories one by one', async () => {
    const { queries } = await runJson(['neighbors', path, 'nytimes.com', 'lemonde.fr', '-k', '2']);

    expect(queries).toMatchObject([
      { category: 'nytimes.com', neighbors: [{}, {}] },
      { category: 'lemonde.fr', neighbors: [{ category: 'figaro\n.fr' }, { category: 'washingtonpost.com' }] },
    ]);
  });

  test('stays within an attribute', async () => {
    const { neighbors } = await runJson(['neighbors', path, 'lemonde.fr', '--within', 'language']);

    expect(neighbors).toMatchObject([{ category: 'figaro\n.fr', language: 'fr' }]);
  });

  test('a k beyond the vocabulary lists everything else', async () => {
    const { neighbors } = await runJson(['neighbors', path, 'lemonde.fr', '-k', '1000000000']);

    expect(neighbors).toHaveLength(3);
  });

  test('prints an aligned table, one line each, whatever a key holds', async () => {
    const { stdout } = await runCommand(['neighbors', path, 'lemonde.fr', '--quiet']);

    expect(stdout).toBe(
      [
        'lemonde.fr',
        '  similarity  category            clicks  language',
        '       0.999  figaro\\n.fr              1  fr',
        '       0.600  washingtonpost.com      20  en',
        '       0.000  nytimes.com             40  en',
        '',
      ].join('\n'),
    );
  });

  test('an unknown category is answered with the closest spellings', async () => {
    expect(await runCommand(['neighbors', path, 'nytimes.co'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: category must be one of the embedding\'s 4, got "nytimes.co"; did you mean "nytimes.com"?\n',
    });
  });

  test.each([
    [['-k', '0'], '-k must be a whole number ≥ 1, got 0'],
    [['-k', '-3'], '-k must be a whole number ≥ 1, got -3'],
    [['-k', '1e99'], '-k must be a whole number ≥ 1, got 1e+99'],
    [['--within', 'topic'], '--within must be one of the embedding\'s (language), got "topic"'],
  ])('%j is refused', async (flags, sentence) => {
    expect(await runCommand(['neighbors', path, 'nytimes.com', ...flags])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `error: ${sentence}\n`,
    });
  });
});

describe('info', () => {
  test('says what an embedding holds and how it was made', async () => {
    expect(await runJson(['info', path])).toEqual({
      categories: 4,
      dimension: 2,
      attributes: ['language'],
      options: { dimension: 2, seed: 7 },
      source: { files: ['clicks.csv'] },
      format: 'category2vec embedding 1',
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
      alignment: expect.stringMatching(/^[0-9a-f]{16}$/),
      chain: [expect.stringMatching(/^[0-9a-f]{16}$/)],
    });
  });

  test('for people, too', async () => {
    const { stdout } = await runCommand(['info', path]);

    expect(stdout).toContain('vectors of 4 categories in 2 dimensions');
    expect(stdout).toMatch(/language +4 +2 +en, fr/);
  });

  test('ends with the commands that ask, judge and draw what was shown', async () => {
    const { stdout } = await runCommand(['info', path]);

    expect(stdout).toMatch(/\nNext: category2vec neighbors ".*" nytimes\.com\n +category2vec evaluate .* language\n/);
  });

  test('in words: of filters those that were used, numbers to four digits', async () => {
    const { vocabulary, dimension, vectors } = await readEmbedding(path);
    const provenance = {
      filters: { minCount: 5, minHistories: 1, maxHistory: 0, sessionGap: 'none' },
      measures: { angle: 1, singularValues: [0.9999999835989856, 0.5] },
      chance: { levels: [1, 2, 3] },
    };
    const noted = join(folder, 'noted.parquet');
    await writeEmbedding(noted, new Embedding({ vocabulary, dimension, vectors, provenance }));

    const { stdout } = await runCommand(['info', noted]);

    expect(stdout).toMatch(/filters\n +minCount +5\n\n/);
    expect(stdout).toMatch(/singularValues +1, 0\.5\n/);
    expect(stdout).toMatch(/chance\n +measured: neighbors have a confidence/);
  });
});

describe('a file that is no embedding is refused in one sentence, with 2', () => {
  test.each<[string, string | Uint8Array | undefined]>([
    ['missing.parquet', undefined],
    ['empty.parquet', ''],
    ['text.parquet', 'PAR1 no, it is not'],
    ['clicks.csv', 'user,category\n1,a\n'],
    ['noise.bin', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)],
  ])('%s', async (name, contents) => {
    const wrong = join(folder, name);
    if (contents !== undefined) writeFileSync(wrong, contents);

    const { exitCode, stdout, stderr } = await runCommand(['info', wrong]);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toContain(name);
  });

  test('a truncated embedding', async () => {
    const truncated = join(folder, 'truncated.parquet');
    const whole = readFileSync(path);
    writeFileSync(truncated, whole.subarray(0, whole.length - 100));

    const { exitCode, stderr } = await runCommand(['neighbors', truncated, 'a']);

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  });

  test('a folder', async () => {
    mkdirSync(join(folder, 'folder.parquet'));

    const { exitCode, stderr } = await runCommand(['info', join(folder, 'folder.parquet')]);

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: [^\n]+folder[^\n]+\n$/);
  });
});
