import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { joinParts } from '../../src/formats/bytes.js';
import { embeddingFromNpy, embeddingToNpy } from '../../src/formats/npy.js';
import { anyEmbedding, awkwardKeys, embeddingOf, inParts } from './samples.js';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const abcd = json(['a', 'b', 'c', 'd']);

describe('npy', () => {
  test('round-trips every key and every bit of every number, in parts of any size', async () => {
    await fc.assert(
      fc.asyncProperty(anyEmbedding, fc.integer({ min: 1, max: 60 }), async (embedding, size) => {
        const { matrix, keys } = embeddingToNpy(embedding);
        const back = await embeddingFromNpy(inParts(joinParts(matrix), size), inParts(joinParts(keys), size));
        expect(back.vocabulary.keys).toEqual(embedding.vocabulary.keys);
        expect(back.vectors).toEqual(embedding.vectors);
      }),
      { numRuns: 200 },
    );
  });

  test('holds half a character, too', async () => {
    const { matrix, keys } = embeddingToNpy(embeddingOf(['\ud83e', ...awkwardKeys]));
    expect((await embeddingFromNpy([...matrix], [...keys])).vocabulary.keys).toEqual(['\ud83e', ...awkwardKeys]);
  });

  test('is what NumPy writes, byte for byte', () => {
    const [header = new Uint8Array()] = embeddingToNpy(embeddingOf(['a', 'b', 'c', 'd'])).matrix;
    expect(Buffer.from(header).toString('latin1')).toBe(
      Buffer.from(fixture('numpy-f4.npy').subarray(0, header.length)).toString('latin1'),
    );
    expect(header.length % 64).toBe(0);
  });

  test.each(['numpy-f4.npy', 'numpy-f8.npy', 'numpy-f4-fortran.npy', 'numpy-version-2.npy'])(
    'opens %s',
    async (name) => {
      const { vectors, dimension } = await embeddingFromNpy(fixture(name), abcd);
      expect(dimension).toBe(3);
      expect(vectors).toEqual(Float32Array.from({ length: 12 }, (_, i) => i / 7));
    },
  );

  test('puts the unknown category first where asked for, and takes it away again', async () => {
    const embedding = embeddingOf(['a', 'b']);
    const { matrix, keys } = embeddingToNpy(embedding, { unknownRow: { vector: 'mean' } });
    const [bytes, list] = [joinParts(matrix), joinParts(keys)];
    const whole = await embeddingFromNpy(bytes, list);
    expect(whole.vocabulary.keys).toEqual(['<unknown>', 'a', 'b']);
    const [first = NaN, , , second = NaN] = embedding.vectors;
    expect(whole.vectors[0]).toBe(Math.fround((first + second) / 2));
    const back = await embeddingFromNpy(bytes, list, { unknownKey: '<unknown>' });
    expect(back.vocabulary.keys).toEqual(['a', 'b']);
    expect(back.vectors).toEqual(embedding.vectors);
    await expect(embeddingFromNpy(bytes, list, { unknownKey: 'OOV' })).rejects.toThrow(/"OOV", got "<unknown>"/);
    expect(() => embeddingToNpy(embedding, { unknownRow: { vector: 'zeros', key: 'a' } })).toThrow(/cannot be "a"/);
  });

  test.each([
    ['big-endian numbers', fixture('numpy-big-endian.npy'), abcd, /got ">f4"/],
    ['another number of keys', fixture('numpy-f4.npy'), json(['a']), /one key for each of the 4 rows, got 1/],
    ['a repeated key', fixture('numpy-f4.npy'), json(['a', 'b', 'a', 'd']), /"a" twice/],
    ['keys that are no texts', fixture('numpy-f4.npy'), json(['a', 1, 'c', 'd']), /got 1 in row 2/],
    ['keys that are no list', fixture('numpy-f4.npy'), json({ a: 1 }), /JSON list/],
    ['keys that are no JSON', fixture('numpy-f4.npy'), new Uint8Array([91]), /must be JSON/],
    ['a vector', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }"), abcd, /shape \(4,\)/],
    ['no shape', npy("{'descr': '<f4'}"), abcd, /descr, fortran_order and shape/],
    ['text', new TextEncoder().encode('2 3\na 1 2 3\n'), abcd, /expected an npy file/],
    ['a cut', fixture('numpy-f4.npy').subarray(0, -1), abcd, /truncated/],
    ['an addition', joinParts([fixture('numpy-f4.npy'), Uint8Array.of(0)]), abcd, /got more/],
  ])('refuses %s', async (_, matrix, keys, message) => {
    await expect(embeddingFromNpy(matrix, keys)).rejects.toThrow(InputError);
    await expect(embeddingFromNpy(matrix, keys)).rejects.toThrow(message);
  });
});

function npy(header: string): Uint8Array {
  return Buffer.from(`\u0093NUMPY\u0001\u0000${String.fromCharCode(header.length, 0)}${header}`, 'latin1');
}
