import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clickModelFromFiles, type ClickModelFiles } from '../../src/click-model/click-model-from-files.js';
import { readClickModel, writeClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { makeFolder } from '../duckdb/files.js';
import { smallModel } from './small-model.js';

const folder = makeFolder();
let files: ClickModelFiles;

beforeAll(async () => {
  await writeClickModel(join(folder, 'saved'), smallModel());
  const paths = ['model.json', 'dense.safetensors', ...readdirSync(join(folder, 'saved/tables')).map(inTables)];
  files = Object.fromEntries(paths.map((path) => [path, new Uint8Array(readFileSync(join(folder, 'saved', path)))]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inTables = (name: string) => `tables/${name}`;
const table = () => Object.keys(files).find((path) => path.startsWith('tables/')) ?? '';
const without = (path: string) => Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));

describe('a click model from the bytes of its files', () => {
  test('is the one that its folder holds, to the last bit', async () => {
    const read = await readClickModel(join(folder, 'saved'));
    const model = await clickModelFromFiles(files);

    expect(model.network).toEqual(read.network);
    expect(model.encoder.tables.map(({ vocabulary }) => vocabulary.keys)).toEqual(
      read.encoder.tables.map(({ vocabulary }) => vocabulary.keys),
    );
    expect(model.reading).toEqual(read.reading);
    expect(model.provenance).toEqual(read.provenance);
  });

  test.each([
    ['without its description', () => without('model.json'), /cannot read model\.json of the click model: expected it/],
    ['without its weights', () => without('dense.safetensors'), /cannot read dense\.safetensors.*among the files/],
    ['without a table', () => without(table()), /cannot read tables\/.*among the files/],
    ['without anything', () => ({}), /got none/],
    ['with text for JSON', () => ({ ...files, 'model.json': Uint8Array.of(123) }), /model\.json.*must be JSON/],
    [
      'with a cut table',
      () => ({ ...files, [table()]: files[table()]?.subarray(0, 90) ?? files }),
      /tables\/.*damaged/,
    ],
    ['with cut weights', () => ({ ...files, 'dense.safetensors': new Uint8Array(40) }), /dense\.safetensors/],
    ['as text', () => ({ 'model.json': '{}' }), /files must be the files of a click model's folder/],
  ])('%s is refused in a sentence that names the file', async (_, damaged, sentence) => {
    await expect(clickModelFromFiles(damaged() as ClickModelFiles)).rejects.toThrow(sentence);
  });
});
