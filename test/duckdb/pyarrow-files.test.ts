/**
 * Files that pyarrow 26 wrote: bytes as BINARY, NaN among weights whose statistics do not tell of it, no rows and
 * columns of type null.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { readImpressionsWith } from '../../src/duckdb/impressions/read-impressions.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const full = fixture('pyarrow-bytes-and-nan.parquet');
const columns = { history: 'u', category: 'c' };

test('NaN among weights is missing, although the statistics of the file deny it', async () => {
  const histories = await readHistoriesWith(full, { ...columns, weight: 'w' });
  expect(histories.vocabulary.keys).toEqual(['café', 'tea']);
  expect(histories.dropped.missing).toBe(2);
});

test('NaN among weights of impressions is refused with its row', async () => {
  const failing = readImpressionsWith(full, { categorical: ['c'], weight: 'w' });
  await expect(failing).rejects.toThrow(/^weight must be a number > 0, got nan in row 5 of /);
});

test('a file without rows leaves the types of the others alone', async () => {
  const paths = [fixture('pyarrow-zero-rows.parquet'), full];
  const histories = await readHistoriesWith(paths, { ...columns, keepKeys: true });
  expect(histories.keys).toEqual(['1', '2']);
  expect(histories.vocabulary.keys).toEqual(['café', 'milk', 'tea']);
  expect(histories.source).toMatchObject({ historyType: 'BIGINT' });
});
