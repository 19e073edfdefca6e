import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { labelPurity } from '../../src/evaluation/label-purity.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { plantedEmbedding } from '../browser/planted.js';
import { runCommand, runJson } from './harness.js';

const hostile = '</script><b>"a,b"\n<!--';
const size = 300;
let folder: string;
let path: string;
let otherPath: string;
const at = (name: string): string => join(folder, name);

/** A planted embedding whose first category has a hostile name. */
function planted(seed: number): Embedding {
  const { vocabulary, dimension, vectors, attributes } = plantedEmbedding(size, { seed });
  return new Embedding({
    vocabulary: new Vocabulary([hostile, ...vocabulary.keys.slice(1)], vocabulary.counts),
    dimension,
    vectors,
    attributes,
    provenance: { options: { epochs: 7 }, source: '<i>clicks</i>' },
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec report '));
  [path, otherPath] = [at('one.parquet'), at('two.parquet')];
  await writeEmbedding(path, planted(1));
  await writeEmbedding(otherPath, planted(2));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the page', () => {
  test('says what evaluate says, and what the map keeps of it', async () => {
    const json = await runJson(['report', path, '--method', 'pca', '--out', at('one.html')]);
    const { purity, chance } = await labelPurity(planted(1), { attribute: 'group' });

    expect(json).toMatchObject({
      categories: size,
      k: 10,
      bytes: readFileSync(at('one.html')).length,
      reports: [{ embedding: path, attributes: [{ attribute: 'group', purity, chance }] }],
    });
  });

  test('holds no markup of a key, and allows nothing but its own script and style', async () => {
    await runJson(['report', path, otherPath, '--method', 'pca', '--out', at('two.html')]);
    const html = readFileSync(at('two.html'), 'utf8');

    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain('<b>');
    expect(html).not.toContain('<i>');
    expect(html).not.toMatch(/<!--/);
    expect(html).not.toMatch(/\s(src|href|style|on[a-z]+)=/);
    expect(html).toMatch(/default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; base-uri 'none'/);
  });

  test('tells how it was made, which categories are suspicious, and where two embeddings differ', () => {
    const html = readFileSync(at('two.html'), 'utf8');

    expect(html).toContain('<th scope="row">options.epochs</th><td>7</td>');
    expect(html).toContain('Neighbors in one agree on another group');
    expect(html).toContain('Categories whose neighborhoods differ most');
    expect(html).toContain('of the 10 nearest neighbors are the same in both');
    expect(html).toContain('Tenths of the categories by clicks, in two');
  });

  test('is the same bytes each time, on any number of threads', async () => {
    const words = ['report', path, '--iterations', '60', '--out'];
    await runJson([...words, at('a.html'), '--threads', '1']);
    await runJson([...words, at('b.html'), '--threads', '2']);

    expect(readFileSync(at('a.html'))).toEqual(readFileSync(at('b.html')));
  });

  test('judges by the attribute that is named, which colors first', async () => {
    const json = await runJson([
      'report',
      path,
      '--attribute',
      'group',
      '-k',
      '5',
      '--method',
      'pca',
      '--out',
      at('k.html'),
    ]);

    expect(json).toMatchObject({ k: 5, reports: [{ attributes: [{ attribute: 'group' }] }] });
    expect(readFileSync(at('k.html'), 'utf8')).toContain(
      '<option>group</option><option>share</option><option>count</option>',
    );
  });

  test('does without attributes', async () => {
    const { vocabulary, dimension, vectors } = planted(1);
    await writeEmbedding(at('bare.parquet'), new Embedding({ vocabulary, dimension, vectors }));
    const json = await runJson(['report', at('bare.parquet'), '--method', 'pca', '--out', at('bare.html')]);

    expect(json).toMatchObject({ reports: [{ attributes: [] }] });
    expect(readFileSync(at('bare.html'), 'utf8')).toContain('<option>count</option>');
  });
});

describe('what cannot be reported is refused in a sentence', () => {
  test.each([
    ['another ending', ['--out', 'x.pdf'], '--out must end in .html'],
    ['no file to write', [], '--out must name the file to write, got nothing: HTML file to write'],
    [
      'an unknown attribute',
      ['--attribute', 'grup', '--out', 'x.html'],
      `attribute must be one of the embedding's (group, share)`,
    ],
    ['a number as label', ['--attribute', 'share', '--out', 'x.html'], 'attribute share must have values'],
    ['a neighborhood of none', ['-k', '0', '--out', 'x.html'], '-k must be'],
  ])('%s', async (_, words, sentence) => {
    const full = words.map((word) => (word.startsWith('x.') ? at(word) : word));
    const { exitCode, stdout, stderr } = await runCommand(['report', path, '--method', 'pca', ...full, '--quiet']);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(at('x.html'))).toBe(false);
  });
});
