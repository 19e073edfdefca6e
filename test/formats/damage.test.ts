import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { joinParts } from '../../src/formats/bytes.js';
import { embeddingFromNpy, embeddingToNpy } from '../../src/formats/npy.js';
import { embeddingFromProjector, embeddingToProjector } from '../../src/formats/projector.js';
import { embeddingFromSafetensors, embeddingToSafetensors } from '../../src/formats/safetensors.js';
import { embeddingFromWord2vecBinary, embeddingToWord2vecBinary } from '../../src/formats/word2vec-binary.js';
import { embeddingFromWord2vecText, embeddingToWord2vecText } from '../../src/formats/word2vec-text.js';
import { anyDamage, damaged, embeddingOf } from './samples.js';

const sample = embeddingOf(['Zürich', 'Genève', '🦉', 'a%20b'], 3, new Map([['language', ['de', 'fr', null, 'en']]]));
const npy = embeddingToNpy(sample);
const npyMatrix = joinParts(npy.matrix);
const npyKeys = joinParts(npy.keys);
const projector = embeddingToProjector(sample);
const projectorVectors = joinParts(projector.vectors);
const projectorMetadata = joinParts(projector.metadata);

const readers: [string, Uint8Array, (bytes: Uint8Array) => Promise<Embedding>][] = [
  ['word2vec text', joinParts(embeddingToWord2vecText(sample)), (bytes) => embeddingFromWord2vecText(bytes)],
  ['word2vec binary', joinParts(embeddingToWord2vecBinary(sample)), (bytes) => embeddingFromWord2vecBinary(bytes)],
  ['npy', npyMatrix, (bytes) => embeddingFromNpy(bytes, npyKeys)],
  ['the keys of npy', npyKeys, (bytes) => embeddingFromNpy(npyMatrix, bytes)],
  ['safetensors', joinParts(embeddingToSafetensors(sample)), (bytes) => embeddingFromSafetensors(bytes)],
  ['projector vectors', projectorVectors, (bytes) => embeddingFromProjector(bytes, projectorMetadata)],
  ['projector metadata', projectorMetadata, (bytes) => embeddingFromProjector(projectorVectors, bytes)],
];

const dataOf = ({ vocabulary, vectors }: Embedding): unknown => ({ keys: vocabulary.keys, vectors });

/** What reading comes to: an embedding's data, or what kind of error it was. */
async function outcome(reading: Promise<Embedding>): Promise<unknown> {
  try {
    return dataOf(await reading);
  } catch (error) {
    return error instanceof InputError && !error.message.includes('\n') ? 'one sentence' : error;
  }
}

describe.each(readers)('a damaged file of %s', (_, good, read) => {
  test('is refused in one sentence, or is an embedding that is whole', async () => {
    await fc.assert(
      fc.asyncProperty(anyDamage, async (damage) => {
        const seen = await read(damaged(good, damage)).catch((error: unknown) => error);
        const isWhole =
          seen instanceof Embedding
            ? seen.vectors.every(Number.isFinite) && seen.vectors.length === seen.vocabulary.size * seen.dimension
            : seen instanceof InputError && !seen.message.includes('\n');
        expect(isWhole).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  test('is refused wherever it is cut', async () => {
    const whole = await outcome(read(good));
    // Line breaks at the end may be missing in formats that state how many rows they have.
    for (let length = 0; length < good.length - 1; length++) {
      expect(['one sentence', whole]).toContainEqual(await outcome(read(good.subarray(0, length))));
    }
    expect(whole).toEqual(dataOf(sample));
  });
});
