import { describe, expect, test } from 'vitest';
import { encodeImpressions, fitEncoder, rareRows } from '../../src/click-model/encode.js';
import type { Impressions } from '../../src/impressions/impressions.js';
import { subsetImpressions, subsetRows } from '../../src/impressions/subset.js';
import { sampleImpressions } from './sample.js';

const training = Uint32Array.of(0, 1, 2, 3);

describe('fitEncoder', () => {
  test('counts a category once for each training row that holds it, lists and histories included', () => {
    const { tables } = fitEncoder(sampleImpressions(), training);
    // candidates: ada ada bob cy; histories of rows 1–3: [ada], [ada bob], [ada bob bob]
    expect(tables[0]?.domain).toBe('advertiser');
    expect(tables[0]?.vocabulary.keys).toEqual(['ada', 'bob', 'cy']);
    expect([...(tables[0]?.vocabulary.counts ?? [])]).toEqual([5, 4, 1]);
  });

  test('learns nothing from rows outside training', () => {
    const changed = sampleImpressions({
      categorical: [
        { name: 'advertiser', domain: 'advertiser', codes: Int32Array.of(0, 0, 1, 2, 3, 3) },
        { name: 'position', domain: 'position', codes: Int32Array.of(0, 1, 0, 1, 1, 1) },
      ],
      numeric: [{ name: 'hour', values: Float64Array.of(1, 3, NaN, 2, NaN, -7) }],
    });
    expect(fitEncoder(changed, training)).toEqual(fitEncoder(sampleImpressions(), training));
  });

  test('gives rare categories row 0, but for those that are kept', () => {
    const keptKeys = new Map([['advertiser', ['zoe', 'cy']]]);
    const { tables } = fitEncoder(sampleImpressions(), training, { minCount: 5, keptKeys });
    expect(tables[0]?.vocabulary.keys).toEqual(['ada', 'cy', 'zoe']);
    expect([...(tables[0]?.vocabulary.counts ?? [])]).toEqual([5, 1, 0]);
  });

  test('refuses options that name no column, values that training does not know, and half-lives without times', () => {
    const impressions = sampleImpressions();
    expect(() => fitEncoder(impressions, training, { predictedAs: new Map([['place', '1']]) })).toThrow(
      'predictedAs must name one of the columns advertiser, position, hour, got "place"',
    );
    expect(() => fitEncoder(impressions, training, { predictedAs: new Map([['position', '9']]) })).toThrow(
      'position must be predicted as a value that training rows hold often enough, got "9"',
    );
    expect(() => fitEncoder(impressions, training, { predictedAs: new Map([['hour', 'noon']]) })).toThrow(
      'hour must be predicted as a number within ±1e+30, got "noon"',
    );
    const [history] = impressions.lists;
    const lists = history === undefined ? [] : [{ ...history, times: undefined }];
    const halfLifeSeconds = new Map([['history', 60]]);
    expect(() => fitEncoder(sampleImpressions({ lists }), training, { halfLifeSeconds })).toThrow(
      'history must have times to be weighed by a half-life',
    );
  });
});

