import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { Embedding, type Attribute } from '../../src/embedding/embedding.js';
import { joinParts } from '../../src/formats/bytes.js';
import { embeddingFromSafetensors, embeddingToSafetensors } from '../../src/formats/safetensors.js';
import { contentsOf } from '../embedding/contents.js';
import { anyEmbedding, awkwardKeys, embeddingOf, inParts } from './samples.js';

const attributes = new Map<string, Attribute>([
  ['language', ['de', null, 'NULL']],
  ['7', [7, 0.5, null]],
  ['isOpen', [true, false, null]],
]);

/** A file from a header and the bytes that follow. */
function file(header: unknown, ...parts: Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return joinParts([length, text, ...parts]);
}

const keys = new TextEncoder().encode('["a","b"]');
const numbers = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
const vectors = { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] };
const keyTensor = { dtype: 'U8', shape: [9], data_offsets: [16, 25] };

describe('safetensors', () => {
  test('round-trips all of an embedding, in parts of any size', async () => {
    await fc.assert(
      fc.asyncProperty(anyEmbedding, fc.integer({ min: 1, max: 90 }), async (embedding, size) => {
        const bytes = joinParts(embeddingToSafetensors(embedding));
        expect(contentsOf(await embeddingFromSafetensors(inParts(bytes, size)))).toEqual(contentsOf(embedding));
      }),
      { numRuns: 200 },
    );
  });

  test('keeps attributes with their order and types, and the provenance', async () => {
    const { vocabulary, dimension, vectors } = embeddingOf(['x', 'y', 'z']);
    const embedding = new Embedding({
      vocabulary,
      dimension,
      vectors,
      attributes,
      provenance: { seed: 1, options: { '2': null } },
    });
    const bytes = joinParts(embeddingToSafetensors(embedding));
    expect(contentsOf(await embeddingFromSafetensors(bytes))).toEqual(contentsOf(embedding));
    expect(joinParts(embeddingToSafetensors(embedding))).toEqual(bytes);
  });

  test('has the documented tensors, each aligned to its numbers', () => {
    const [header = new Uint8Array()] = embeddingToSafetensors(embeddingOf(['x', 'y', 'z'], 5, attributes));
    const length = Number(new DataView(header.buffer).getBigUint64(0, true));
    const parsed = JSON.parse(new TextDecoder().decode(header.subarray(8))) as Record<string, object>;
    expect(header.length).toBe(8 + length);
    expect(header.length % 8).toBe(0);
    expect(parsed).toMatchObject({
      __metadata__: { format: 'category2vec embedding', format_version: '1', dimension: '5', provenance: '{}' },
      counts: { dtype: 'F64', shape: [3], data_offsets: [0, 24] },
      vectors: { dtype: 'F32', shape: [3, 5], data_offsets: [24, 84] },
      keys: { dtype: 'U8' },
      attributes: { dtype: 'U8' },
    });
  });

  test('puts the unknown category first where asked for, and leaves it out when read', async () => {
    const embedding = embeddingOf(awkwardKeys, 2);
    const parts = embeddingToSafetensors(embedding, { unknownRow: { vector: 'zeros', key: 'OOV' } });
    expect(contentsOf(await embeddingFromSafetensors(joinParts(parts)))).toEqual(contentsOf(embedding));
    const [header = new Uint8Array()] = embeddingToSafetensors(embedding, { unknownRow: { vector: 'mean' } });
    expect(new TextDecoder().decode(header)).toContain(`"shape":[${awkwardKeys.length + 1},2]`);
    expect(new TextDecoder().decode(header)).toContain('"unknown_key":"<unknown>"');
  });

  test('opens the vectors and keys of others, whatever lies beside them', async () => {
    const bytes = file(
      { keys: keyTensor, bias: { dtype: 'BF16', shape: [3], data_offsets: [25, 31] }, vectors },
      numbers,
      keys,
      new Uint8Array(6),
    );
    const embedding = await embeddingFromSafetensors(bytes);
    expect(embedding.vocabulary.keys).toEqual(['a', 'b']);
    expect(embedding.vocabulary.counts).toEqual(Float64Array.of(0, 0));
    expect(embedding.vectors).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(embedding.provenance).toEqual({ source: { format: 'safetensors', counts: 'unknown' } });
  });

  test.each([
    ['nothing', new Uint8Array(), /expected a safetensors file/],
    ['text', new TextEncoder().encode('2 3\na 1 2 3\nb 1 2 3\n'), /expected a safetensors file/],
    [
      'a header that is no JSON',
      joinParts([Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0), Uint8Array.of(65, 66)]),
      /must be JSON/,
    ],
    [
      'no vectors',
      file({ keys: { ...keyTensor, data_offsets: [0, 9] } }, keys),
      /tensor vectors of F32 .* got tensors keys/,
    ],
    ['no keys', file({ vectors }, numbers), /expected tensors vectors .* and keys/],
    [
      'half precision',
      file({ vectors: { ...vectors, dtype: 'F16', data_offsets: [0, 8] } }, numbers),
      /got F16 \[2, 2\]/,
    ],
    [
      'offsets that do not fit',
      file({ vectors: { ...vectors, data_offsets: [0, 12] } }, numbers),
      /"vectors" must state/,
    ],
    ['a gap', file({ vectors: { ...vectors, data_offsets: [4, 20] } }, numbers), /must begin at byte 0/],
    [
      'more keys',
      file({ vectors, keys: keyTensor }, numbers, new TextEncoder().encode('["a"]    ')),
      /one key for each of the 2/,
    ],
    ['a cut', file({ vectors, keys: keyTensor }, numbers, keys.subarray(1)), /truncated inside the tensor keys/],
    ['an addition', file({ vectors, keys: keyTensor }, numbers, keys, keys), /longer/],
    [
      'a newer version',
      file(
        { __metadata__: { format: 'category2vec embedding', format_version: '9' }, vectors, keys: keyTensor },
        numbers,
        keys,
      ),
      /format version 9/,
    ],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(embeddingFromSafetensors(bytes)).rejects.toThrow(InputError);
    await expect(embeddingFromSafetensors(bytes)).rejects.toThrow(message);
  });
});
