import { describe, expect, test } from 'vitest';
import { KeyTable } from '../../src/numerics/key-table.js';

describe('KeyTable', () => {
  test.each([
    ['nothing', []],
    ['one key', ['a']],
    ['the empty key, and keys that are no ASCII', ['', 'é', '日本', '🙂', 'a\u0000']],
    ['numbers that follow each other', Array.from({ length: 20_000 }, (_, i) => String(i))],
    ['keys with a long common start', Array.from({ length: 5000 }, (_, i) => `${'x'.repeat(60)}${i * 97}`)],
  ])('knows the place of every key and no other: %s', (_, keys: readonly string[]) => {
    const table = new KeyTable(keys);

    expect(table.twin).toBeUndefined();
    expect(keys.every((key, place) => table.get(key) === place)).toBe(true);
    expect(['b', '-1', 'xx', `${keys.at(-1) ?? ''}!`].map((key) => table.get(key))).toEqual(Array(4).fill(undefined));
  });

  test('tells a key that stands twice', () => {
    const table = new KeyTable(['a', 'b', 'a', 'b']);

    expect(table.twin).toBe('a');
    expect(table.get('a')).toBe(0);
  });
});
