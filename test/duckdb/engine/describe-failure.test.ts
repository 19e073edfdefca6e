import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/checks.js';
import { explainFailure } from '../../../src/duckdb/engine/describe-failure.js';

describe('a failure of DuckDB', () => {
  it.each([
    'INTERNAL Error: Attempted to access index 2 within vector of size 2\nstack',
    'FATAL Error: Original error: "x"\nmore',
  ])('that is its own is told in one sentence that names the source: %j', (message) => {
    const told = explainFailure(new Error(message), { source: 'clicks.csv' });
    expect(told).toBeInstanceOf(InputError);
    expect((told as Error).message).toMatch(
      /^clicks\.csv cannot be read, because the reader of its rows failed on them \([^\n]*\); check that it is whole and UTF-8, or write it as Parquet$/,
    );
  });

  it('stays what it is where it is none', () => {
    const other = new TypeError('x is not a function');
    expect(explainFailure(other, { source: 'clicks.csv' })).toBe(other);
  });
});
