import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { readEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { makeFolder, writeParquet, writeText } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** Three of twelve, in 600 rows. */
const members = Array.from({ length: 600 }, (_, i) =>
  [i % 12, (i * 5 + 3) % 12, ((i * i) >> 3) % 12].map((n) => `n${n}`),
);
const columns = ['--label', 'y', '--list', 'l', '--epochs', '1', '--dimension', '4'];

function tableOf(name: string, join: (list: readonly string[]) => string): string {
  const rows = members.map((list, i) => `${i % 3 === 0 ? 1 : 0},"${join(list).replaceAll('"', '""')}"`);
  return writeText(folder, name, `y,l\n${rows.join('\n')}\n`);
}

describe('lists of impressions', () => {
  test.each([
    ['spaces', (list: readonly string[]) => list.join(' '), [' ']],
    ['commas', (list: readonly string[]) => list.join(', '), [',']],
    ['tabs', (list: readonly string[]) => list.join('\t'), ['\\t']],
    ['bars and spaces', (list: readonly string[]) => list.join(' | '), []],
    ['JSON', (list: readonly string[]) => JSON.stringify(list), []],
    ['Python', (list: readonly string[]) => `[${list.map((each) => `'${each}'`).join(', ')}]`, []],
  ])('written with %s hold twelve categories, when trained and when predicted', async (name, write, separator) => {
    const table = tableOf('table.csv', write);
    const out = at(`model ${name}`);
    const flags = separator.flatMap((text) => ['--list-separator', text]);
    const { exitCode, stderr } = await runCommand(['click', 'train', table, ...columns, ...flags, '--out', out]);
    expect(stderr).not.toContain('hold one member');
    expect(exitCode).toBe(0);
    const model = await readClickModel(out);
    expect(model.encoder.tables[0]?.vocabulary.size).toBe(12);
    const predicted = await runJson(['click', 'predict', out, table, '--out', at('predicted.csv')]);
    const asJson = tableOf('json.csv', (list) => JSON.stringify(list));
    const again = await runJson(['click', 'predict', out, asJson, '--out', at('again.csv')]);
    expect(predicted['mean']).toBe(again['mean']);
  });

  test.each([
    [' ', (list: readonly string[]) => list.join(' '), '--list-separator names it'],
    ['^', (list: readonly string[]) => list.join('^'), '--list-separator names it'],
    ['\n', (list: readonly string[]) => list.join('\n'), '--list-separator names it'],
    [',', (list: readonly string[]) => `{${list.join(',')}}`, 'make lists of them in a query'],
    [',', (list: readonly string[]) => `WrappedArray(${list.join(', ')})`, 'make lists of them in a query'],
  ])('that nobody separated are warned of, with what separates them: %j', async (separator, write, advice) => {
    const table = tableOf('spaces.csv', write);
    const { stderr } = await runCommand(['click', 'train', table, ...columns, '--out', at('whole'), '--overwrite']);
    expect(stderr).toMatch(/list l: nearly all of its 600 lists hold one member/);
    expect(stderr).toContain(`separated by ${JSON.stringify(separator)} they would be 12 categories: ${advice}`);
  });
});

test.each(['train', 'prepare', 'backtest'])(
  'keys that seem to be lists are told by %s, which names the flag of a query; tabs can be typed',
  async (command) => {
    const rows = members.map((list, i) => `u${i >> 3}\t${list.join(';')}\t${i}`);
    const log = writeText(folder, 'joined.tsv', `u\tc\tt\n${rows.join('\n')}\n`);
    const flags = ['--history', 'u', '--category', 'c', '--delimiter', String.raw`\t`];
    const small = {
      train: ['--dimension', '2', '--epochs', '1'],
      prepare: [],
      backtest: ['--leave-last', '--time', 't'],
    };
    const out = command === 'backtest' ? ['--dimension', '2'] : ['--out', at(`joined-${command}`)];
    const more = Object.entries(small).flatMap(([name, words]) => (name === command ? words : []));
    const { stderr } = await runCommand([command, log, ...flags, ...more, ...out]);
    expect(stderr).not.toContain('must be one character');
    expect(stderr).toMatch(/c holds texts such as "n\d+;.*separated by ";" they would be 12 categories: .* --sql\n/);
  },
);

test('a list column is read by train, as the log that it was made of', async () => {
  const rows = "SELECT 'u' || i % 50 AS u, ['c' || i % 11, 'c' || (i * 7) % 11] AS c FROM range(300) t(i)";
  const lists = await writeParquet(folder, 'lists.parquet', rows);
  const log = await writeParquet(folder, 'log.parquet', `SELECT u, unnest(c) AS c FROM (${rows})`);
  const flags = ['--history', 'u', '--category', 'c', '--dimension', '4', '--epochs', '2'];
  await runJson(['train', lists, ...flags, '--out', at('lists-vectors.parquet')]);
  await runJson(['train', log, ...flags, '--out', at('log-vectors.parquet')]);
  const [a, b] = [await readEmbedding(at('lists-vectors.parquet')), await readEmbedding(at('log-vectors.parquet'))];
  expect(a.vectors).toEqual(b.vectors);
  const sets = await runJson([
    'train',
    lists,
    '--category',
    'c',
    '--dimension',
    '4',
    '--epochs',
    '2',
    '--out',
    at('sets.parquet'),
  ]);
  expect(sets['histories']).toBeGreaterThan(200);
});

describe('attributes that are lists', () => {
  test('are judged by their members, however they are written', async () => {
    const log = await writeParquet(
      folder,
      'topics.parquet',
      "SELECT 'u' || i AS u, 'c' || (i % 3) * 10 + (i * 7 + j * 3) % 10 AS c FROM range(300) t(i), range(6) s(j)",
    );
    await runJson([
      'train',
      log,
      '--history',
      'u',
      '--category',
      'c',
      '--dimension',
      '8',
      '--epochs',
      '30',
      '--out',
      at('v.parquet'),
    ]);
    // every category has a topic of its group and one that it alone has
    const values = "SELECT 'c' || i AS id, ['topic' || i // 10, 'own' || i] AS genres FROM range(30) t(i)";
    const purities = new Set<unknown>();
    const sources = [
      await writeParquet(folder, 'g1.parquet', values),
      await writeParquet(folder, 'g2.parquet', `SELECT id, to_json(genres)::VARCHAR AS genres FROM (${values})`),
      await writeParquet(
        folder,
        'g3.parquet',
        `SELECT id, '[''' || array_to_string(genres, ''', ''') || ''']' AS genres FROM (${values})`,
      ),
      await writeParquet(folder, 'g4.parquet', `SELECT id, array_to_string(genres, ' | ') AS genres FROM (${values})`),
      await writeParquet(folder, 'g5.jsonl', values).catch(() => ''),
    ].filter((path) => path !== '' && !path.endsWith('jsonl'));
    for (const source of sources) {
      const argv = [
        'evaluate',
        at('v.parquet'),
        '--attributes',
        source,
        '--key',
        'id',
        '--attribute',
        'genres',
        '--separator',
        '|',
      ];
      const result = await runJson([...argv, '-k', '3', '--null', '0', '--seed', '1']);
      purities.add(result['purity']);
    }
    expect([...purities]).toEqual([1]);
  });
});
