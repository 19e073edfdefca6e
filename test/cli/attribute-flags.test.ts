import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { makeFolder } from '../duckdb/files.js';
import { embeddingOf } from '../formats/samples.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  await writeEmbedding(at('e.parquet'), embeddingOf(['Genève', 'Zürich', 'Bern', '5" pipe'], 2));
  writeFileSync(at('latin.csv'), Buffer.from('key;kind\nGen\xe8ve;x\nZ\xfcrich;y\nBern;x\n5" pipe;y\n', 'latin1'));
});

describe('a table of attributes in another encoding, with quotes that are text', () => {
  const neighbors = ['neighbors', at('e.parquet'), 'Bern', '--attributes', at('latin.csv'), '--key', 'key'];

  test('is refused by line, and the error names the flag of that table', async () => {
    const { exitCode, stderr } = await runCommand(neighbors);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(
        /latin\.csv, line 2: bytes that are not UTF-8 .*, with --attributes-encoding; --bad-rows skip/,
      ),
    });
  });

  test('is read as its flags say', async () => {
    const how = ['--attributes-encoding', 'latin1', '--attributes-quote', '', '--attributes-delimiter', ';'];
    const { neighbors: found } = await runJson([...neighbors, ...how]);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ category: 'Genève', kind: 'x' }),
        expect.objectContaining({ category: '5" pipe', kind: 'y' }),
      ]),
    );
  });

  test.each([
    [['--attributes-encoding', 'klingon'], '--attributes-encoding must be one such as utf-8'],
    [['--attributes-quote', 'ab'], '--attributes-quote must be one ASCII character'],
  ])('refuses %j', async (flags, sentence) => {
    const { exitCode, stderr } = await runCommand([...neighbors, ...flags]);
    expect({ exitCode, isNamed: stderr.includes(sentence), stderr }).toEqual({ exitCode: 2, isNamed: true, stderr });
  });

  test('has flags that need it', async () => {
    const { exitCode, stderr } = await runCommand(['neighbors', at('e.parquet'), 'Bern', '--attributes-quote', '']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: 'error: --attributes-quote is said of --attributes, got it without a file\n',
    });
  });
});
