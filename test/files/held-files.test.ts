import { describe, expect, test } from 'vitest';
import { removeIfPossible, renameHeld } from '../../src/files/held-files.js';

/** A rename that the system refuses a number of times. */
function refusing(times: number, code: string) {
  const asked: string[][] = [];
  const rename = (from: unknown, to: unknown): void => {
    asked.push([String(from), String(to)]);
    if (asked.length <= times) throw Object.assign(new Error(code), { code });
  };
  return { asked, rename };
}

describe('a rename over a file that another program holds', () => {
  test.each(['EPERM', 'EACCES', 'EBUSY'])('is tried again on Windows where it is refused with %s', (code) => {
    const { asked, rename } = refusing(2, code);
    renameHeld('new', 'old', { rename, isWindows: true });

    expect(asked).toEqual([1, 2, 3].map(() => ['new', 'old']));
  });

  test('is given up where it is refused for a second, and at once for another reason', () => {
    expect(() => renameHeld('new', 'old', { ...refusing(99, 'EBUSY'), isWindows: true })).toThrow('EBUSY');
    const missing = refusing(99, 'ENOENT');
    expect(() => renameHeld('new', 'old', { ...missing, isWindows: true })).toThrow('ENOENT');
    expect(missing.asked).toHaveLength(1);
  });

  test('is tried once elsewhere, where a refusal is for good', () => {
    const { asked, rename } = refusing(1, 'EPERM');

    expect(() => renameHeld('new', 'old', { rename, isWindows: false })).toThrow('EPERM');
    expect(asked).toHaveLength(1);
  });
});

test.each(['EACCES', 'EIO', 'ENOTEMPTY'])('what cannot be removed (%s) ends nothing', (code) => {
  const asked: string[] = [];
  const remove = (path: unknown): void => {
    asked.push(String(path));
    throw Object.assign(new Error(code), { code });
  };
  removeIfPossible('.entries.partial', { remove });

  expect(asked).toEqual(['.entries.partial']);
});
