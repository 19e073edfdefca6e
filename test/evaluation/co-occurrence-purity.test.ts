import { expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { coOccurrenceShares } from '../../src/evaluation/co-occurrence-purity.js';
import type { Histories } from '../../src/histories/histories.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { plantedHistories } from '../training/planted.js';
import { historiesFromRows } from '../training/rows.js';

/** An embedding of a log's categories, whose vectors say nothing, with labels. */
function labeled({ vocabulary }: Pick<Histories, 'vocabulary'>, labels: readonly (string | null)[]): Embedding {
  return new Embedding({
    vocabulary,
    dimension: 1,
    vectors: new Float32Array(vocabulary.size).fill(1),
    attributes: new Map([['label', labels]]),
  });
}

/** The same by its definition: all pairs of a dense click matrix; a tie counts by the chance of its places. */
function plainShares(histories: Histories, labels: readonly (string | null)[], k: number): number[] {
  const { items, offsets, vocabulary } = histories;
  const columns = vocabulary.keys.map(() => new Set<number>());
  for (let h = 0; h + 1 < offsets.length; h++) {
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) columns[items[at] ?? 0]?.add(h);
  }
  const rows = [...vocabulary.keys.keys()].filter((row) => labels[row] !== null);
  return rows.map((row) => {
    const own = columns[row] ?? new Set();
    const scored = rows
      .filter((other) => other !== row)
      .map((other) => {
        const theirs = columns[other] ?? new Set();
        const together = [...own].filter((h) => theirs.has(h)).length;
        return { score: together ** 2 / Math.max(1, theirs.size), isSame: labels[other] === labels[row] };
      });
    let share = 0;
    for (const { score, isSame } of scored) {
      const above = scored.filter((one) => one.score > score).length;
      const equal = scored.filter((one) => one.score === score).length;
      if (isSame) share += Math.max(0, Math.min(1, (k - above) / equal)) / k;
    }
    return share;
  });
}

test.each([1, 5, 10])('is what all pairs of the click matrix give, for %i neighbors', async (k) => {
  const histories = plantedHistories({ categories: 60, groups: 5, histories: 150, seed: 3 });
  const labels = histories.vocabulary.keys.map((_, row) => (row % 11 === 0 ? null : `g${row % 5}`));

  const shares = await coOccurrenceShares(labeled(histories, labels), histories, { attribute: 'label', k });

  plainShares(histories, labels, k).forEach((share, i) => expect(shares[i]).toBeCloseTo(share, 9));
});

test('counts a category that the log lacks as chance', async () => {
  const log = historiesFromRows(
    [
      [0, 1],
      [0, 1],
      [2, 3],
    ],
    4,
  );
  const keys = [...log.vocabulary.keys, 'elsewhere'];
  const embedding = labeled({ vocabulary: new Vocabulary(keys, new Float64Array([2, 2, 1, 1, 1])) }, [
    'a',
    'a',
    'b',
    'b',
    'a',
  ]);

  const shares = await coOccurrenceShares(embedding, log, { attribute: 'label', k: 1 });

  expect([...shares]).toEqual([1, 1, 1, 1, 0.5]);
});

test('stops when it is told to', async () => {
  const histories = plantedHistories({ categories: 300, groups: 5, histories: 300 });
  const labels = histories.vocabulary.keys.map((_, row) => `g${row % 5}`);
  const abort = new AbortController();

  const work = coOccurrenceShares(
    labeled(histories, labels),
    histories,
    { attribute: 'label' },
    { signal: abort.signal, onProgress: () => abort.abort() },
  );

  await expect(work).rejects.toThrow('aborted');
});
