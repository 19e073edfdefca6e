import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/checks.js';
import { exchangeFormats, exportEmbedding, importEmbedding } from '../../../src/duckdb/tables/exchange-files.js';
import { awkwardKeys, embeddingOf } from '../../formats/samples.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-exchange-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = {
  word2vec: ['vectors.txt'],
  'word2vec-binary': ['vectors.txt'],
  npy: ['vectors.txt', 'vectors.txt.keys.json'],
  safetensors: ['vectors.txt'],
  projector: ['metadata.tsv', 'vectors.txt'],
};

describe.each(exchangeFormats)('%s', (format) => {
  const escape = format === 'npy' || format === 'safetensors' ? 'none' : 'percent';

  test('comes back from disk with awkward keys and all numbers', async () => {
    const embedding = embeddingOf(awkwardKeys, 4);
    const paths = await exportEmbedding(join(folder, 'vectors.txt'), embedding, { format, escape });
    expect(readdirSync(folder)).toEqual(files[format]);
    expect(paths.toSorted()).toEqual(files[format].map((name) => join(folder, name)));
    const back = await importEmbedding(join(folder, 'vectors.txt'), { format, escape });
    expect(back.vocabulary.keys).toEqual(embedding.vocabulary.keys);
    expect(back.vectors).toEqual(embedding.vectors);
  });

  test('comes back from gzip', async () => {
    const embedding = embeddingOf(['a', 'b', 'c'], 4);
    const paths = await exportEmbedding(join(folder, 'vectors.txt'), embedding, { format });
    for (const path of paths) writeFileSync(path, gzipSync(readFileSync(path)));
    const back = await importEmbedding(join(folder, 'vectors.txt'), { format });
    expect(back.vectors).toEqual(embedding.vectors);
    for (const path of paths) writeFileSync(path, readFileSync(path).subarray(0, -20));
    await expect(importEmbedding(join(folder, 'vectors.txt'), { format })).rejects.toThrow(
      /that was cut or is damaged/,
    );
  });

  test('is named where it is a file of another program, or an address', async () => {
    const path = join(folder, 'vectors.npy');
    for (const each of [path, join(folder, 'vectors.keys.json'), join(folder, 'vectors.npy.metadata.tsv')]) {
      writeFileSync(each, Buffer.from('PK\u0003\u0004 something'));
    }
    await expect(importEmbedding(path, { format })).rejects.toThrow(/it is a zip archive; unzip it first/);
    await expect(importEmbedding('s3://bucket/vectors.npy', { format })).rejects.toThrow(/aws s3 cp/);
  });

  test('is refused by the names of file and format where it is another', async () => {
    const path = join(folder, 'vectors.npy');
    for (const name of ['vectors.npy', 'vectors.keys.json', 'vectors.npy.metadata.tsv']) {
      writeFileSync(join(folder, name), Buffer.from('PAR1 \u0000 nothing of it'));
    }
    const failing = importEmbedding(path, { format });
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(`as ${format}: `);
  });

  test('is refused where there is no file', async () => {
    await expect(importEmbedding(join(folder, 'none'), { format })).rejects.toThrow(
      /"[^"]*none[^"]*": there is no such file/,
    );
  });
});

describe('an export', () => {
  test('leaves no file where a key is refused', async () => {
    const path = join(folder, 'vectors.txt');
    await expect(exportEmbedding(path, embeddingOf(['New York']), { format: 'word2vec' })).rejects.toThrow(
      /"New York"/,
    );
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['escape', { format: 'npy', escape: 'percent' }],
    ['unknownRow', { format: 'word2vec', unknownRow: { vector: 'mean' } }],
  ] as const)('refuses %s where the format has no use for it', async (name, options) => {
    await expect(exportEmbedding(join(folder, 'x'), embeddingOf(['a']), options)).rejects.toThrow(`${name} is for`);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('real files', () => {
  test('of gensim and fastText open from disk', async () => {
    const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
    expect((await importEmbedding(fixture('gensim.txt'), { format: 'word2vec' })).dimension).toBe(6);
    expect((await importEmbedding(fixture('gensim.bin'), { format: 'word2vec-binary' })).dimension).toBe(6);
    expect((await importEmbedding(fixture('fasttext.vec'), { format: 'word2vec' })).dimension).toBe(5);
  });
});
