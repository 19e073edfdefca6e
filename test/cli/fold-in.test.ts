import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { makeFolder, writeText } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = Array.from({ length: 4000 }, (_, i) => {
  const user = i % 500;
  const item = Math.floor(((Math.imul(i + 1, 0x9e37_79b1) >>> 0) / 2 ** 32) ** 3 * 40);
  return `u${user},g${user % 5}-${item}`;
});
const log = writeText(folder, 'clicks.csv', `user,item\n${rows.join('\n')}\n`);
const names = writeText(folder, 'names.csv', 'item,name\ng0-0,first\ng1-39,rare\n');
const words = ['--history', 'user', '--category', 'item', '--dimension', '8', '--epochs', '3', '--min-count', '12'];

describe('train --fold-in', () => {
  test('trains the frequent categories as ever, gives the others vectors, and says how near hidden ones come', async () => {
    await runJson(['train', log, ...words, '--out', at('trained.parquet')]);
    const more = ['--attributes', names, '--key', 'item', '--fold-in', '--out', at('all.parquet')];
    const json = await runJson(['train', log, ...words, ...more]);
    const [trained, all] = [await readEmbedding(at('trained.parquet')), await readEmbedding(at('all.parquet'))];
    const { categories, foldedIn } = json as { categories: number; foldedIn: Record<string, number> };

    expect(categories).toBe(trained.vocabulary.size);
    expect(foldedIn['categories']).toBeGreaterThan(10);
    expect(all.vocabulary.size).toBe(categories + Number(foldedIn['categories']));
    expect(foldedIn['hidden']).toBe(Math.floor(categories / 10));
    expect(foldedIn['cosine']).toBeGreaterThan(Number(foldedIn['chance']));
    for (const key of trained.vocabulary.keys) expect(all.vector(key)).toEqual(trained.vector(key));
    const row = all.vocabulary.rowOf('g1-39') ?? -1;
    expect([all.attributes.get('origin')?.[row], all.attributes.get('name')?.[row]]).toEqual(['folded in', 'rare']);
    expect(all.provenance['foldedIn']).toBe(foldedIn['categories']);
  });

  test('warns where hidden ones come no nearer to what was trained than to another, quiet or not', async () => {
    const lots = Array.from({ length: 3000 }, (_, i) => {
      const drawn = createHash('md5').update(String(i)).digest();
      return `u${i % 500},i${drawn.readUInt32LE() % (1 + (drawn.readUInt32LE(4) % 60))}`;
    });
    const random = writeText(folder, 'random.csv', `user,item\n${lots.join('\n')}\n`);
    const training = [...words.slice(0, -1), '40', '--fold-in', '--quiet', '--json', '--out', at('random.parquet')];
    const { stdout, stderr } = await runCommand(['train', random, ...training]);
    const { foldedIn } = JSON.parse(stdout) as { foldedIn: Record<string, number> };

    expect(foldedIn['cosine']).toBeLessThan(Number(foldedIn['chance']));
    expect(stderr).toMatch(/warning: the vectors folded in say nothing here: \d known ones, hidden, came no nearer/);
  });

  test('gives the same file from a prepared log, and from one of several shards the same at any number of threads', async () => {
    const ofLog = ['--history', 'user', '--category', 'item', '--min-count', '12', '--shard-clicks', '900'];
    await runJson(['prepare', log, ...ofLog, '--out', at('histories')]);
    const train = async (source: readonly string[], threads: string) => {
      const training = ['--dimension', '8', '--epochs', '3', '--threads', threads, '--fold-in'];
      await runJson(['train', ...source, ...training, '--out', at('one.parquet')]);
      return (await readEmbedding(at('one.parquet'))).version;
    };

    expect(await train([at('histories')], '1')).toBe(await train([log, ...ofLog], '3'));
  });

  test.each([
    [['--model', 'spectral'], '--fold-in cannot be used with --model spectral'],
    [['-'], '--fold-in reads the log again'],
  ])('refuses %j', async (more, sentence) => {
    const source = more[0] === '-' ? more : [log, ...more];
    const columns = ['--history', 'user', '--category', 'item', '--fold-in', '--out', at('never.parquet')];
    const { exitCode, stderr } = await runCommand(['train', ...source, ...columns]);

    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(sentence) });
  });
});
