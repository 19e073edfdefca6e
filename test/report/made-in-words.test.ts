import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import type { Provenance } from '../../src/embedding/provenance.js';
import { madeInWords } from '../../src/report/made-in-words.js';
import { Vocabulary } from '../../src/vocabulary.js';

function made(provenance: Provenance): string {
  const vocabulary = new Vocabulary(['a', 'b'], Float64Array.of(2, 1));
  return madeInWords(new Embedding({ vocabulary, dimension: 2, vectors: Float32Array.of(1, 0, 0, 1), provenance }));
}

describe('how an embedding was made', () => {
  test.each<[string, Provenance, string]>([
    [
      'is told by model, log and options',
      { source: { files: ['clicks.csv'] }, options: { model: 'skip-gram', seed: 1, epochs: 10 } },
      'Trained with the skip-gram model on clicks.csv: 2 numbers, 10 epochs, seed 1.',
    ],
    [
      'is counted in the singular',
      { options: { epochs: 1, negatives: 1 } },
      'Trained: 2 numbers, 1 epoch, 1 negative.',
    ],
    [
      'names the first of many files',
      { source: { files: ['a', 'b', 'c', 'd'] } },
      'From a, b and 2 more files: 2 numbers.',
    ],
    ['claims no training without options', { source: 'vectors.bin' }, 'From vectors.bin: 2 numbers.'],
    ['tells the size alone where nothing is known', {}, 'It has 2 numbers.'],
  ])('%s', (_, provenance, sentence) => {
    expect(made(provenance)).toBe(sentence);
  });
});
