import { describe, expect, test } from 'vitest';
import { kernelRecords } from '../../src/numerics/kernel-records.js';
import { openRecord, recordBytes, type RecordKind } from '../../src/numerics/records.js';

const kinds = Object.keys(kernelRecords) as RecordKind[];

describe.each(kinds)('the record %s', (kind) => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const record = openRecord(memory, kind, 64);
  const fields: readonly (readonly [string, { readonly at: number; readonly type: string }])[] = Object.entries(
    kernelRecords[kind].fields,
  );

  test('keeps every field apart from all others', () => {
    const values = Object.fromEntries(fields.map(([field], i) => [field, i + 1]));
    record.set(values);

    expect(Object.fromEntries(fields.map(([field]) => [field, record.get(field as never)]))).toEqual(values);
  });

  test('ends with its last field, and has none where no kernel could read it', () => {
    const widths = { f64: 8, f32: 4, u32: 4 } as const;
    const ends = fields.map(([, { at, type }]) => at + widths[type as keyof typeof widths]);

    expect(Math.max(...ends)).toBe(recordBytes(kind));
    expect(fields.every(([, { at, type }]) => at % widths[type as keyof typeof widths] === 0)).toBe(true);
  });

  test('throws for a field that it does not have', () => {
    expect(() => record.set({ nothing: 1 } as never)).toThrow(`${kind} has no field nothing`);
    expect(() => record.get('nothing' as never)).toThrow(`${kind} has no field nothing`);
  });
});
