import { expect, test } from 'vitest';
import { predictEncoded } from '../../src/click-network/predict-clicks.js';
import { trainClickNetwork } from '../../src/click-network/train-click-network.js';
import { smallRows } from '../click-model/small-world.js';

test.each([
  ['share their categories', 6],
  ['have a category each', 100_000],
])('a row has the same probability alone and among rows that %s', async (_, most) => {
  const sizes = [most, 6];
  const train = smallRows(200, 1, { sizes });
  const { network } = await trainClickNetwork(
    { train, validation: train, tableSizes: sizes },
    { hidden: [10, 8], dimension: 12, epochs: 1, threads: 1 },
  );
  const together = await predictEncoded(network, train, 1);

  for (const row of [0, 31, 32, 199]) {
    const slice = {
      ...train,
      count: 1,
      categorical: train.categorical.map((column) => ({ ...column, ids: column.ids.slice(row, row + 1) })),
      lists: train.lists.map((list) => ({
        ...list,
        starts: list.starts.slice(row, row + 1),
        ends: list.ends.slice(row, row + 1),
      })),
      numeric: train.numeric.slice(row * 3, row * 3 + 3),
      labels: undefined,
      weights: undefined,
    };
    expect((await predictEncoded(network, slice, 1))[0]).toBe(together[row]);
  }
});
