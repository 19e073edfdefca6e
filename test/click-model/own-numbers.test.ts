import { beforeAll, describe, expect, test } from 'vitest';
import { openPredictor } from '../../src/click-model/predictor.js';
import {
  trainClickModel,
  type ClickModelOptions,
  type TrainedClickModel,
} from '../../src/click-model/train-click-model.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { impressionsFromRows } from '../../src/impressions/impressions-from-rows.js';
import { splitImpressions } from '../../src/impressions/splits.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { onnxInputs } from '../../src/onnx/click-model-onnx.js';

/** Ten ads with one vector, so that nothing but the ad itself says which are clicked; the embedding knows an eleventh. */
const ads = Array.from({ length: 11 }, (_, i) => `ad-${i}`);
const embedding = new Embedding({
  vocabulary: new Vocabulary(ads, new Float64Array(11).fill(5)),
  dimension: 4,
  vectors: new Float32Array(44).fill(0.5),
});
const random = new Random(3);
const impressions = impressionsFromRows(
  Array.from({ length: 3000 }, (_, i) => {
    const ad = random.below(10);
    return {
      ad: ads[ad],
      slot: i % 2 === 0 ? 'top' : 'side',
      clicked: random.uniform() < (ad < 5 ? 0.8 : 0.1) ? 1 : 0,
    };
  }),
  { label: 'clicked', categorical: ['ad', 'slot'] },
);
const split = splitImpressions(impressions, { split: [60, 20, 20], by: 'row' });

function run(options: ClickModelOptions): Promise<TrainedClickModel> {
  const transfers = options.transfer === 'scratch' ? [] : [{ column: 'ad', embedding }];
  return trainClickModel({ impressions, split, transfers }, { dimension: 4, hidden: [8], threads: 1, ...options });
}

let features: TrainedClickModel;

beforeAll(async () => {
  features = await run({ transfer: 'features' });
});

describe('a number of its own for each category', () => {
  test('says how often a category is clicked where vectors cannot', async () => {
    const { probabilities } = await openPredictor(features.model).predict([
      { ad: 'ad-0', slot: 'top' },
      { ad: 'ad-9', slot: 'top' },
    ]);

    expect(probabilities[0]).toBeGreaterThan(0.7);
    expect(probabilities[1]).toBeLessThan(0.2);
  });

  test('stands in a table behind the others, for the categories that training rows show', () => {
    const { encoder, network } = features.model;

    expect(encoder.tables.map(({ domain }) => domain)).toEqual(['ad', 'slot', 'ad alone']);
    expect(encoder.tables[2]?.vocabulary.keys.toSorted()).toEqual(ads.slice(0, 10).toSorted());
    expect(network.tables.map(({ dimension }) => dimension)).toEqual([4, 4, 1]);
  });

  test('is shared by categories that are rarer than asked', async () => {
    const { model } = await run({ transfer: 'features', epochs: 1, encoder: { minCount: 10_000 } });

    expect(model.encoder.tables[2]?.vocabulary.size).toBe(0);
  });

  test('is not there from scratch, nor for columns without an embedding', async () => {
    const { model } = await run({ transfer: 'scratch' });

    expect(model.encoder.tables.map(({ domain }) => domain)).toEqual(['ad', 'slot']);
  });

  test('is not asked for: each column comes in once, and an unknown key is told once', async () => {
    const predictor = openPredictor(features.model);
    const { unknown } = await predictor.predict([{ ad: 'other', slot: 'top' }]);

    expect(predictor.columns.map(({ name }) => name)).toEqual(['ad', 'slot']);
    expect(unknown).toEqual([{ column: 'ad', count: 1, keys: ['other'] }]);
  });

  test('is an input of its own in an ONNX graph, numbered by its own table', () => {
    expect(onnxInputs(features.model)).toEqual([
      { name: 'ad', kind: 'ids', domain: 'ad' },
      { name: 'slot', kind: 'ids', domain: 'slot' },
      { name: 'ad alone', kind: 'ids', domain: 'ad alone' },
    ]);
  });

  test('keeps soft with an endless pull at features, number by number', async () => {
    const soft = await run({ transfer: 'soft', lambda: 1e30, c2vBatches: 0 });

    expect(soft.model.network).toEqual(features.model.network);
  });
});
