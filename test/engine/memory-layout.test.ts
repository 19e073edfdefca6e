import { assert, dictionary, nat, property, stringMatching } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSharedMemory, formatBytes, layOutMemory, MAX_MEMORY_BYTES } from '../../src/engine/memory-layout.js';

describe('layOutMemory', () => {
  it('aligns every region to 64 bytes, in order, none over another, none at 0', () => {
    assert(
      property(dictionary(stringMatching(/^[a-z]\w*$/), nat(5000)), (sizes) => {
        const { address, totalBytes } = layOutMemory(sizes);
        let end = 1;
        for (const [name, bytes] of Object.entries(sizes).filter(([, size]) => size > 0)) {
          const at = address[name] ?? NaN;
          expect(at % 64).toBe(0);
          expect(at).toBeGreaterThanOrEqual(end);
          end = at + bytes;
        }
        expect(totalBytes).toBeGreaterThanOrEqual(end);
        expect(totalBytes).toBeLessThan(end + 64 + 64);
      }),
    );
  });

  it('gives a region of no bytes address 0, which kernels read as absent', () => {
    expect(layOutMemory({ first: 1, absent: 0, last: 1 }).address).toEqual({ first: 64, absent: 0, last: 128 });
  });
});

describe('createSharedMemory', () => {
  it('gives the pages asked for, shared, with no room to grow', () => {
    const memory = createSharedMemory(65_537, '1 × 65,537 bytes');
    expect(memory.buffer.byteLength).toBe(2 * 65_536);
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it('refuses more than 4 GiB in one sentence with the arithmetic', () => {
    expect(() => createSharedMemory(4.8 * 2 ** 30, '2 × 4,000,000 × 160 × 4 bytes for the vectors')).toThrow(
      'training needs 4.8 GiB (2 × 4,000,000 × 160 × 4 bytes for the vectors), WebAssembly allows 4 GiB; ' +
        'lower dimension or raise minCount',
    );
    expect(MAX_MEMORY_BYTES).toBe(2 ** 32);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1536, '1.5 KiB'],
    [300 * 2 ** 20, '300.0 MiB'],
    [4.8 * 2 ** 30, '4.8 GiB'],
    [5000 * 2 ** 40, '5000.0 TiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
