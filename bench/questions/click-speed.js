import { trainClickNetwork } from '../../dist/click-network/train-click-network.js';
import { generator } from '../harness/click-logs.js';
import { alternate, ratioOfRounds } from '../harness/measure.js';
import { hasPeer, runPeer } from '../harness/peers.js';

export const question = 'How many rows a second does a click network train, beside PyTorch with one or two threads?';

/** As in bench/peers/click_torch.py: categories of each column; the list shares the first table. */
export const sizes = [50_000, 20_000, 5_000, 1_000, 200, 50, 24, 7];

/** @param {import('../run.js').Bench} bench @returns {Promise<import('../run.js').Answer>} */
export async function run({ threads, repeats, isTiny, say }) {
  const rows = isTiny ? 4096 : 409_600;
  const data = drawRows(rows, 1);
  const validation = drawRows(2048, 2);
  /** @param {boolean} hogwild */
  const ours = (hogwild) => async () => {
    let start = 0;
    let seconds = 0;
    await trainClickNetwork(
      { train: data, validation, tableSizes: sizes },
      // what the peer does: no products, no ids replaced, a mean of the list, two epochs of which the second is timed
      {
        dimension: 16,
        product: false,
        unknownShare: 0,
        batchSize: 1024,
        epochs: 2,
        threads,
        hogwild,
        initialScale: 0.05,
      },
      {
        onProgress: ({ validationLoss }) => {
          if (validationLoss === undefined) return;
          seconds = (performance.now() - start) / 1000;
          start = performance.now();
        },
      },
    );
    return { seconds, rowsPerSecond: rows / seconds };
  };
  /** @type {Record<string, (round: number) => Promise<{ seconds: number, rowsPerSecond: number }>>} */
  const contenders = { ours: ours(false), hogwild: ours(true) };
  if (hasPeer('torch')) {
    for (const count of threads > 1 ? [1, threads] : [1]) {
      contenders[`torch${count}`] = () => runPeer('click_torch.py', [], { rows, batchSize: 1024, threads: count });
    }
  }
  const results = await alternate(contenders, { repeats });
  const figures = Object.fromEntries(
    Object.entries(results).map(([name, { median, seconds }]) => [
      name,
      { rowsPerSecond: Math.round(median.rowsPerSecond), seconds },
    ]),
  );
  for (const [name, { rowsPerSecond }] of Object.entries(figures)) say(`${name}: ${rowsPerSecond} rows/s`);
  const peers = Object.entries(figures).filter(([name]) => name.startsWith('torch'));
  const own = figures['ours'];
  if (peers.length === 0 || own === undefined) return { figures };
  const best = peers.reduce((a, b) => (b[1].rowsPerSecond > a[1].rowsPerSecond ? b : a))[1];
  const unit = `× PyTorch's rows per second, the better of 1 and ${threads} threads`;
  return { ...ratioOfRounds(best.seconds, own.seconds), unit, floor: 2.5, hope: 3.5, figures };
}

/**
 * Random rows: categories in proportion to 1 / k, lists of 1 to 20, one click in ten.
 *
 * @param {number} count
 * @param {number} seed
 * @returns {import('../../dist/impressions/impressions.js').ClickRows}
 */
export function drawRows(count, seed) {
  const random = generator(seed);
  const drawers = sizes.map((size) => {
    const shares = new Float64Array(size);
    for (let k = 0, sum = 0; k < size; k++) shares[k] = sum += 1 / (k + 1);
    return () => firstAbove(shares, random() * (shares.at(-1) ?? 0));
  });
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let entries = 0;
  for (let row = 0; row < count; row++) {
    starts[row] = entries;
    entries += 1 + Math.floor(random() * 20);
    ends[row] = entries;
  }
  return {
    count,
    labels: Uint8Array.from({ length: count }, () => (random() < 0.1 ? 1 : 0)),
    categorical: drawers.map((draw, table) => ({
      name: `column${table}`,
      table,
      ids: Int32Array.from({ length: count }, draw),
    })),
    numeric: new Float32Array(0),
    numericWidth: 0,
    lists: [
      { name: 'list', table: 0, ids: Int32Array.from({ length: entries }, drawers[0] ?? (() => 0)), starts, ends },
    ],
  };
}

/** @param {Float64Array} ascending @param {number} value */
function firstAbove(ascending, value) {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
