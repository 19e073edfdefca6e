import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import type { Attribute } from '../../src/embedding/embedding.js';
import { joinParts } from '../../src/formats/bytes.js';
import { embeddingFromProjector, embeddingToProjector } from '../../src/formats/projector.js';
import { anyEmbedding, awkwardKeys, embeddingOf, inParts } from './samples.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (parts: Iterable<Uint8Array>): string => Buffer.from(joinParts(parts)).toString('utf8');

describe('projector files', () => {
  test('round-trip every key, count and bit of every number, escaped, in parts of any size', async () => {
    await fc.assert(
      fc.asyncProperty(anyEmbedding, fc.integer({ min: 1, max: 60 }), async (embedding, size) => {
        fc.pre(embedding.vocabulary.size > 0);
        const { vectors, metadata } = embeddingToProjector(embedding, { escape: 'percent' });
        const back = await embeddingFromProjector(
          inParts(joinParts(vectors), size),
          inParts(joinParts(metadata), size),
          { escape: 'percent' },
        );
        expect(back.vocabulary.keys).toEqual(embedding.vocabulary.keys);
        expect(back.vocabulary.counts).toEqual(embedding.vocabulary.counts);
        expect(back.vectors).toEqual(embedding.vectors);
      }),
      { numRuns: 200 },
    );
  });

  test.each(awkwardKeys.filter((key) => !/[\t\n\r]/.test(key)))('hold %j unescaped', async (key) => {
    const { vectors, metadata } = embeddingToProjector(embeddingOf([key]));
    expect((await embeddingFromProjector([...vectors], [...metadata])).vocabulary.keys).toEqual([key]);
  });

  test.each(awkwardKeys.filter((key) => /[\t\n\r]/.test(key)))('refuse %j by name unless escaped', (key) => {
    expect(() => embeddingToProjector(embeddingOf([key]))).toThrow(JSON.stringify(key));
  });

  test('look as the projector wants them', () => {
    const attributes = new Map<string, Attribute>([
      ['language', ['de', null]],
      ['inhabitants', [443000, 0.5]],
    ]);
    const { vectors, metadata } = embeddingToProjector(embeddingOf(['Zürich', 'New York'], 2, attributes));
    expect(textOf(metadata)).toBe(
      'category\tcount\tlanguage\tinhabitants\nZürich\t1000\tde\t443000\nNew York\t999\t\t0.5\n',
    );
    expect(textOf(vectors)).toMatch(/^-?[\d.]+\t-?[\d.]+\n-?[\d.]+\t-?[\d.]+\n$/);
  });

  test('refuse tabs in attributes and their names, too', () => {
    const keys = ['a'];
    expect(() => embeddingToProjector(embeddingOf(keys, 1, new Map([['topic', ['a\tb']]])))).toThrow(
      /attribute topic: .*"a\\tb"/,
    );
    expect(() => embeddingToProjector(embeddingOf(keys, 1, new Map([['a\tb', ['x']]])))).toThrow(/name: .*"a\\tb"/);
  });

  test('read attributes as text, empty fields as missing', async () => {
    const metadata = bytes('label\tcount\ttopic\tsize\r\nBern\t7\tcity\t1.50\r\nOlten\t2\t\t007\r\n');
    const embedding = await embeddingFromProjector(bytes('1\t2\r\n3\t4\r\n'), metadata);
    expect(embedding.vocabulary.keys).toEqual(['Bern', 'Olten']);
    expect(embedding.vocabulary.counts).toEqual(Float64Array.of(7, 2));
    expect(Object.fromEntries(embedding.attributes)).toEqual({ topic: ['city', null], size: ['1.50', '007'] });
  });

  test('read metadata of one column without a line of names', async () => {
    const embedding = await embeddingFromProjector(bytes('1\n2\n'), bytes('Bern\nOlten\n'));
    expect(embedding.vocabulary.keys).toEqual(['Bern', 'Olten']);
    expect(embedding.provenance).toEqual({ source: { format: 'projector', counts: 'unknown' } });
  });

  test.each([
    ['fewer vectors than keys', '1\n', 'a\nb\n', /each of the 2 keys, got 1/],
    ['more vectors than keys', '1\n2\n3\n', 'a\nb\n', /each of the 2 keys, got more/],
    ['unequal vectors', '1\t2\n3\n', 'a\nb\n', /line 2 of the vectors must hold 2 numbers .* got 1/],
    ['too long a vector', '1\n2\t3\n', 'a\nb\n', /line 2 of the vectors must hold 1 numbers .* got more/],
    ['a word for a number', '1\nx\n', 'a\nb\n', /line 2 .* "x"/],
    ['infinity', '1\n1e99\n', 'a\nb\n', /line 2 .* "1e99"/],
    ['a blank line', '1\n\n2\n', 'a\nb\n', /line 2 .* got none/],
    ['a repeated key', '1\n2\n', 'a\na\n', /"a" in rows 1 and 2/],
    ['a ragged table', '1\n', 'k\tt\na\n', /line 2 of the metadata must have 2 fields, .* got 1/],
    ['a count of none', '1\n', 'k\tcount\na\tmany\n', /line 2 of the metadata must have a count ≥ 0, got "many"/],
    ['a column twice', '1\n', 'k\tt\tt\na\t1\t2\n', /"t" twice/],
    ['vectors cut short', '1\n0.12', 'a\nb\n', /line 2 of the vectors has no end/],
    ['metadata cut short', '1\n2\n', 'a\nb', /metadata has no end/],
    ['no keys', '', 'category\tcount\n', /got no line/],
  ])('refuse %s', async (_, vectors, metadata, message) => {
    const failing = embeddingFromProjector(bytes(vectors), bytes(metadata));
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(message);
  });
});
