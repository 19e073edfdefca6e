import { describe, expect, test } from 'vitest';
import { judgeClickModel } from '../../src/click-model/judge-click-model.js';
import { predictClicks } from '../../src/click-model/predict-clicks.js';
import { trainClickModel } from '../../src/click-model/train-click-model.js';
import { clickMetrics } from '../../src/click-network/click-metrics.js';
import { impressionsFromRows } from '../../src/impressions/impressions-from-rows.js';
import { splitImpressions } from '../../src/impressions/splits.js';
import { subsetImpressions } from '../../src/impressions/subset.js';

const rows = Array.from({ length: 300 }, (_, i) => ({ ad: `a${i % 7}`, hit: (i * i + (i >> 3)) % 3 === 0 ? 1 : 0 }));
const impressions = impressionsFromRows(rows, { label: 'hit', categorical: ['ad'] });
const split = splitImpressions(impressions, { by: 'row' });
const trained = await trainClickModel({ impressions, split }, { epochs: 1, threads: 1 });

describe('a click model that is judged', () => {
  test('is scored on validation and test rows, and says the log loss of its training rows', async () => {
    const { model, validation, test: tested } = await judgeClickModel(trained, split);
    const scores = await Promise.all(
      [split.training, split.validation, split.test].map(async (part) => {
        const some = subsetImpressions(impressions, part);
        return clickMetrics(some.labels ?? [], await predictClicks(trained.model, some), { resamples: 0 });
      }),
    );
    const [training, validated, testing] = scores.map(({ logLoss, auc }) => [logLoss.value, auc.value]);
    expect(model.provenance.measures?.trainingLogLoss).toBeCloseTo(training?.[0] ?? NaN, 6);
    expect([validation.logLoss.value, validation.auc.value]).toEqual(validated);
    expect([tested?.logLoss.value, tested?.auc.value]).toEqual(testing);
    expect(trained.model.provenance.measures?.trainingLogLoss).toBeUndefined();
  });

  test('has no test scores without test rows, or where they have one label', async () => {
    const ones = split.test.filter((row) => impressions.labels?.[row] === 1);
    for (const part of [Uint32Array.of(), ones]) {
      expect((await judgeClickModel(trained, { ...split, test: part })).test).toBeUndefined();
    }
  });
});
