import { assert, dictionary, nat, property, stringMatching } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createSharedMemory,
  formatBytes,
  MAX_MEMORY_BYTES,
  MemoryLayout,
  partSizes,
  Regions,
} from '../../src/numerics/memory-layout.js';

describe('MemoryLayout', () => {
  test('aligns every region to 64 bytes, in order, none over another, none at 0', () => {
    assert(
      property(dictionary(stringMatching(/^[a-z]\w*$/), nat(5000)), (sizes) => {
        const layout = new MemoryLayout(sizes);
        let end = 1;
        for (const [name, bytes] of Object.entries(sizes).filter(([, size]) => size > 0)) {
          const at = layout.place(name).address;
          expect(at % 64).toBe(0);
          expect(at).toBeGreaterThanOrEqual(end);
          end = at + bytes;
        }
        expect(layout.totalBytes).toBeGreaterThanOrEqual(end);
        expect(layout.totalBytes).toBeLessThan(end + 64 + 64);
      }),
    );
  });

  test('gives a region of no bytes address 0, which kernels read as absent', () => {
    const layout = new MemoryLayout({ first: 1, absent: 0, last: 1 });

    expect(layout.addressesUnder('')).toEqual({ first: 64, absent: 0, last: 128 });
  });

  test('throws for a region that was never laid out, whatever asks for it', () => {
    const layout = new MemoryLayout<string>({ ...partSizes('table0', { vectors: 8 }), sync: 64 });
    const regions = new Regions(createSharedMemory(layout.totalBytes, 'a test'), layout);

    expect(() => regions.address('vectors')).toThrow('the memory has no region vectors');
    expect(() => regions.part('table1').f32('vectors')).toThrow('the memory has no region table1.vectors');
    expect(() => regions.part('table0').write('vector', Int32Array.of(1))).toThrow('no region table0.vector');
  });
});

describe('Regions', () => {
  const layout = new MemoryLayout({ ...partSizes('a', { x: 12, none: 0 }), ...partSizes('b', { x: 16 }) });
  const regions = new Regions(createSharedMemory(layout.totalBytes, 'a test'), layout);

  test('view what each region holds, and write to no other', () => {
    regions.part('a').write('x', Uint32Array.of(1, 2, 3));
    regions.part('b').f64('x').fill(0.5);

    expect([...regions.part('a').i32('x')]).toEqual([1, 2, 3]);
    expect([...regions.part('a').u32('x', 2)]).toEqual([1, 2]);
    expect([...regions.part('b').f64('x')]).toEqual([0.5, 0.5]);
    expect(regions.part('a').f32('none')).toHaveLength(0);
    expect(regions.part('a').addresses()).toEqual({ x: 64, none: 0 });
  });

  test('refuse a view beyond the end of a region', () => {
    expect(() => regions.part('a').f32('x', 4)).toThrow('region x holds 3 numbers, not 4');
  });
});

describe('createSharedMemory', () => {
  test('gives the pages asked for, shared, with no room to grow', () => {
    const memory = createSharedMemory(65_537, '1 × 65,537 bytes');
    expect(memory.buffer.byteLength).toBe(2 * 65_536);
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  test('refuses more than 4 GiB in one sentence with the arithmetic', () => {
    expect(() => createSharedMemory(4.8 * 2 ** 30, '2 × 4,000,000 × 160 × 4 bytes for the vectors')).toThrow(
      'training needs 4.8 GiB (2 × 4,000,000 × 160 × 4 bytes for the vectors), WebAssembly allows 4 GiB; ' +
        'lower dimension or raise minCount',
    );
    expect(MAX_MEMORY_BYTES).toBe(2 ** 32);
  });
});

describe('formatBytes', () => {
  test.each([
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
