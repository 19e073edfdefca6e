import { describe, expect, test } from 'vitest';
import { manyRows, optionsForRows } from '../../src/click-network/options-by-rows.js';
import { clickOptions } from '../../src/click-network/options.js';
import { resolveOptions } from '../../src/option-table.js';

describe('options by rows', () => {
  test('many rows take the defaults of the table, and no mean', () => {
    expect(optionsForRows({}, manyRows)).toEqual({
      ...resolveOptions(clickOptions, {}),
      transferScale: 0.5,
      isAveraged: false,
    });
  });

  test('fewer rows take small batches, dropout, a start near 0 and the mean of the last steps', () => {
    expect(optionsForRows({}, manyRows - 1)).toMatchObject({
      batchSize: 64,
      c2vBatches: 0.0625,
      dropout: 0.2,
      initialScale: 0.02,
      transferScale: 0.25,
      patience: 4,
      isAveraged: true,
    });
  });

  test.each([
    [{ batchSize: 512 }, { batchSize: 512, c2vBatches: 1, dropout: 0.2 }],
    [
      { dropout: 0, patience: 1 },
      { dropout: 0, patience: 1, batchSize: 64 },
    ],
    [{ initialScale: 0.1 }, { initialScale: 0.1, transferScale: 0.1 }],
    [
      { learningRate: undefined, tableRate: 0.1 },
      { learningRate: 0.003, tableRate: 0.1 },
    ],
  ])('%o, given, always holds', (given, expected) => {
    expect(optionsForRows(given, 1000)).toMatchObject(expected);
  });

  test('what is out of range is refused at any number of rows', () => {
    for (const rows of [10, manyRows]) expect(() => optionsForRows({ dropout: 1 }, rows)).toThrow('dropout must be');
  });
});
