/** A format that a newcomer adds: one JSON object of key → vector. This file and a row of the table are all of it. */
import { InputError } from '../../src/checks.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { readAllText } from '../../src/formats/bytes.js';
import type { ExchangeRow } from '../../src/formats/exchange-table.js';
import { vocabularyFromCounts } from '../../src/vocabulary.js';

/** The row. */
export const jsonRow: ExchangeRow = {
  endings: ['.json'],
  options: [],
  write: ({ vocabulary, vectors, dimension }) => {
    const rows = vocabulary.keys.map((key, row) => [
      key,
      [...vectors.subarray(row * dimension, (row + 1) * dimension)],
    ]);
    return [[new TextEncoder().encode(JSON.stringify(Object.fromEntries(rows)))]];
  },
  read: async (source) => {
    const text = await readAllText(source, () => new InputError('the file must be UTF-8'));
    const rows = Object.entries(JSON.parse(text) as Record<string, number[]>);
    const vocabulary = vocabularyFromCounts(new Map(rows.map(([key], row) => [key, rows.length - row])));
    const vectors = Float32Array.from(rows.flatMap(([, vector]) => vector));
    return new Embedding({ vocabulary, dimension: vectors.length / rows.length, vectors });
  },
};
