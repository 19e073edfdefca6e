import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clickModelEntries, readClickModel, writeClickModel } from '../../../src/duckdb/tables/click-model-folder.js';
import { readEmbedding } from '../../../src/duckdb/tables/embedding-file.js';
import { Vocabulary } from '../../../src/vocabulary.js';
import { smallModel } from '../../click-model/small-model.js';
import { makeFolder } from '../files.js';

const folder = makeFolder();
const saved = join(folder, 'saved');
const model = smallModel();

beforeAll(() => writeClickModel(saved, model));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a saved click model', () => {
  test('comes back to the last bit', async () => {
    const read = await readClickModel(saved);

    expect(read.network).toEqual(model.network);
    expect(read.provenance).toEqual(model.provenance);
    expect({ ...read.encoder, tables: [] }).toEqual({ ...model.encoder, tables: [] });
    expect(read.encoder.tables.map(({ domain, vocabulary: { keys, counts } }) => ({ domain, keys, counts }))).toEqual(
      model.encoder.tables.map(({ domain, vocabulary: { keys, counts } }) => ({ domain, keys, counts })),
    );
  });

  test('keeps a negative zero and the smallest number of row 0', async () => {
    const special = smallModel();
    special.network.tables[0]?.vectors.set([-0, 1.401298464324817e-45, 3.4028234663852886e38, 1 / 3]);
    const path = join(folder, 'special');
    await writeClickModel(path, special);

    const read = await readClickModel(path);

    expect(new Uint32Array(read.network.tables[0]?.vectors.slice().buffer ?? [])).toEqual(
      new Uint32Array(special.network.tables[0]?.vectors.slice().buffer ?? []),
    );
  });

  test('keeps tables without any known category, and one that has columns of awkward names', async () => {
    const { encoder, network, provenance } = smallModel();
    const [first, second] = encoder.tables;
    if (first === undefined || second === undefined) throw new Error('two tables expected');
    const awkward = {
      provenance,
      encoder: {
        ...encoder,
        tables: [
          { domain: 'A/../b', vocabulary: new Vocabulary([], new Float64Array()) },
          { domain: 'a/../B', vocabulary: second.vocabulary },
        ],
      },
      network: {
        ...network,
        tables: network.tables.map((table, i) => (i === 0 ? { ...table, vectors: table.vectors.slice(0, 4) } : table)),
      },
    };
    const path = join(folder, 'awkward');
    await writeClickModel(path, awkward);

    const read = await readClickModel(path);

    expect(read.network.tables).toEqual(awkward.network.tables);
    expect(read.encoder.tables.map(({ domain }) => domain)).toEqual(['A/../b', 'a/../B']);
    expect(readdirSync(join(path, 'tables'))).toEqual(['A%2F..%2Fb.parquet', 'a%2F..%2FB-2.parquet']);
  });

  test('has tables that open as embeddings, in which no category is the unknown one', async () => {
    const embedding = await readEmbedding(join(saved, 'tables', 'advertiser.parquet'));

    expect(embedding.vocabulary.keys).toEqual(['b', 'a', 'ü/?']);
    expect(embedding.vectors).toEqual(model.network.tables[0]?.vectors.subarray(4));
    expect(embedding.nearest('b', 10).map(({ category }) => category)).toHaveLength(2);
  });

  test('has the same bytes each time', async () => {
    const again = join(folder, 'again');
    await writeClickModel(again, model);

    for (const name of ['model.json', 'dense.safetensors', 'tables/advertiser.parquet', 'tables/site.parquet']) {
      expect(readFileSync(join(again, name)).equals(readFileSync(join(saved, name)))).toBe(true);
    }
  });

  test('is replaced by a later one, and leaves nothing beside it', async () => {
    const path = join(folder, 'parent', 'replaced');
    mkdirSync(join(folder, 'parent'));
    await writeClickModel(path, model);
    await writeClickModel(path, smallModel(2));

    expect((await readClickModel(path)).provenance).toEqual(smallModel(2).provenance);
    expect(readdirSync(join(folder, 'parent'))).toEqual(['replaced']);
  });
});

