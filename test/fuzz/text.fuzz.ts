/**
 * What reads texts before DuckDB does, on 20,000 damaged files each: the start of a file, the exact reading of its
 * rows, the copy of good ones.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { readDialect, type CsvDialect } from '../../src/duckdb/sources/csv-dialect.js';
import { readFileStart } from '../../src/duckdb/sources/file-start.js';
import { CsvRows, type RowFault } from '../../src/duckdb/text/csv-rows.js';
import { JsonRows } from '../../src/duckdb/text/json-rows.js';
import { LineSplitter } from '../../src/duckdb/text/text-lines.js';
import { fuzz } from './fuzzing.js';

const count = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'category2vec-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const encoder = new TextEncoder();
const parquet = readFileSync(new URL('../fixtures/pyarrow-zero-rows.parquet', import.meta.url));
const rows = Array.from({ length: 8 }, (_, i) => [`u${i % 3}`, `c${(i * 7) % 5}`, `${1_700_000_000 + i * 60}`]);
const table = (delimiter: string, [quote, end]: readonly [string, string] = ['', '\n']): Uint8Array =>
  encoder.encode(
    [['u', 'c', 't'], ...rows]
      .map((row) => `${quote}${row.join(`${quote}${delimiter}${quote}`)}${quote}${end}`)
      .join(''),
  );
const json = rows.map(([u, c, t]) => JSON.stringify({ u, c, t: Number(t), l: [c, null], s: '\ud83e\udd89 "x"' }));
const samples = {
  csv: [table(','), table(';', ['"', '\r\n']), encoder.encode('# x\n\ufeffu,c\n"a ""b""\nc",1\nd,2\n')],
  tsv: [table('\t'), table('\t', ['', '\r'])],
  jsonl: [encoder.encode(`${json.join('\n')}\n`)],
};

/** Rows that can be read, and faults of the others. */
function visit(bytes: Uint8Array, dialect: CsvDialect | undefined) {
  const good: Buffer[] = [];
  const faults: RowFault[] = [];
  const visitor = {
    onRow: (row: Buffer): void => void good.push(Buffer.from(row)),
    onFault: (fault: RowFault): void => {
      if (dialect?.header !== undefined && good.length === 0)
        throw new InputError(`the header: ${fault.detail.toString()}`);
      faults.push(fault);
    },
  };
  const reader = dialect === undefined ? new JsonRows(visitor) : new CsvRows(dialect, visitor);
  const lines = new LineSplitter((line) => reader.line(line));
  for (let at = 0; at < bytes.length; at += 37) lines.push(Buffer.from(bytes.subarray(at, at + 37)));
  lines.end();
  reader.end();
  return { good, faults };
}

test.each(['csv', 'tsv', 'jsonl'] as const)(
  `${count} damaged texts in %s: good rows alone have no bad row`,
  async (format) => {
    const { wrong } = await fuzz({
      samples: samples[format],
      count,
      read: async (bytes) => {
        const how = { isTsv: format === 'tsv' };
        const dialect = format === 'jsonl' ? undefined : readDialect('log', new TextDecoder().decode(bytes), how);
        const first = visit(bytes, dialect);
        if (first.faults.some(({ line, detail }) => !(line >= 1) || detail.toString().includes('\n')))
          return 'a fault without a place';
        const copy = Buffer.concat(first.good.flatMap((row) => [row, Buffer.of(10)]));
        const again = visit(copy, dialect && { ...dialect, skippedLines: 0 });
        if (again.faults.length > 0) return `a bad row in the copy: ${again.faults[0]?.detail.toString()}`;
        return again.good.length === first.good.length ? undefined : 'other rows in the copy';
      },
    });
    expect(wrong).toEqual([]);
  },
);

test(`${count / 4} damaged starts of files are told by what they are`, async () => {
  const zipped = samples.csv.map((text) => gzipSync(text));
  const { wrong } = await fuzz({
    samples: [...samples.csv, ...samples.jsonl, ...zipped, parquet.subarray(0, 400)],
    count: count / 4,
    read: async (bytes) => {
      const path = join(folder, 'start');
      writeFileSync(path, bytes);
      const { format, text } = await readFileStart(path, 'log');
      return (format === 'parquet') === (text === undefined) || text === undefined ? undefined : 'Parquet as text';
    },
  });
  expect(wrong).toEqual([]);
});
