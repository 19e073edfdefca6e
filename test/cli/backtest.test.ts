import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
let log: string;
const columns = ['--history', 'user', '--category', 'shop'];
const quick = ['--dimension', '16', '--epochs', '20', '--threads', '1', '--resamples', '50'];

/** Users of four groups, each clicking eight of the twelve shops of the group, in time order. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec backtest '));
  log = join(folder, 'log.csv');
  const lines = ['user,shop,at'];
  for (let user = 0; user < 200; user++) {
    for (let click = 0; click < 8; click++)
      lines.push(`u${user},g${user % 4}-${(user * 7 + click * 5) % 12},2024-01-0${click + 1} 12:00:00`);
  }
  writeFileSync(log, lines.join('\n'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('backtest', () => {
  test('scores every rule with intervals, beside the baselines', async () => {
    const { queries, scores, best } = await runJson(['backtest', log, ...columns, ...quick]);

    expect(queries).toBeGreaterThan(50);
    expect(Object.keys(scores as object).sort()).toEqual([
      'coOccurrence',
      'cosine',
      'cosinePopularity',
      'ease',
      'itemKnn',
      'output',
      'popularity',
      'spectral',
    ]);
    for (const figures of Object.values(
      scores as Record<string, Record<string, { value: number; low: number; high: number }>>,
    )) {
      expect(Object.keys(figures)).toEqual(['HR10', 'NDCG10', 'R20']);
      for (const { value, low, high } of Object.values(figures)) {
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
    }
    expect(['cosine', 'output', 'cosinePopularity']).toContain(best);
    const value = (rule: string) => (scores as Record<string, { HR10: { value: number } }>)[rule]?.HR10.value ?? 0;
    expect(value(String(best))).toBeGreaterThan(value('popularity'));
  });

  test('a higher least count cannot raise a score', async () => {
    const rare = await runJson(['backtest', log, ...columns, ...quick, '--min-count', '29']);
    const all = await runJson(['backtest', log, ...columns, ...quick]);
    const value = ({ scores }: Record<string, unknown>) =>
      (scores as Record<string, { R20: { value: number } }>).cosine?.R20.value ?? 0;

    expect(rare.queries).toBe(all.queries);
    expect(value(rare)).toBeLessThanOrEqual(value(all));
  });

  test.each([
    [['--time', 'at'], 'cut'],
    [['--time', 'at', '--cut', '2024-01-07'], 'cut'],
    [['--time', 'at', '--cut', '0.5'], 'cut'],
    [['--time', 'at', '--leave-last'], 'last'],
    [['--time', 'at', '--leave-drawn'], 'drawn'],
    [[], 'drawn'],
  ])('%j asks by the protocol %s', async (flags, protocol) => {
    expect(await runJson(['backtest', log, ...columns, ...quick, ...flags])).toMatchObject({ protocol });
  });

  test('notes the best rule in an embedding, if asked', async () => {
    const path = join(folder, 'e.parquet');
    await runJson(['train', log, ...columns, '--out', path, '--dimension', '8', '--epochs', '1', '--threads', '1']);
    const { best } = await runJson(['backtest', log, ...columns, ...quick, '--store', path]);

    expect((await readEmbedding(path)).provenance).toMatchObject({ scoringRule: best, options: { dimension: 8 } });
    expect(await runJson(['info', path])).toMatchObject({ scoringRule: best });
  });

  test.each([
    ['without output vectors', () => undefined, 'g0-0', /--store must hold output vectors/],
    [
      'of other categories',
      (size: number) => new Float32Array(size),
      'other',
      /--store must hold categories .*"other"/,
    ],
  ])('an embedding %s is refused before training', async (_, outputVectors, key, sentence) => {
    const path = join(folder, 'other.parquet');
    const vocabulary = new Vocabulary([key], Float64Array.of(1));
    await writeEmbedding(
      path,
      new Embedding({ vocabulary, dimension: 2, vectors: Float32Array.of(1, 0), outputVectors: outputVectors(2) }),
    );
    const outcome = await runCommand(['backtest', log, ...columns, ...quick, '--store', path, '--quiet']);

    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toMatch(sentence);
  });

  test('prints a table of rules', async () => {
    const { stdout } = await runCommand(['backtest', log, ...columns, ...quick, '--quiet']);

    expect(stdout).toMatch(/rule +HR@10 +95 % +NDCG@10/);
    expect(stdout).toMatch(/\n +popularity alone +0\.\d{4} +0\.\d{4}–0\.\d{4}/);
    expect(stdout).toMatch(/HR@10 [+−]0\.\d{4} \(.*\) against popularity alone/);
  });

  test('says in words where a baseline finds more than the vectors', async () => {
    const untrained = [
      '--model',
      'skip-gram',
      '--epochs',
      '1',
      '--learning-rate',
      '0.000001',
      '--dimension',
      '8',
      '--threads',
      '1',
    ];
    const { stdout } = await runCommand(['backtest', log, ...columns, ...untrained, '--quiet']);
    const { better } = await runJson(['backtest', log, ...columns, ...untrained]);

    expect(better).toContain('spectral');
    expect(stdout).toMatch(
      /\nThese vectors find fewer next clicks than .*: HR@10 \d\.\d{4} against \d\.\d{4}(, a difference that may be chance)?\.\n/,
    );
  });

  test.each<[string[], RegExp]>([
    [['--model', 'spectral'], /--epochs must be left out with --model spectral, got 20/],
    [['--cut', '2'], /--cut must be a number > 0 and ≤ 1, got 2/],
    [['--cut', 'soon'], /--cut must be a share between 0 and 1 or a time such as/],
    [['--leave-last'], /time/],
    [['--cut', '0.5', '--leave-last', '--time', 'at'], /--cut, --leave-last and --leave-drawn exclude each other/],
    [['--time', 'at', '--cut', '1999-01-01'], /--cut must leave clicks on both sides/],
    [['--max-queries', '0'], /--max-queries must be a whole number/],
  ])('%j is refused in one sentence', async (flags, sentence) => {
    const { exitCode, stdout, stderr } = await runCommand(['backtest', log, ...columns, ...quick, '--quiet', ...flags]);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toMatch(sentence);
  });
});
