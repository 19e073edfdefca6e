import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/checks.js';
import { explainFailure } from '../../../src/duckdb/engine/failures.js';

describe('a failure of DuckDB', () => {
  test.each([
    'INTERNAL Error: Attempted to access index 2 within vector of size 2\nstack',
    'FATAL Error: Original error: "x"\nmore',
  ])('that is its own is told in one sentence that names the source: %j', (message) => {
    const told = explainFailure(new Error(message), { source: 'clicks.csv' });
    expect(told).toBeInstanceOf(InputError);
    expect((told as Error).message).toMatch(
      /^clicks\.csv cannot be read, because the reader of its rows failed on them \([^\n]*\); check that it is whole and UTF-8, or write it as Parquet$/,
    );
  });

  test('of a store tells what the store said, without what signs the address', () => {
    const message =
      "HTTP Error: Unable to connect to URL 'https://b.s3.amazonaws.com/a.parquet?X-Amz-Signature=f00': 403 (Forbidden).";
    const told = explainFailure(new Error(message), { source: 's3://b/a.parquet' });

    expect((told as Error).message).toMatch(
      /^s3:\/\/b\/a\.parquet cannot be read: Unable to connect to URL 'https:\/\/b\.s3\.amazonaws\.com\/a\.parquet\?…': 403 \(Forbidden\); check the address, and the credentials$/,
    );
  });

  test('of a store that knows nobody is not taken for a missing extension', () => {
    const message =
      "HTTP Error: HTTP GET error on 'http://127.0.0.1:9000/b/a.parquet' (HTTP 403)\n\nAuthentication Failure\n" +
      '* See https://duckdb.org/docs/stable/extensions/httpfs/s3api.html';
    const told = explainFailure(new Error(message), { source: 's3://b/a.parquet' });

    expect((told as Error).message).toMatch(
      /^s3:\/\/b\/a\.parquet cannot be read: HTTP GET error on .*403\); check the/,
    );
  });

  test('stays what it is where it is none', () => {
    const other = new TypeError('x is not a function');
    expect(explainFailure(other, { source: 'clicks.csv' })).toBe(other);
  });
});
