import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import type { Embedding } from '../../src/embedding/embedding.js';
import { joinParts } from '../../src/formats/bytes.js';
import { embeddingFromWord2vecBinary, embeddingToWord2vecBinary } from '../../src/formats/word2vec-binary.js';
import { embeddingFromWord2vecText, embeddingToWord2vecText } from '../../src/formats/word2vec-text.js';
import { anyEmbedding, awkwardKeys, embeddingOf, inParts } from './samples.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const formats = [
  { name: 'text', write: embeddingToWord2vecText, read: embeddingFromWord2vecText, file: 'txt' },
  { name: 'binary', write: embeddingToWord2vecBinary, read: embeddingFromWord2vecBinary, file: 'bin' },
] as const;
const text = (lines: string): Uint8Array => new TextEncoder().encode(lines);

describe.each(formats)('word2vec $name', ({ write, read }) => {
  test('round-trips every key and every bit of every number, escaped, in parts of any size', async () => {
    await fc.assert(
      fc.asyncProperty(anyEmbedding, fc.integer({ min: 1, max: 50 }), async (embedding, size) => {
        const bytes = joinParts(write(embedding, { escape: 'percent' }));
        for (const source of [bytes, inParts(bytes, size)]) {
          const back = await read(source, { escape: 'percent' });
          expect(back.vocabulary.keys).toEqual(embedding.vocabulary.keys);
          expect(back.vectors).toEqual(embedding.vectors);
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each(awkwardKeys.filter((key) => /^[^ \t\n\r]+$/.test(key)))('holds %j unescaped', async (key) => {
    expect((await read(joinParts(write(embeddingOf([key]))))).vocabulary.keys).toEqual([key]);
  });

  test.each(awkwardKeys.filter((key) => !/^[^ \t\n\r]+$/.test(key)))('refuses %j by name unless escaped', (key) => {
    expect(() => write(embeddingOf([key]))).toThrow(JSON.stringify(key));
    expect(() => write(embeddingOf([key]))).toThrow(InputError);
  });

  test('says which keys it cannot hold, and how many', () => {
    const embedding = embeddingOf(['Bern', 'New York', 'Los Angeles', '', 'São Paulo']);
    expect(() => write(embedding)).toThrow(
      'word2vec cannot hold white space or an empty text in a category: 4 of 5 do, "New York", "Los ' +
        'Angeles", "", …; escape percent writes them',
    );
  });

  test('refuses half a character even escaped', () => {
    expect(() => write(embeddingOf(['\ud83e']), { escape: 'percent' })).toThrow(/"\\ud83e"/);
  });

  test('keeps escapes as they stand unless asked to undo them', async () => {
    const bytes = joinParts(write(embeddingOf(['New York', '50%']), { escape: 'percent' }));
    expect((await read(bytes)).vocabulary.keys).toEqual(['New%20York', '50%25']);
  });

  test('says that the counts are unknown, and calls them 0', async () => {
    const back = await read(joinParts(write(embeddingOf(['a', 'b']))));
    expect(back.vocabulary.counts).toEqual(Float64Array.of(0, 0));
    expect(back.provenance).toMatchObject({ source: { counts: 'unknown' } });
  });

  test('can hold no category at all', async () => {
    expect((await read(joinParts(write(embeddingOf([]))))).vocabulary.size).toBe(0);
  });

  test('writes the same bytes for the same embedding', () => {
    const embedding = embeddingOf(['a', 'b', 'c']);
    expect(joinParts(write(embedding))).toEqual(joinParts(write(embedding)));
  });

  test('hands out and takes in more than one part', async () => {
    const keys = Array.from({ length: 3000 }, (_, i) => `category-${i}`);
    const embedding = embeddingOf(keys, 100);
    const parts = [...write(embedding)];
    expect(parts.length).toBeGreaterThan(1);
    expect((await read(parts)).vectors).toEqual(embedding.vectors);
  });

  test.each([
    ['nothing', '', /empty file/],
    ['no first line', 'Bern 0.1 0.2\n', /first line/],
    ['a dimension of 0', '1 0\nBern\n', /dimension must be/],
    ['sizes beyond reason', '9999999999 9999999999\n', /number of categories must be/],
    ['a first line without end', 'x'.repeat(5000), /no such line/],
  ])('refuses %s', async (_, content, message) => {
    await expect(read(text(content))).rejects.toThrow(InputError);
    await expect(read(text(content))).rejects.toThrow(message);
  });
});

describe('word2vec text is refused with its line', () => {
  test.each([
    ['too few numbers', '1 3\nBern 1 2\n', /line 2 must hold a key and 3 numbers apart by spaces, got 2 numbers/],
    ['too many numbers', '1 2\nBern 1 2 3\n', /line 2 .* more of them/],
    ['a key with a space', '1 2\nNew York 1 2\n', /line 2 .* "York"/],
    ['a word for a number', '2 2\na 1 2\nb 1 x\n', /line 3 .* "x"/],
    ['nan', '1 2\na 1 nan\n', /line 2 .* "nan"/],
    ['a number beyond float32', '1 2\na 1 1e39\n', /line 2 .* "1e39"/],
    ['a key twice', '2 1\na 1\na 2\n', /distinct, got "a" in rows 1 and 2/],
    ['too few lines', '3 1\na 1\n', /expected 3 categories, .* got 1; the file is truncated/],
    ['too many lines', '1 1\na 1\nb 2\n', /got more \(line 3\)/],
    ['a last line without end', '1 1\na 0.12', /line 2 has no end; the file is truncated/],
    ['a blank line inside', '2 1\na 1\n\nb 2\n', /line 3 .* no space/],
    ['bytes that are not UTF-8', '1 1\n\xff 1\n', /line 2 must hold UTF-8/],
  ])('%s', async (_, content, message) => {
    const failing = embeddingFromWord2vecText(Buffer.from(content, 'latin1'));
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(message);
  });

  test('a broken escape', async () => {
    const failing = embeddingFromWord2vecText(text('1 1\n50% 1\n'), { escape: 'percent' });
    await expect(failing).rejects.toThrow(/line 2 .* "50%"/);
  });
});

describe('word2vec binary is refused', () => {
  const good = joinParts(embeddingToWord2vecBinary(embeddingOf(['Bern', 'Basel'])));
  test.each([
    ['cut anywhere', [...good.keys()].slice(4, -1).map((length) => good.subarray(0, length))],
    ['with bytes after its end', [joinParts([good, text('x')])]],
    ['with an infinite number', [joinParts([text('1 1\na '), Uint8Array.of(0, 0, 128, 127)])]],
    ['when it is text', [joinParts(embeddingToWord2vecText(embeddingOf(['Bern', 'Basel'], 50)))]],
  ])('%s', async (_, files) => {
    for (const file of files) await expect(embeddingFromWord2vecBinary(file)).rejects.toThrow(InputError);
    expect(files.length).toBeGreaterThan(0);
  });
});

describe('files of other programs', () => {
  const gensim = JSON.parse(readFileSync(fixture('gensim.json'), 'utf8')) as { keys: string[]; vectors: number[][] };

  test.each(formats)('gensim: word2vec $name', async ({ read, file }) => {
    const embedding = await read(readFileSync(fixture(`gensim.${file}`)));
    expect(embedding.vocabulary.keys).toEqual(gensim.keys);
    expect(embedding.vectors).toEqual(Float32Array.from(gensim.vectors.flat()));
  });

  test('fastText: its .vec, with the row </s>', async () => {
    const embedding = await embeddingFromWord2vecText(readFileSync(fixture('fasttext.vec')));
    expect(embedding.vocabulary.keys[0]).toBe('</s>');
    expect(embedding.vocabulary.keys).toEqual(expect.arrayContaining(['Zürich', '🦉', 'a%20b', '1.50', '\u00A0x']));
    expect(embedding.dimension).toBe(5);
    expect(embedding.vectors[0]).toBe(Math.fround(-0.16602));
  });
});

const python = '/usr/bin/python3';
const hasGensim = spawnSync(python, ['-c', 'import gensim']).status === 0;

describe('gensim opens ours', () => {
  // The fixtures ours.txt and ours.bin are what gensim 4.2 was seen to open; where it is installed, it opens them again.
  const ours = embeddingOf(awkwardKeys, 4);
  const written = formats.map(({ write }) => joinParts(write(ours, { escape: 'percent' })));

  test.each(formats.map(({ file }, i) => ({ file, bytes: written[i] })))(
    'the same bytes as ever: ours.$file',
    ({ file, bytes }) => {
      expect(Buffer.from(bytes ?? []).equals(readFileSync(fixture(`ours.${file}`)))).toBe(true);
    },
  );

  test.skipIf(!hasGensim)('with the same keys and numbers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'category2vec-gensim-'));
    try {
      const paths = formats.map(({ file }) => join(folder, `ours.${file}`));
      paths.forEach((path, i) => writeFileSync(path, written[i] ?? ''));
      const said = execFileSync(python, [fixture('make-fixtures.py'), '--check', ...paths], { encoding: 'utf8' });
      const seen = JSON.parse(said) as Record<string, { keys: string[]; vectors: number[][] }>;
      for (const { name } of formats) {
        const expected = await unescaped(written);
        expect(seen[name]?.keys).toEqual(expected.vocabulary.keys);
        expect(Float32Array.from(seen[name]?.vectors.flat() ?? [])).toEqual(ours.vectors);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function unescaped([bytes]: readonly Uint8Array[]): Promise<Embedding> {
  return embeddingFromWord2vecText(bytes ?? new Uint8Array());
}
