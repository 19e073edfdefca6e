import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { readEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { makeFolder, writeParquet, writeText } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const lines = Array.from({ length: 600 }, (_, i) => `u${i % 60},c${(i * 7) % 23}`);
const log = writeText(folder, 'log.csv', `u,c\n${lines.join('\n')}\n`);
const train = ['train', log, '--history', 'u', '--category', 'c', '--dimension', '4', '--epochs', '2'];

describe('what was trained', () => {
  test('stands under a rescue name where its file cannot be written', async () => {
    const out = at('vectors.parquet');
    // somebody makes a folder of that name while training runs
    const onStderr = (text: string) => void (text.includes('training needs') && mkdirSync(out, { recursive: true }));
    const { exitCode, stderr, stdout } = await runCommand([...train, '--out', out], { onStderr });

    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(`what was trained is kept in ${at('vectors.rescued.parquet')}`);
    const rescued = await readEmbedding(at('vectors.rescued.parquet'));
    await runJson([...train, '--out', at('good.parquet')]);
    expect(rescued.vectors).toEqual((await readEmbedding(at('good.parquet'))).vectors);
  });

  test('is rescued beside an earlier rescue, and as a click model, too', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${i % 3 === 0 ? 1 : 0},a${i % 7},${i}`);
    const table = writeText(folder, 'impressions.csv', `y,ad,n\n${rows.join('\n')}\n`);
    const out = at('model');
    mkdirSync(at('model.rescued'));
    let isMade = false;
    const onStderr = (text: string) => {
      if (isMade || !text.includes('separat')) return;
      isMade = true;
      mkdirSync(out);
      writeFileSync(join(out, 'mine.txt'), 'x');
    };
    // a list that nobody separated is warned of before training begins
    const lists = rows.map((row, i) => `${row},n${i % 5} n${(i * 3) % 7}`);
    writeText(folder, 'impressions.csv', `y,ad,n,l\n${lists.join('\n')}\n`);
    const argv = ['click', 'train', table, '--label', 'y', '--categorical', 'ad', '--list', 'l', '--epochs', '1'];
    const { exitCode, stderr } = await runCommand([...argv, '--dimension', '4', '--out', out], { onStderr });

    expect(exitCode).toBe(2);
    expect(stderr).toContain(`what was trained is kept in ${at('model.rescued-2')}`);
    expect((await readClickModel(at('model.rescued-2'))).provenance).toHaveProperty('reading.label', 'y');
  });

  test('is not trained at all where an attribute cannot be written', async () => {
    const attributes = await writeParquet(folder, 'attributes.parquet', "SELECT 'c1' AS id, 'inf'::DOUBLE AS size");
    const argv = [...train, '--attributes', attributes, '--key', 'id', '--out', at('none.parquet')];
    const { exitCode, stderr } = await runCommand(argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('attribute must hold finite numbers, got inf in column size, row 1 of ');
    expect(stderr).not.toContain('training needs');
  });
});