describe('a foreign folder', () => {
  test('is refused by name, and what it holds stays', async () => {
    const path = join(folder, 'foreign');
    mkdirSync(path);
    writeFileSync(join(path, 'thesis.txt'), 'years of work');

    await expect(writeClickModel(path, model)).rejects.toThrow('it holds "thesis.txt", which is not of a click model');
    expect(readdirSync(path)).toEqual(['thesis.txt']);

    await writeClickModel(path, model, { overwrite: true });
    expect(readdirSync(path).toSorted()).toEqual([...clickModelEntries, 'thesis.txt'].toSorted());
    expect((await readClickModel(path)).network).toEqual(model.network);
  });

  test.each([
    ['a file in its place', 'file.txt', 'expected the name of a folder, got a file'],
    ['no folder around it', join('missing', 'model'), 'there is no folder'],
  ])('%s is said', async (_, name, message) => {
    writeFileSync(join(folder, 'file.txt'), '');

    await expect(writeClickModel(join(folder, name), model)).rejects.toThrow(message);
  });

  test('numbers that are not finite are refused, and leave nothing', async () => {
    const wild = smallModel();
    wild.network.layers[1]?.weights.fill(NaN, 3, 4);

    await expect(writeClickModel(join(folder, 'wild'), wild)).rejects.toThrow('layers.1.weights must be finite');
    expect(readdirSync(folder)).not.toContain('wild');
  });
});

describe('a damaged click model', () => {
  const damage = (name: string, break_: (path: string) => void) => async (): Promise<string> => {
    const path = join(folder, `damaged-${name}`);
    cpSync(saved, path, { recursive: true });
    break_(path);
    const message = await readClickModel(path).then(
      () => 'it was read',
      (error: unknown) => (error instanceof Error && error.name === 'InputError' ? error.message : String(error)),
    );
    return message.replaceAll(folder, '');
  };
  const edit = (from: string | RegExp, to: string) => (path: string) => {
    const file = join(path, 'model.json');
    const text = readFileSync(file, 'utf8');
    if (text.replace(from, to) === text) throw new Error(`${from} is not in model.json`);
    writeFileSync(file, text.replace(from, to));
  };

  test.each<[string, (path: string) => void, RegExp]>([
    ['folder', (path) => rmSync(path, { recursive: true }), /expected a click model, .*; there is no such folder$/],
    ['description', (path) => rmSync(join(path, 'model.json')), /expected a click model, .*; it holds none$/],
    ['cut', (path) => truncateSync(join(path, 'model.json'), 300), /model.json": it is damaged or truncated/],
    ['list', (path) => writeFileSync(join(path, 'model.json'), '[]'), /it must be a JSON object, got a list/],
    ['foreign', edit('click model', 'clock'), /it is not a click model/],
    ['newer', edit('"format_version": 1', '"format_version": 2'), /format version 2, expected at most 1; a newer/],
    ['escape', edit('tables/site.parquet', '../../site.parquet'), /tables\[1\].file must be a Parquet file in tables/],
    ['overflowing deviation', edit('0.30000000000000004', '1e999'), /numeric\[0\].deviation must be a number > 0, got/],
    ['no deviation', edit('0.30000000000000004', 'null'), /numeric\[0\].deviation must be a number > 0, got null/],
    [
      'half-life',
      edit('"halfLifeSeconds": 3600', '"halfLifeSeconds": -5'),
      /halfLifeSeconds must be a number > 0, got -5/,
    ],
    ['offset', edit('"logitOffset": -0.7', '"logitOffset": 5'), /logitOffset must be a number from -1000 to 0, got 5/],
    ['deviation', edit('0.30000000000000004', '0'), /numeric\[0\].deviation must be a number > 0, got 0/],
    ['domain', edit('"domain": "site",\n      "predictedAs"', '"domain": "x",\n "predictedAs"'), /must be one of adv/],
    ['width', edit('"inputs": 21', '"inputs": 22'), /layers\[0\].inputs must be 21, .* got 22/],
    ['table', (path) => rmSync(join(path, 'tables/site.parquet')), /site.parquet": there is no such file/],
    ['rows', edit('"categories": 3', '"categories": 4'), /expected 4 × 4 numbers, as model.json says, got 3 × 4/],
    ['cut-table', (path) => truncateSync(join(path, 'tables/site.parquet'), 400), /it is truncated/],
    ['weights', (path) => rmSync(join(path, 'dense.safetensors')), /dense.safetensors": there is no such file/],
    ['cut-weights', (path) => truncateSync(join(path, 'dense.safetensors'), 700), /truncated inside the tensor layers/],
    [
      'layers',
      edit(/"outputs": 5(,[^]*?)"inputs": 5/, '"outputs": 4$1"inputs": 4'),
      /expected a tensor layers.1.weights \[4, 6\], as model.json says/,
    ],
    [
      'other',
      (path) => cpSync(join(path, 'tables/site.parquet'), join(path, 'tables/advertiser.parquet')),
      /expected 3 × 4 numbers, as model.json says, got 2 × 3/,
    ],
  ])('is refused in one sentence: %s', async (name, break_, message) => {
    expect(await damage(name, break_)()).toMatch(message);
  });
});
