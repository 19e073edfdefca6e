import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { missingFileHint } from '../../src/files/missing-file.js';

describe('the hint for a file that is not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'category2vec-missing-'));
  for (const name of ['one.parquet', 'clicks.csv']) writeFileSync(join(folder, name), '');

  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['a slip of the pen', 'clikcs.csv', '; did you mean "clicks.csv"?'],
    ['another case', 'Clicks.csv', '; did you mean "clicks.csv"?'],
    ['no ending', 'clicks', '; did you mean "clicks.csv"?'],
    ['another ending', 'clicks.tsv', '; did you mean "clicks.csv"?'],
    ['nothing in common but the ending', 'nothere.parquet', ''],
  ])('%s', (_, typed, hint) => {
    expect(missingFileHint(join(folder, typed))).toBe(hint);
  });
});
