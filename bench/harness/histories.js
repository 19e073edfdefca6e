// From a click log to what each side reads: our Histories, and a text with one history per line for the peers.
import { open } from 'node:fs/promises';
import { vocabularyFromCounts } from 'category2vec';
import { generator } from './click-logs.js';

/** @typedef {import('category2vec').Histories} Histories */

/**
 * Our value, made straight from numbers: category 17 has the key `c17`; categories without a click are left out.
 *
 * @param {import('./click-logs.js').ClickLog} log
 * @returns {Histories}
 */
export function historiesFromLog({ items, offsets, categories }) {
  const counts = new Float64Array(categories);
  for (const category of items) counts[category] = (counts[category] ?? 0) + 1;
  /** @type {Map<string, number>} */
  const byKey = new Map();
  counts.forEach((count, category) => count > 0 && byKey.set(`c${category}`, count));
  const vocabulary = vocabularyFromCounts(byKey);
  const rowOf = new Int32Array(categories).fill(-1);
  vocabulary.keys.forEach((key, row) => (rowOf[Number(key.slice(1))] = row));
  const rows = items.map((category) => rowOf[category] ?? -1);
  return { vocabulary, items: sortEach(rows, offsets), offsets, isOrdered: false, dropped: nothingDropped };
}

/**
 * What the peers call row 17 of a vocabulary: c17. Keys of any form stay out of their files.
 *
 * @param {Histories} histories
 * @param {string} path
 */
export async function writeLines({ items, offsets }, path) {
  const file = await open(path, 'w');
  const lines = 20_000;
  for (let first = 0; first + 1 < offsets.length; first += lines) {
    let text = '';
    for (let history = first; history < Math.min(first + lines, offsets.length - 1); history++) {
      text += `${Array.from(items.subarray(offsets[history], offsets[history + 1]), (row) => `c${row}`).join(' ')}\n`;
    }
    await file.write(text);
  }
  await file.close();
}

/**
 * Takes one category of every history of three or more away: drawn with the seed, or the last where histories are ordered.
 *
 * @param {Histories} histories
 * @param {number} seed
 * @returns {{ train: Histories, questions: { history: number, row: number }[] }} rows are those of `train`'s
 *   vocabulary; −1 for a category that training never sees, which is a miss
 */
export function leaveOneOut(histories, seed) {
  const random = generator(seed);
  const { items, offsets } = histories;
  const kept = new Int32Array(items.length);
  const keptOffsets = new Uint32Array(offsets.length);
  /** @type {{ history: number, row: number }[]} */
  const questions = [];
  let end = 0;
  for (let history = 0; history + 1 < offsets.length; history++) {
    const own = items.subarray(offsets[history], offsets[history + 1]);
    const out = own.length < 3 ? -1 : histories.isOrdered ? own.length - 1 : Math.floor(random() * own.length);
    own.forEach((row, i) => {
      if (i === out) questions.push({ history, row });
      else kept[end++] = row;
    });
    keptOffsets[history + 1] = end;
  }
  const { train, rowOf } = recounted({ ...histories, items: kept.slice(0, end), offsets: keptOffsets });
  return { train, questions: questions.map(({ history, row }) => ({ history, row: rowOf[row] ?? -1 })) };
}

/** The same clicks over a vocabulary of their own. @param {Histories} histories */
function recounted({ vocabulary, items, offsets, ...rest }) {
  const counts = new Float64Array(vocabulary.size);
  for (const row of items) counts[row] = (counts[row] ?? 0) + 1;
  const left = new Map(vocabulary.keys.map((key, row) => /** @type {const} */ ([key, counts[row] ?? 0])));
  const own = vocabularyFromCounts(new Map([...left].filter(([, count]) => count > 0)));
  const rowOf = Int32Array.from(vocabulary.keys, (key) => own.rowOf(key) ?? -1);
  const train = { ...rest, vocabulary: own, items: items.map((row) => rowOf[row] ?? -1), offsets };
  if (!rest.isOrdered) sortEach(train.items, offsets);
  return { train, rowOf };
}

/** @param {Int32Array} items @param {Uint32Array} offsets */
function sortEach(items, offsets) {
  for (let i = 1; i < offsets.length; i++) items.subarray(offsets[i - 1], offsets[i]).sort();
  return items;
}

const nothingDropped = { missing: 0, repeats: 0, maxHistory: 0, minCount: 0, minHistories: 0, singles: 0 };
