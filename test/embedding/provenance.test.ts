/** Provenance: what is named has the type that it says, what is not named stays, and damage is told. */
import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { descriptionFromMetadata, metadataFromEmbedding, provenanceFromJson } from '../../src/embedding/provenance.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';

const known = {
  version: '1.2.3',
  note: { by: 'hand', at: [1, null] },
  source: { files: ['a.csv'], category: 'ad', more: true },
  options: { negatives: 5, dimension: 8 },
  measures: { singularValues: [2, 1], passes: 3, angle: 0.01, own: 'x' },
  maxTime: 17e8,
  timesAtMidnight: true,
  mean: [0.5, -1],
  aligned: { shared: 3 },
  start: { known: 2, added: 1 },
  chain: ['0123456789abcdef'],
};

describe('the provenance of a file', () => {
  test('is the same that was written, in its order', () => {
    const vectors = new Float32Array(2);
    const embedding = new Embedding({
      vocabulary: new Vocabulary(['a'], Float64Array.of(1)),
      dimension: 2,
      vectors,
      provenance: known,
    });
    const metadata = new Map(Object.entries(metadataFromEmbedding(embedding)));

    expect(JSON.stringify(descriptionFromMetadata(metadata)?.provenance)).toBe(JSON.stringify(known));
    expect(embedding.provenance.measures?.singularValues).toEqual([2, 1]);
    expect(embedding.subtractedMean).toEqual([0.5, -1]);
  });

  test.each([
    [3, 'provenance must be a JSON object, got 3'],
    [{ maxTime: 'late' }, 'provenance.maxTime must be a number, got "late"'],
    [{ mean: [1, 'x'] }, 'provenance.mean must be a list of numbers'],
    [{ measures: { loss: null } }, 'provenance.measures.loss must be a number, got null'],
    [{ options: 7 }, 'provenance.options must be a JSON object, got 7'],
    [{ aligned: {} }, 'provenance.aligned.shared must be a number, got undefined'],
    [{ negativesWithin: 1 }, 'provenance.negativesWithin must be text, got 1'],
    [{ chain: 'a' }, 'provenance.chain must be a list of texts, got "a"'],
    [{ trainingRate: 2 }, 'provenance.trainingRate must be a number from 0 to 1, got 2'],
  ])('is refused where a field is of another type: %j', (value, sentence) => {
    expect(() => provenanceFromJson(value)).toThrow(sentence);
    const metadata = { format: 'category2vec embedding', format_version: '1', dimension: '1' };
    const damaged = new Map(Object.entries({ ...metadata, provenance: JSON.stringify(value) }));
    expect(() => descriptionFromMetadata(damaged)).toThrow(`its metadata is damaged: ${sentence}`);
  });
});

describe('training', () => {
  const keys = ['a', 'a', 'b', 'b', 'c', 'c'];
  const categories = ['x', 'y', 'y', 'z', 'x', 'z'];
  const options = { dimension: 8, epochs: 1, threads: 1 };

  test.each([
    [
      [1, 2, 3, 4, 5, 6].map((day) => new Date(Date.UTC(2024, 0, day))),
      { maxTime: Date.UTC(2024, 0, 6) / 1000, timesAtMidnight: true },
    ],
    [[1, 2, 3, 4, 5, 6].map((day) => 1.7e9 + day), { maxTime: 1.7e9 + 6 }],
  ])('notes when its clicks end: %#', async (times, expected) => {
    const { provenance } = await trainEmbedding(historiesFromArrays(keys, categories, { times }), options);

    expect({ maxTime: provenance.maxTime, timesAtMidnight: provenance.timesAtMidnight }).toEqual({
      timesAtMidnight: undefined,
      ...expected,
    });
  });

  test('notes no end where its clicks have no times', async () => {
    const { provenance } = await trainEmbedding(historiesFromArrays(keys, categories), options);

    expect(provenance).not.toHaveProperty('maxTime');
  });
});
