import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { readHistoriesWith } from '../../../src/duckdb/events/read-histories.js';
import { JsonRows } from '../../../src/duckdb/text/json-rows.js';
import { makeFolder, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['{"u":1,"c":"a","u":2}', 'u'],
  ['{"u":1,"c":{"x":1},"c":[1,{"u":2}]}', 'c'],
  ['{"a\\"b":1,"a\\u0022b":2}', 'a"b'],
  ['{"u":1,"c":{"u":2,"c":3},"x":"\\"u\\":1,"}', undefined],
  ['{"u":"c","c":"u","x":["u","u"],"n":NaN}', undefined],
  ['{}', undefined],
])('a key that stands twice in an object is a fault: %s', (text, key) => {
  const faults: string[] = [];
  const reader = new JsonRows({ onRow: () => undefined, onFault: ({ detail }) => faults.push(detail.toString()) });
  reader.line(Buffer.from(text));
  const expected = `expected each key once in an object, got ${JSON.stringify(key)} twice`;
  expect(faults).toEqual(key === undefined ? [] : [expected]);
});

test('rows with a key twice are refused by their line, and skipped where that is asked', async () => {
  const rows = Array.from(
    { length: 20 },
    (_, i) => `{"u":"u${i >> 1}","c":"c${i % 3}"${i % 9 === 4 ? ',"c":"x"' : ''}}`,
  );
  const path = writeText(folder, 'twice.jsonl', `${rows.join('\n')}\n`);
  const columns = { history: 'u', category: 'c', keepSingles: true } as const;
  await expect(readHistoriesWith(path, columns)).rejects.toThrow(
    /twice\.jsonl, line 5: expected each key once in an object, got "c" twice \(2 of 20 rows are bad\)/,
  );
  const { dropped } = await readHistoriesWith(path, { ...columns, badRows: 'skip' });
  expect(dropped.badRows).toMatchObject({ count: 2, causes: { json: 2 } });
});
