/** openPredictor: rows in memory get the probabilities that the same table gets, and what the model does not know is told. */
import { afterAll, describe, expect, test } from 'vitest';
import { encodeImpressions } from '../../src/click-model/encode.js';
import { impressionsFromRows } from '../../src/impressions/impressions-from-rows.js';
import { predictEncoded } from '../../src/click-network/predict-clicks.js';
import { openPredictor } from '../../src/click-model/predictor.js';
import { Random } from '../../src/numerics/random.js';
import { smallModel } from './small-model.js';

const model = smallModel();
const predictor = openPredictor(model, { threads: 2 });
afterAll(() => predictor.close());

const columns = { categorical: ['advertiser'], numeric: ['hour'], lists: ['history', 'reading'] };

/** Rows with known, unknown and missing keys, and lists of any length. */
function someRows(count: number, seed = 1) {
  const random = new Random(seed);
  const pick = (keys: readonly string[]) => keys[random.below(keys.length)] ?? '';
  const several = <Entry>(entry: () => Entry) => Array.from({ length: random.below(5) }, entry);
  return Array.from({ length: count }, () => ({
    advertiser: pick(['a', 'b', 'ü/?', 'new', '']),
    hour: random.below(4) === 0 ? null : random.below(24),
    history: several(() => ({ category: pick(['a', 'b', 'other']), time: 1.7e9 + random.below(100_000) })),
    reading: several(() => pick(['news', '<unknown>', 'sport'])),
  }));
}

describe('a predictor', () => {
  test('says which columns rows must have, without those whose value is stated', () => {
    expect(predictor.columns).toEqual([
      { name: 'advertiser', kind: 'categorical', isTimed: false },
      { name: 'history', kind: 'list', isTimed: true },
      { name: 'reading', kind: 'list', isTimed: false },
      { name: 'hour', kind: 'numeric', isTimed: false },
    ]);
  });

  test.each([1, 12, 64, 65, 300, 7, 1500, 12])('gives the bits that predictClicks gives: %i rows', async (count) => {
    const rows = someRows(count, count);
    const impressions = impressionsFromRows(rows, columns);
    const encoded = encodeImpressions(impressions, model.encoder, { isPrediction: true });
    const expected = await predictEncoded(model.network, encoded, 1);

    expect((await predictor.predict(rows)).probabilities).toEqual(expected);
    expect((await predictor.predict(impressions)).probabilities).toEqual(expected);
  });

  test('gives each row the probability that it has alone', async () => {
    const rows = someRows(200, 5);
    const { probabilities } = await predictor.predict(rows);

    for (const i of [0, 63, 64, 199]) {
      const alone = await predictor.predict([rows[i] ?? {}]);
      expect(alone.probabilities[0]).toBe(probabilities[i]);
    }
  });

  test('answers calls that overlap each with its own rows', async () => {
    const tables = [3, 200, 1, 90].map((count) => someRows(count, count));
    const together = await Promise.all(tables.map((rows) => predictor.predict(rows)));

    for (const [i, rows] of tables.entries()) expect(together[i]).toEqual(await predictor.predict(rows));
  });

  test('lists and counts the keys that the model does not know, column by column', async () => {
    const row = { hour: 1, history: [], reading: ['sport', 'news', 'sport'] };
    const { unknown } = await predictor.predict([
      { ...row, advertiser: 'new' },
      { ...row, advertiser: 'a' },
      { ...row, advertiser: 'Other', reading: null },
      { ...row, advertiser: null },
    ]);

    expect(unknown).toEqual([
      { column: 'advertiser', count: 2, keys: ['Other', 'new'] },
      { column: 'reading', count: 6, keys: ['sport'] },
    ]);
  });

  test('has no answers for no rows', async () => {
    expect(await predictor.predict([])).toEqual({ probabilities: new Float64Array(), unknown: [], far: [] });
  });

  test('refuses keys that are all spelled otherwise, as a table of them', async () => {
    const keys = Array.from({ length: 25 }, (_, i) => `${i}`);
    const many = smallModel();
    const known = many.encoder.tables[0];
    const rows = keys.map((key) => ({ ...someRows(1)[0], history: [], advertiser: `${key}.0` }));
    const vocabulary = { keys, size: 25, rowOf: (key: string) => (keys.includes(key) ? keys.indexOf(key) : undefined) };
    const encoder = { ...many.encoder, tables: [{ ...known, vocabulary }, many.encoder.tables[1]] };
    const other = openPredictor({ ...many, encoder } as unknown as typeof many);

    await expect(other.predict(rows)).rejects.toThrow(/none of 25 that is: "0.0" is not, "0" is/);
    await other.close();
  });

  test.each([
    [
      [{ advertizer: 'a', hour: 1, history: [], reading: [] }],
      /rows must have "advertiser".*did you mean "advertizer"/,
    ],
    [[{ advertiser: 'a', hour: 'noon', history: [], reading: [] }], /hour must be a number .* got "noon" in row 1/],
    [[{ advertiser: {}, hour: 1, history: [], reading: [] }], /advertiser must be text.* got an object in row 1/],
    [
      [{ advertiser: 'a', hour: 1, history: 'b', reading: [] }],
      /history must be a list of categories, got "b" in row 1/,
    ],
    [[{ advertiser: 'a', hour: 1, history: ['b'], reading: [] }], /history must have times/],
    [[7], /rows must be objects .* got 7 in row 1/],
    ['a', /rows must be a list of objects/],
    [undefined, /rows must be a list of objects/],
  ])('refuses rows that it cannot read: %j', async (rows, sentence) => {
    await expect(predictor.predict(rows as never)).rejects.toThrow(sentence);
  });

  test('refuses a row whose logit is no number, by its place, and takes infinite ones', async () => {
    const huge = smallModel();
    const [first, second] = huge.network.layers;
    first?.weights.fill(3e38);
    second?.weights.forEach((_, i, weights) => (weights[i] = i % 2 === 0 ? 3e38 : -3e38));
    const hopeless = openPredictor(huge, { threads: 1 });
    const rows = [10, 1e6].map((hour) => ({ advertiser: 'a', hour, history: [], reading: [] }));
    await expect(hopeless.predict(rows)).rejects.toThrow(
      /^the network must give a number for each row, got NaN in row [12]; its weights are too large$/,
    );
    await hopeless.close();
    const steep = smallModel();
    steep.network.layers.at(-1)?.weights.fill(3e38);
    const sure = openPredictor(steep, { threads: 1 });
    const { probabilities } = await sure.predict(rows);
    expect([...probabilities].every((each) => each >= 0 && each <= 1)).toBe(true);
    await sure.close();
  });

  test('is closed once, and says so', async () => {
    const other = openPredictor(model);
    const last = other.predict(someRows(3));
    await other.close();
    await other.close();

    expect((await last).probabilities).toHaveLength(3);
    await expect(other.predict(someRows(1))).rejects.toThrow('closed');
  });
});
