import { describe, expect, test } from 'vitest';
import { shareSeen } from '../../src/click-model/seen-rows.js';
import { trainClickModel } from '../../src/click-model/train-click-model.js';
import { impressionsFromRows } from '../../src/impressions/impressions-from-rows.js';
import { splitImpressions, type SplitKind } from '../../src/impressions/splits.js';
import { subsetImpressions } from '../../src/impressions/subset.js';

const rows = Array.from({ length: 200 }, (_, i) => ({
  ad: `a${i % 7}`,
  user: `u${i % 40}`,
  time: 1_700_000_000 + i * 60,
  hit: (i * i + (i >> 3)) % 3 === 0 ? 1 : 0,
}));
const columns = { label: 'hit', categorical: ['ad'], user: 'user', time: 'time' };
const impressions = impressionsFromRows(rows, columns);

async function modelBy(by: SplitKind) {
  const split = splitImpressions(impressions, { by });
  const { model } = await trainClickModel({ impressions, split }, { epochs: 1, threads: 1 });
  return { model, split };
}

describe('the share of rows that a model was trained on', () => {
  test.each(['time', 'user', 'row'] as const)('is four fifths of its own table, split by %s', async (by) => {
    const { model } = await modelBy(by);
    expect(shareSeen(model, impressions)).toBeCloseTo(0.8, 1);
  });

  test('is 1 of its training rows, and 0 of its test rows', async () => {
    const { model, split } = await modelBy('row');
    expect(shareSeen(model, subsetImpressions(impressions, split.training))).toBe(1);
    expect(shareSeen(model, subsetImpressions(impressions, split.test))).toBe(0);
  });

  test('is 0 of validation rows, which taught it nothing, and of other tables of the same time', async () => {
    const { model, split } = await modelBy('time');
    expect(shareSeen(model, subsetImpressions(impressions, split.validation))).toBe(0);
    const others = impressionsFromRows(
      rows.map((row, i) => ({ ...row, hit: i % 3 === 0 ? 1 : 0 })),
      columns,
    );
    expect(shareSeen(model, others)).toBe(0);
  });
});
