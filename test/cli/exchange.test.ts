import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { exchangeTable, type ExchangeRow } from '../../src/formats/exchange-table.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
let path: string;
const keys = ['new york times', 'le monde\t', '東京 😀', '100%'];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec exchange '));
  path = join(folder, 'e.parquet');
  await writeEmbedding(
    path,
    new Embedding({
      vocabulary: new Vocabulary(keys, Float64Array.of(4, 3, 2, 1)),
      dimension: 3,
      vectors: Float32Array.from({ length: 12 }, (_, i) => Math.fround(i / 7)),
    }),
  );
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('export and import', () => {
  test.each(['word2vec', 'word2vec-binary', 'npy', 'safetensors', 'projector'])(
    '%s gives back every key and number',
    async (format) => {
      const escape = format === 'npy' || format === 'safetensors' ? [] : ['--escape', 'percent'];
      const file = join(folder, 'vectors.out');
      const back = join(folder, 'back.parquet');
      const exported = await runJson(['export', path, '--format', format, '--out', file, ...escape]);
      const imported = await runJson(['import', file, '--format', format, '--out', back, ...escape]);

      expect(exported).toMatchObject({ categories: 4, dimension: 3 });
      expect([exported.out].flat()[0]).toBe(file);
      expect(imported).toEqual({ out: back, categories: 4, dimension: 3 });
      const [before, after] = [await readEmbedding(path), await readEmbedding(back)];
      expect(after.vocabulary.keys).toEqual(keys);
      expect([...after.vectors]).toEqual([...before.vectors]);
    },
  );

  test('keys that word2vec cannot hold are refused by name, and nothing is written', async () => {
    const { exitCode, stdout, stderr } = await runCommand([
      'export',
      path,
      '--format',
      'word2vec',
      '--out',
      join(folder, 'v.txt'),
    ]);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/"new york times".*; --escape percent writes them\n$/);
    expect(readdirSync(folder)).toEqual(['e.parquet']);
  });

  test('the unknown category stands in row 0 where it is asked for, and is taken away again', async () => {
    const file = join(folder, 'v.npy');
    const flags = ['--format', 'npy', '--unknown-row', 'zeros', '--out', file];
    const { categories, rows } = await runJson(['export', path, ...flags]);
    expect(rows).toBe(Number(categories) + 1);
    const { stdout } = await runCommand(['export', path, ...flags]);
    expect(stdout).toContain(`: ${String(categories)} categories and the unknown one × `);
    const lines = JSON.parse(readFileSync(join(folder, 'v.keys.json'), 'utf8')) as unknown;

    expect(JSON.stringify(lines)).toContain('<unknown>');
    expect(
      await runJson(['import', file, '--format', 'npy', '--unknown-row', '--out', join(folder, 'b.parquet')]),
    ).toMatchObject({ categories: 4 });
  });

  test('import joins attributes', async () => {
    const labels = join(folder, 'labels.csv');
    writeFileSync(labels, 'key,language\nnew york times,en\n東京 😀,ja\n');
    const file = join(folder, 'v.npy');
    const back = join(folder, 'b.parquet');
    await runJson(['export', path, '--format', 'npy', '--out', file]);
    await runJson(['import', file, '--format', 'npy', '--out', back, '--attributes', labels, '--key', 'key']);

    expect((await readEmbedding(back)).attributes.get('language')).toEqual(['en', null, 'ja', null]);
  });

  test.each<[string, () => string[], RegExp]>([
    [
      'no format',
      () => ['export', path, '--out', join(folder, 'x')],
      /--format must be one of word2vec \(\.txt, \.vec\), .*projector \(\.tsv\), got nothing/,
    ],
    [
      'a wrong format',
      () => ['export', path, '--format', 'onnx', '--out', join(folder, 'x')],
      /--format must be one of .*"onnx"/,
    ],
    ['no output', () => ['export', path, '--format', 'npy'], /--out must name the file/],
    [
      'the input as output',
      () => ['export', path, '--format', 'npy', '--out', path],
      /--out must be another file than the input/,
    ],
    [
      'an escape that the format has no use for',
      () => ['export', path, '--format', 'npy', '--escape', 'percent', '--out', join(folder, 'x')],
      /^error: --escape is for/,
    ],
    [
      'the wrong kind of file',
      () => ['import', path, '--format', 'word2vec', '--out', join(folder, 'x')],
      /cannot read .*e\.parquet" as word2vec/,
    ],
    [
      'a missing file',
      () => ['import', join(folder, 'no.txt'), '--format', 'word2vec', '--out', join(folder, 'x')],
      /no\.txt/,
    ],
    ['npy without its keys', () => ['import', path, '--format', 'npy', '--out', join(folder, 'x')], /keys\.json/],
  ])('%s is refused in one sentence', async (_, argv, sentence) => {
    const { exitCode, stdout, stderr } = await runCommand(argv());

    expect({ exitCode, stdout, exists: existsSync(join(folder, 'x')) }).toEqual({
      exitCode: 2,
      stdout: '',
      exists: false,
    });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toMatch(sentence);
  });
});

test('help and errors name what stands in the table of formats', async () => {
  const help = (await Promise.all(['export', 'import'].map((name) => runCommand([name, '--help']))))
    .map(({ stdout }) => stdout.replaceAll(/\s+/g, ' '))
    .join(' ');
  const { stderr } = await runCommand(['import', 'vectors.unheard', '--out', 'a.parquet']);
  for (const [name, row] of Object.entries<ExchangeRow>(exchangeTable)) {
    expect(stderr).toContain(`${name} (${row.endings.join(', ')})`);
    expect(help).toContain(row.companion ? `${name}: beside ${row.companion(`NAME${row.endings[0]}`)}` : name);
  }
  for (const option of ['escape', 'unknownRow', 'unknownKey'] as const) {
    const names = Object.entries<ExchangeRow>(exchangeTable).filter(([, { options }]) => options.includes(option));

    expect(help).toContain(`: ${names.map(([name]) => name).join(', ')}`);
  }
});
