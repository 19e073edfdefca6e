import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { makeFolder, writeText } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string): string => join(folder, name);
const earlier = ['ann,news,2024-01-01', 'ann,sport,2024-01-02', 'ben,news,2024-01-01', 'ben,chess,2024-01-03'];
const later = ['ann,chess,2024-02-01', 'cem,sport,2024-02-02', 'cem,sport,2024-02-03', 'dan,unheard-of,2024-01-05'];
const header = 'user,site,time';
let log: string;
let vectors: string;

beforeAll(async () => {
  const before = writeText(folder, 'earlier.csv', [header, ...earlier, ''].join('\n'));
  log = writeText(folder, 'log.csv', [header, ...earlier, ...later, ''].join('\n'));
  vectors = at('sites.parquet');
  const columns = ['--history', 'user', '--category', 'site', '--time', 'time'];
  await runJson(['train', before, ...columns, '--dimension', '4', '--epochs', '2', '--out', vectors]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows of a CSV file without quotes: key → numbers by name. */
function rowsOf(path: string): Map<string, Record<string, number>> {
  const [names = [], ...rows] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return new Map(
    rows.map(([key = '', ...cells]) => [key, Object.fromEntries(cells.map((cell, i) => [names[i + 1], Number(cell)]))]),
  );
}

describe('features', () => {
  test('takes the category column from the embedding, counts every click, and says what it passed over', async () => {
    const json = await runJson(['features', log, '--embedding', vectors, '--history', 'user', '--out', at('all.csv')]);
    const rows = rowsOf(at('all.csv'));

    expect(json).toEqual({
      out: at('all.csv'),
      rows: 4,
      dimension: 4,
      features: ['count', 'mean', 'max'],
      clicks: 7,
      passedOver: 1,
      emptyRows: 1,
      joins: [expect.objectContaining({ keys: 'categories of the log', partner: 'the embedding', matched: 3 })],
    });
    expect([...rows].map(([user, { count }]) => [user, count])).toEqual([
      ['ann', 3],
      ['ben', 2],
      ['cem', 2],
      ['dan', 0],
    ]);
    const sport = (await readEmbedding(vectors)).vector('sport');
    expect([0, 1, 2, 3].map((d) => Math.fround(rows.get('cem')?.[`mean_${d}`] ?? NaN))).toEqual([...sport]);
    expect([0, 1, 2, 3].map((d) => rows.get('dan')?.[`max_${d}`])).toEqual([0, 0, 0, 0]);
  });

  test('as of a date sees nothing of what came after it', async () => {
    const flags = ['--embedding', vectors, '--history', 'user', '--time', 'time', '--half-life', '1d'];
    const cut = writeText(folder, 'cut.csv', [header, ...earlier, 'dan,unheard-of,2024-01-05', ''].join('\n'));
    await runJson(['features', log, ...flags, '--as-of', '2024-01-20', '--out', at('as-of.csv')]);
    await runJson(['features', cut, ...flags, '--as-of', '2024-01-20', '--out', at('cut-of.csv')]);
    const rows = rowsOf(at('as-of.csv'));

    expect(rows.get('cem')?.['count']).toBe(0);
    rows.delete('cem');
    expect(rows).toEqual(rowsOf(at('cut-of.csv')));
    // one day older is half the weight
    const embedding = await readEmbedding(vectors);
    const [news, sport] = [embedding.vector('news'), embedding.vector('sport')];
    expect(rows.get('ann')?.['recency_mean_0']).toBeCloseTo(((news[0] ?? 0) + 2 * (sport[0] ?? 0)) / 3, 6);
  });

  test('an embedding that has seen clicks after the date is refused, unless it is allowed', async () => {
    const argv = ['features', log, '--embedding', vectors, '--history', 'user', '--time', 'time', '--out', at('l.npy')];
    const refused = await runCommand([...argv, '--as-of', '2024-01-03']);
    const allowed = await runCommand([...argv, '--as-of', '2024-01-03', '--allow-leak']);

    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(
      /^error: --embedding .* up to 2024-01-03T.*, and --as-of is 2024-01-03T.*--allow-leak\n$/,
    );
    expect(allowed).toMatchObject({ exitCode: 0 });
    expect(allowed.stderr).toContain('scores look better than they will be');
    expect(existsSync(at('l.keys.json'))).toBe(true);
  });

  test('an embedding that does not say its columns needs --category, and a date warns that leaks cannot be checked', async () => {
    const { vocabulary, dimension, vectors: numbers } = await readEmbedding(vectors);
    await writeEmbedding(at('bare.parquet'), new Embedding({ vocabulary, dimension, vectors: numbers }));
    const argv = ['features', log, '--embedding', at('bare.parquet'), '--history', 'user', '--out', at('b.parquet')];
    const refused = await runCommand(argv);
    const given = await runCommand([...argv, '--category', 'site', '--time', 'time', '--as-of', '2024-03-01']);

    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^error: --category must name the column of what was clicked, because [^\n]+\n$/);
    expect(given.exitCode).toBe(0);
    expect(given.stderr).toContain('cannot be checked against leaks');
    expect(given.stdout).toContain('user, count, mean, max');
  });

  test.each<[string, readonly string[], RegExp]>([
    ['no log', ['--history', 'user'], /an event log must be named/],
    ['no history', ['LOG'], /--history must be a column of the input \(.*\), got nothing/],
    ['a column that is not there', ['LOG', '--history', 'usr'], /did you mean "user"\?/],
    ['a date without times', ['LOG', '--history', 'user', '--as-of', '2024-01-01'], /--as-of needs .*--time COLUMN/],
    ['a half-life without times', ['LOG', '--history', 'user', '--half-life', '1d'], /--half-life needs .*--time/],
    [
      'no date',
      ['LOG', '--history', 'user', '--time', 'time', '--as-of', 'soon'],
      /--as-of must be a time such as .*"soon"/,
    ],
    [
      'a bare half-life',
      ['LOG', '--history', 'user', '--time', 'time', '--half-life', '30'],
      /must carry a unit .*"30"/,
    ],
    ['the log as output', ['LOG', '--history', 'user', '--out', 'LOG'], /--out must be another file than the input/],
    [
      'a file of another kind',
      ['LOG', '--history', 'user', '--out', 'users.txt'],
      /\.parquet, \.csv, \.npy, got "users\.txt"/,
    ],
  ])('%s is refused in one sentence', async (_, words, sentence) => {
    const given = words.map((word) => (word === 'LOG' ? log : word));
    const out = words.includes('--out') ? [] : ['--out', at('x.csv')];
    const { exitCode, stdout, stderr } = await runCommand(['features', ...given, '--embedding', vectors, ...out]);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toMatch(sentence);
    expect(existsSync(at('x.csv'))).toBe(false);
    expect(existsSync('users.txt')).toBe(false);
  });
});
