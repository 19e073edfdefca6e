import { describe, expect, test } from 'vitest';
import { fillModel } from '../../src/click-model/fill-model.js';
import { openPredictor } from '../../src/click-model/predictor.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import type { SavedClickModel } from '../../src/click-model/model-description.js';
import { smallModel } from './small-model.js';

const plain = smallModel(1);
const [table] = plain.network.tables;
const [keys] = plain.encoder.tables;
const rows = table?.vectors.subarray(4) ?? new Float32Array();

/** The table's own vectors at half their size, and two new keys: the first is like `a`, the second like `b`. */
const embedding = new Embedding({
  vocabulary: new Vocabulary([...(keys?.vocabulary.keys ?? []), 'like a', 'like b'], new Float64Array(5)),
  dimension: 4,
  vectors: Float32Array.of(...rows, ...rows.subarray(4, 8), ...rows.subarray(0, 4)).map((value) => value / 2),
  attributes: new Map([['origin', ['learned', 'learned', 'learned', 'from attributes', 'value mean']]]),
});

const { version, alignment } = embedding;
const spaces = [{ column: 'advertiser', domain: 'advertiser', version, alignment }];
const model: SavedClickModel = {
  ...plain,
  provenance: { ...plain.provenance, options: { transfer: 'features' }, spaces },
};

describe('fillModel', () => {
  test('reads a new key as its vector says, at the scale of the table, and leaves the known ones', async () => {
    const filled = fillModel(model, { column: 'advertiser', embedding });
    const predict = async (given: SavedClickModel, advertiser: string) => {
      const predictor = openPredictor(given, { threads: 1 });
      const row = { advertiser, hour: 3, history: [{ category: 'b', time: 1.7e9 }], reading: ['news'] };
      const { probabilities, unknown } = await predictor.predict([row]);
      await predictor.close();
      return [probabilities[0] ?? NaN, unknown.length] as const;
    };

    expect([...filled.origins]).toEqual([
      ['like a', 'from attributes'],
      ['like b', 'value mean'],
    ]);
    for (const known of ['a', 'b']) {
      const [own] = await predict(model, known);
      expect(await predict(filled.model, known)).toEqual([own, 0]);
      const [like, unknown] = await predict(filled.model, `like ${known}`);
      expect(like).toBeCloseTo(own, 6);
      expect(unknown).toBe(0);
    }
    expect((await predict(model, 'like a'))[1]).toBe(1);
  });

  test.each<[string, () => unknown, string]>([
    [
      'a foreign space',
      () =>
        fillModel(
          { ...model, provenance: { ...model.provenance, spaces: [{ ...spaces[0], version: 'v', alignment: 'v' }] } },
          { column: 'advertiser', embedding },
        ),
      'must be of the same space as the embedding that the model was trained with, got alignment id',
    ],
    [
      'another transfer',
      () => fillModel(plain, { column: 'advertiser', embedding }),
      'can be read by a model of the transfer features alone',
    ],
    [
      'another column',
      () => fillModel(model, { column: 'hour', embedding }),
      'embedding must be for one of the columns',
    ],
    [
      'another dimension',
      () =>
        fillModel({ ...model, provenance: { options: { transfer: 'features' } } }, { column: 'position', embedding }),
      'must have dimension 3 like the table of position, got 4',
    ],
  ])('refuses %s', (_, fill, sentence) => {
    expect(fill).toThrow(sentence);
  });
});