describe('encodeImpressions', () => {
  const impressions = sampleImpressions();

  test('writes table rows with 0 for the unknown and the missing, and standardizes numbers', () => {
    const rows = encodeImpressions(impressions, fitEncoder(impressions, training));
    expect([...(rows.categorical[0]?.ids ?? [])]).toEqual([1, 1, 2, 3, 0, 0]);
    expect([...(rows.lists[0]?.ids ?? [])]).toEqual([1, 2, 2, 0]);
    expect(rows.lists[0]?.table).toBe(rows.categorical[0]?.table);
    expect(rows.numericWidth).toBe(2);
    const deviation = Math.sqrt(2 / 3);
    const expected = [-1 / deviation, 0, 1 / deviation, 0, 0, 1, 0, 0, 0, 0, 98 / deviation, 0];
    rows.numeric.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
  });

  test('reads stated values when predicting, and the column’s own when training', () => {
    const predictedAs = new Map([
      ['position', '2'],
      ['hour', '3'],
    ]);
    const encoder = fitEncoder(impressions, training, { predictedAs });
    const own = encodeImpressions(impressions, encoder);
    const stated = encodeImpressions(impressions, encoder, { isPrediction: true });
    expect([...(own.categorical[1]?.ids ?? [])]).toEqual([1, 2, 1, 2, 1, 2]);
    expect([...(stated.categorical[1]?.ids ?? [])]).toEqual([2, 2, 2, 2, 2, 2]);
    expect(stated.numeric[4]).toBeCloseTo(1 / Math.sqrt(2 / 3), 5);
    expect(stated.numeric[5]).toBe(0);
  });

  test('halves the weight of entries for each half-life, within a user', () => {
    const encoder = fitEncoder(impressions, training, { halfLifeSeconds: new Map([['history', 2]]) });
    const weights = encodeImpressions(impressions, encoder).lists[0]?.entryWeights ?? [];
    [0.5, Math.SQRT1_2, 1, 1].forEach((weight, i) => expect(weights[i]).toBeCloseTo(weight, 6));
  });

  test('keeps a mean for histories of old clicks alone', () => {
    const encoder = fitEncoder(impressions, training, { halfLifeSeconds: new Map([['history', 1e-4]]) });
    const weights = encodeImpressions(impressions, encoder).lists[0]?.entryWeights ?? [];
    expect(weights[0]).toBeGreaterThan(0);
    expect(weights[0]).toBe(weights[1]);
  });

  test('is the same for a subset as for the whole', () => {
    const encoder = fitEncoder(impressions, training, { halfLifeSeconds: new Map([['history', 2]]) });
    const some = Uint32Array.of(5, 2, 3);
    expect(encodeImpressions(subsetImpressions(impressions, some), encoder).categorical).toEqual(
      subsetRows(encodeImpressions(impressions, encoder), some).categorical,
    );
    expect(encodeImpressions(subsetImpressions(impressions, some), encoder).numeric).toEqual(
      subsetRows(encodeImpressions(impressions, encoder), some).numeric,
    );
  });

  test('names the column that a table lacks', () => {
    const encoder = fitEncoder(impressions, training);
    expect(() => encodeImpressions(sampleImpressions({ numeric: [] }), encoder)).toThrow(
      'the impressions must have the numeric column "hour"; there are none',
    );
  });
});

describe('rareRows', () => {
  test('marks rows whose candidate training rows hold seldom or never', () => {
    const impressions = sampleImpressions();
    const encoder = fitEncoder(impressions, training);
    expect([...rareRows(impressions, encoder, { column: 'advertiser', below: 4 })]).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...rareRows(impressions, encoder, { column: 'advertiser', below: 1 })]).toEqual([0, 0, 0, 0, 1, 1]);
  });
});

describe('numbers that no sum can hold', () => {
  const table = (values: readonly number[]): Impressions => ({
    count: values.length,
    domains: new Map(),
    categorical: [],
    lists: [],
    numeric: [{ name: 'price', values: Float64Array.from(values) }],
  });
  const rows = (count: number) => Uint32Array.from({ length: count }, (_, row) => row);

  test('are refused with their row when an encoder is fitted', () => {
    expect(() => fitEncoder(table([1, 2, -1e155, NaN]), rows(4))).toThrow(
      'price must hold numbers within ±1e+30, got -1e+155 in row 3',
    );
  });

  test('are refused with their row when a table is encoded, but not where they are missing', () => {
    const encoder = fitEncoder(table([1, 2, 3]), rows(3));
    expect(() => encodeImpressions(table([1, 1e300]), encoder)).toThrow(
      /price must hold numbers like those .* got 1e\+300 in row 2/,
    );
    expect(() => encodeImpressions(table([Infinity]), encoder)).toThrow('got Infinity in row 1');
    expect(encodeImpressions(table([NaN, 2]), encoder).numeric.every(Number.isFinite)).toBe(true);
  });
});
