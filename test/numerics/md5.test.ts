import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { md5Words } from '../../src/numerics/md5.js';
import { Random } from '../../src/numerics/random.js';

function hexOf(bytes: Uint8Array, size = bytes.length): string {
  const words = new Uint32Array(6);
  md5Words(bytes, size, words, 1);
  return Array.from(words.subarray(1, 5), (word) => word.toString(16).padStart(8, '0')).join('');
}

describe('md5Words', () => {
  // the test suite of RFC 1321, appendix A.5
  test.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    [
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
      '57edf4a22be3c955ac49da2e2107b67a',
    ],
  ])('hashes %j as the RFC says', (text, digest) => {
    expect(hexOf(new TextEncoder().encode(text))).toBe(digest);
  });

  test('agrees with node:crypto on random bytes of 0 to 300 bytes, whatever stands behind them', () => {
    const random = new Random(3);
    const bytes = new Uint8Array(310);
    for (let size = 0; size <= 300; size++) {
      for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
      expect(hexOf(bytes, size)).toBe(createHash('md5').update(bytes.subarray(0, size)).digest('hex'));
    }
  });

  test('touches no other words', () => {
    const words = new Uint32Array(6).fill(7);
    md5Words(new Uint8Array(3), 3, words, 1);
    expect([words[0], words[5]]).toEqual([7, 7]);
  });
});
