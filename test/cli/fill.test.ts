import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeFolder } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  const lines = Array.from(
    { length: 1200 },
    (_, i) => `u${Math.floor(i / 6)},g${Math.floor(i / 6) % 4}-${(i * 7) % 11}`,
  );
  writeFileSync(at('log.csv'), `user,shop\n${lines.join('\n')}\n`);
  const shops = [...new Set(lines.map((line) => line.split(',')[1] ?? '')), 'g0-new', 'g3-new', 'stranger'];
  const rows = shops.map((shop) => `${shop},${shop === 'stranger' ? '' : shop.slice(0, 2)}`);
  writeFileSync(at('shops.csv'), `shop,group\n${rows.join('\n')}\n`);
  const train = [
    '--history',
    'user',
    '--category',
    'shop',
    '--dimension',
    '8',
    '--epochs',
    '20',
    '--learning-rate',
    '0.2',
  ];
  await runJson(['train', at('log.csv'), ...train, '--out', at('shops.parquet')]);
});

describe('fill', () => {
  const words = ['--attributes', at('shops.csv'), '--key', 'shop', '--out', at('filled.parquet')];

  test('gives new categories vectors of their group, and says where each is from', async () => {
    const { rungs, out } = await runJson(['fill', at('shops.parquet'), ...words]);
    const counts = new Map((rungs as { origin: string; count: number }[]).map(({ origin, count }) => [origin, count]));

    expect(out).toBe(at('filled.parquet'));
    expect(counts.get('mean')).toBe(1);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(47);
    const { neighbors } = await runJson(['neighbors', at('filled.parquet'), 'g3-new', '-k', '5']);
    expect(neighbors).toMatchObject(
      Array.from({ length: 5 }, () => ({ category: expect.stringMatching(/^g3-/), origin: 'learned' })),
    );
    const [before, after] = [
      await runJson(['info', at('shops.parquet')]),
      await runJson(['info', at('filled.parquet')]),
    ];
    expect(after.alignment).toBe(before.version);
  });

  test('with the log says what shrinking is worth', async () => {
    const log = ['--log', at('log.csv')];
    const { rungs, shrinking } = await runJson(['fill', at('shops.parquet'), ...words, ...log]);
    const { stdout } = await runCommand(['fill', at('shops.parquet'), ...words, ...log]);

    // a fifth of 44 shops
    expect(shrinking).toMatchObject({ categories: 8, least: 20 });
    expect((rungs as object[])[1]).toMatchObject({
      origin: 'shrunk',
      cosine: expect.any(Number),
      purity: expect.any(Number),
    });
    expect(stdout).toContain(
      'shrunk: 8 categories of 20 clicks and more that were left a few of them; as learned from',
    );
  });

  test('features and people read it', async () => {
    const { stdout, exitCode } = await runCommand(['fill', at('shops.parquet'), ...words]);
    const features = ['features', at('log.csv'), '--history', 'user', '--embedding', at('filled.parquet')];

    expect(exitCode).toBe(0);
    expect(stdout).toContain('from attributes');
    expect(await runJson([...features, '--out', at('users.parquet')])).toMatchObject({ rows: 200 });
  });

  test.each([
    [[], 'error: --attributes must name the table'],
    [
      ['--attributes', at('shops.csv'), '--key', 'shop', '--judge', 'color'],
      'error: --judge must be a column of --attributes, got "color"',
    ],
  ])('%j is refused', async (flags, sentence) => {
    const { exitCode, stderr } = await runCommand(['fill', at('shops.parquet'), ...flags, '--out', at('no.parquet')]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(sentence);
  });
});
