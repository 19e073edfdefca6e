import { describe, expect, test } from 'vitest';
import { outputError, readFailure, systemReason } from '../../src/files/system-errors.js';

const withCode = (code: string) => Object.assign(new Error(`${code}: something, open 'x'`), { code });

describe('what the system says', () => {
  test.each([
    ['EMFILE', /too many files are open; raise the limit/],
    ['ENFILE', /too many files are open; raise the limit/],
    ['ENOSPC', /no space/],
    ['EDQUOT', /no space/],
    ['EROFS', /read-only|not writable/],
    ['EFBIG', /larger than/],
    ['EIO', /device reports an error|refuses to write/],
    ['ELOOP', /leads back to itself/],
    ['ENAMETOOLONG', /name is too long/],
    ['EISDIR', /expected a file, got a folder/],
    ['ENOTDIR', /a part of its path is a file|there is no/],
  ])('of %s is one sentence wherever it is met', (code, expected) => {
    const written = outputError('out/x.parquet', withCode(code));
    expect(written).toMatchObject({ message: expect.stringMatching(/^cannot write "out\/x\.parquet": [^\n]+$/) });
    expect((written as Error).message).toMatch(expected);
    expect(systemReason(withCode(code))).not.toContain(code);
    expect(readFailure(withCode(code))).not.toContain(code);
  });

  test('of DuckDB, which gives no code, is told alike', () => {
    const error = new Error('IO Error: Cannot open file "x": Too many open files');
    expect(outputError('x.parquet', error)).toMatchObject({
      message: expect.stringContaining('too many files are open'),
    });
  });
});
