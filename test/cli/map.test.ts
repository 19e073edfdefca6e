import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAttributesWith } from '../../src/duckdb/tables/read-attributes.js';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { writeMapTable } from '../../src/duckdb/tables/write-map.js';
import { openParquet } from '../../src/duckdb/engine/open-parquet.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Random } from '../../src/numerics/random.js';
import { projectEmbedding } from '../../src/projection/project-embedding.js';
import { renderMap } from '../../src/report/report.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { runCommand, runJson } from './harness.js';

const size = 60;
const hostile = '</script><b>"a,b"\nc';
let folder: string;
let path: string;
let otherPath: string;
const at = (name: string): string => join(folder, name);

/** Three groups of twenty in eight dimensions; the group is the attribute `topic`. */
function planted(prefix: string, seed: number): Embedding {
  const random = new Random(seed);
  const keys = Array.from({ length: size }, (_, row) => (row === 0 ? hostile : `${prefix}${row}`));
  const vectors = Float32Array.from({ length: size * 8 }, (_, i) => {
    const [row, column] = [Math.floor(i / 8), i % 8];
    return (column === row % 3 ? 1 : 0) + (random.uniform() - 0.5) * 0.4;
  });
  return new Embedding({
    vocabulary: new Vocabulary(
      keys,
      Float64Array.from(keys, (_, row) => size - row),
    ),
    dimension: 8,
    vectors,
    attributes: new Map([['topic', keys.map((_, row) => `topic ${row % 3}`)]]),
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec map '));
  path = at('one.parquet');
  otherPath = at('two.parquet');
  await writeEmbedding(path, planted('c', 1));
  const all = planted('c', 2);
  // the other one lacks the last ten categories and knows no topics
  await writeEmbedding(
    otherPath,
    new Embedding({
      vocabulary: new Vocabulary(all.vocabulary.keys.slice(0, 50), all.vocabulary.counts.slice(0, 50)),
      dimension: 8,
      vectors: all.vectors.slice(0, 400),
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('of a program', () => {
  const projection = { method: 'pca' } as const;

  test.each(['svg', 'png', 'html'] as const)('is the file of the command, byte for byte: .%s', async (format) => {
    const out = at(`command.${format}`);
    const json = await runJson(['map', path, '--method', 'pca', '--color', 'topic', '--out', out]);
    const options = { format, color: 'topic', projection } as const;
    const drawn = await renderMap([{ name: 'one', embedding: await readEmbedding(path) }], options);

    expect(Buffer.from(drawn.content).equals(readFileSync(out))).toBe(true);
    expect(drawn.purities[0]).toMatchObject({ purity: json['purity'], planePurity: json['planePurity'] });
    expect(drawn.title).toContain('share the topic');
  });

  test.each(['csv', 'parquet'])('is the table of the command, byte for byte: .%s', async (ending) => {
    await runJson(['map', path, '--method', 'pca', '--out', at(`command.${ending}`)]);
    const embedding = await readEmbedding(path);
    const { coordinates } = await projectEmbedding(embedding, projection);
    await writeMapTable(at(`program.${ending}`), { embedding, coordinates: [coordinates] });

    expect(readFileSync(at(`program.${ending}`)).equals(readFileSync(at(`command.${ending}`)))).toBe(true);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a color',
      () => renderMap([{ name: 'one', embedding: planted('c', 1) }], { color: 'tpic' }),
      /"tpic"; did you mean "topic"\?$/,
    ],
    [
      'a width',
      () => renderMap([{ name: 'one', embedding: planted('c', 1) }], { width: 3 }),
      /^width must be a whole number/,
    ],
    [
      'two of other categories',
      () =>
        renderMap([
          { name: 'a', embedding: planted('c', 1) },
          { name: 'b', embedding: planted('d', 1) },
        ]),
      /^two embeddings must hold the same categories/,
    ],
    [
      'an ending',
      () => writeMapTable(at('x.txt'), { embedding: planted('c', 1), coordinates: [new Float32Array(120)] }),
      /^a map can be written as \.parquet, \.csv, got "x\.txt"$/,
    ],
    [
      'too few places',
      () => writeMapTable(at('x.csv'), { embedding: planted('c', 1), coordinates: [new Float32Array(2)] }),
      /^coordinates must be .*, two numbers for each of 60 categories$/,
    ],
  ])('refuses %s in a sentence', async (_, act, sentence) => {
    await expect(act()).rejects.toMatchObject({ name: 'InputError', message: expect.stringMatching(sentence) });
  });
});

describe('the neighbor graph', () => {
  test.each([
    ['exact for few categories', [], 1],
    ['approximate where it is asked for, and found whole in one leaf', ['--graph', 'approximate'], 1],
    ['none for PCA', ['--method', 'pca'], null],
  ])('is %s, and its recall stands beside the map', async (_, words, graphRecall) => {
    const call = ['map', path, '--out', at('graph.csv'), '--quiet', ...words];

    expect(await runJson(call)).toMatchObject({ graphRecall });
    const { stdout } = await runCommand(call);
    expect(stdout.includes('graph recall')).toBe(graphRecall !== null);
  });
});

describe('the picture', () => {
  test('tells purity against chance, and how far the map can be trusted', async () => {
    const json = await runJson(['map', path, '--method', 'pca', '--out', at('map.svg')]);

    expect(json).toMatchObject({ categories: 60, method: 'pca', color: 'topic', purity: 1 });
    expect(json['chance']).toBeCloseTo(19 / 59, 9);
    expect(json['planePurity']).toBeGreaterThan(0.9);
    expect(json['trustworthiness']).toBeGreaterThan(0.7);
    expect(json['continuity']).toBeGreaterThan(0.7);
    const svg = readFileSync(at('map.svg'), 'utf8');
    expect(svg).toContain('100 % of the 10 nearest neighbors share the topic, against 32 % by chance');
    expect(svg).toContain(`trustworthiness ${Number(json['trustworthiness']).toFixed(3)}`);
  });

  test('is a PNG of the width that was asked for', async () => {
    await runJson(['map', path, '--method', 'pca', '--width', '640', '--out', at('map.png')]);
    const png = readFileSync(at('map.png'));

    expect([png.subarray(1, 4).toString(), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['PNG', 640, 360]);
  });

  test('is drawn by t-SNE unless another method is named, the same bytes on any number of threads', async () => {
    const words = ['map', path, '--iterations', '60', '--out'];
    const json = await runJson([...words, at('a.svg'), '--threads', '1']);
    await runJson([...words, at('b.svg'), '--threads', '2']);

    expect(json['method']).toBe('tsne');
    expect(readFileSync(at('a.svg'))).toEqual(readFileSync(at('b.svg')));
  });

  test('shows two embeddings on the categories they share, by the attributes of either', async () => {
    const { exitCode, stdout, stderr } = await runCommand([
      'map',
      otherPath,
      path,
      '--method',
      'pca',
      '--color',
      'topic',
      '--out',
      at('two.svg'),
      '--json',
    ]);

    // progress is shown where a map takes a while
    const said = stderr.replace(/^mapping .*\n/gm, '');
    expect({ exitCode, stderr: said }).toEqual({
      exitCode: 0,
      stderr:
        `50 of 50 categories of ${otherPath} are in ${path} (100 %)\n50 categories in both; 0 only in ` +
        `${otherPath}, 10 only in ${path}\n`,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      categories: 50,
      maps: [
        { embedding: otherPath, purity: 1 },
        { embedding: path, purity: 1 },
      ],
    });
    expect(readFileSync(at('two.svg'), 'utf8').match(/h0/g)).toHaveLength(100);
  });

  test('leaves the rare categories out where it is told to', async () => {
    expect(await runJson(['map', path, '--method', 'pca', '--most', '30', '--out', at('few.svg')])).toMatchObject({
      categories: 30,
    });
  });

  test('colors by clicks where there is no attribute, and then judges nothing', async () => {
    expect(await runJson(['map', otherPath, '--method', 'pca', '--out', at('clicks.svg')])).toMatchObject({
      color: 'count',
      purity: null,
    });
  });
});

describe('the page', () => {
  test('holds both maps, every attribute as a color, and no markup of a key', async () => {
    await runJson(['map', path, otherPath, '--method', 'pca', '--out', at('map.html')]);
    const html = readFileSync(at('map.html'), 'utf8');

    expect(html.match(/<canvas/g)).toHaveLength(2);
    expect(html).toContain('<option>topic</option><option>count</option>');
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain('<b>');
  });
});

describe('the table', () => {
  test('holds category, place and attributes as CSV that reads back', async () => {
    await runJson(['map', path, '--method', 'pca', '--out', at('map.csv')]);
    const table = await readAttributesWith(at('map.csv'), { key: 'category' });

    expect([...table.keys()]).toEqual(['x', 'y', 'topic']);
    expect(table.get('topic')?.get('c4')).toBe('topic 1');
    expect(table.get('topic')?.get(hostile)).toBe('topic 0');
    expect(new Set(table.get('x')?.values()).size).toBe(60);
  });

  test('holds the same as Parquet, with both maps of two', async () => {
    await runJson(['map', path, otherPath, '--method', 'pca', '--out', at('map.parquet')]);
    const file = await openParquet(at('map.parquet'));
    const columns = [...file.columns.keys()];
    const keys = await file.readText('category');
    file.close();

    expect(columns).toEqual(['category', 'x', 'y', 'other_x', 'other_y', 'topic']);
    expect(keys).toEqual(planted('c', 1).vocabulary.keys.slice(0, 50));
  });
});

describe('what cannot be drawn is refused in a sentence', () => {
  test.each([
    [
      'an unknown ending',
      ['--out', 'map.gif'],
      `--out must end in one of .png, .svg, .html, .parquet, .csv, got "map.gif"`,
    ],
    [
      'a color that is no attribute',
      ['--color', 'language', '--out', 'map.png'],
      `--color must be one of topic, count, got "language"; --attributes FILE --key COLUMN joins more from a table`,
    ],
    [
      'a misspelled attribute',
      ['--color', 'tpic', '--out', 'map.png'],
      `--color must be one of topic, count, got "tpic"; did you mean "topic"?`,
    ],
    [
      'no file to write',
      [],
      '--out must name the file to write, got nothing: picture .png, .svg; page .html; table .parquet, .csv',
    ],
    [
      'a theme for a page, which follows its reader',
      ['--theme', 'dark', '--out', 'map.html'],
      `--theme is for pictures, .png and .svg, got it with --out "map.html"; leave it out`,
    ],
    ['an unknown theme', ['--theme', 'sepia', '--out', 'x.png'], `--theme must be one of light, dark, got "sepia"`],
  ])('%s', async (_, words, sentence) => {
    const { exitCode, stdout, stderr } = await runCommand([
      'map',
      path,
      ...words.map((word) => (/^(map|x)\./.test(word) ? at(word) : word)),
    ]);

    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `error: ${sentence.replace(/"(map\.(gif|html))"/, (_whole, name: string) => JSON.stringify(at(name)))}\n`,
    });
    expect(existsSync(at('x.png'))).toBe(false);
  });

  test('three embeddings', async () => {
    const { exitCode, stderr } = await runCommand(['map', path, otherPath, path, '--out', at('x.png')]);

    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: 'error: expected one embedding or two to compare, got 3\n',
    });
  });

  test('two that share nothing', async () => {
    await writeEmbedding(
      at('strange.parquet'),
      new Embedding({
        vocabulary: new Vocabulary(['z'], Float64Array.of(1)),
        dimension: 1,
        vectors: Float32Array.of(1),
      }),
    );
    const { exitCode, stderr } = await runCommand(['map', path, at('strange.parquet'), '--out', at('x.png')]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain('must share a category, got none');
  });
});
