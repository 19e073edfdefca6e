/** Optional packages: loaded at first use, and missed in one sentence. */
import { expect, test } from 'vitest';
import { fromOptional, requireOptional, resolveOptional } from '../../src/files/optional-package.js';

test.each([
  () => requireOptional('@duckdb/of-another-planet', 'reading or writing tables'),
  () => resolveOptional('@duckdb/of-another-planet', 'file.ttf', 'reading or writing tables'),
  () =>
    fromOptional('@duckdb/of-another-planet', 'reading or writing tables', () => {
      throw new Error('Error loading duckdb native binding: unsupported arch "s390x" for platform "linux"');
    }),
])('a package that is not there is named with what needs it: %#', (load) => {
  expect(load).toThrow(
    /^reading or writing tables needs @duckdb\/of-another-planet, an optional part of category2vec that is not installed; install it with npm install/,
  );
});

test('another fault of a package is its own', () => {
  const fault = new TypeError('no');

  expect(() =>
    fromOptional('a', 'b', () => {
      throw fault;
    }),
  ).toThrow(fault);
});
