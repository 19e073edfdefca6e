import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import type { BadRows } from '../../src/histories/bad-rows.js';
import { readAttributesWith } from '../../src/duckdb/tables/read-attributes.js';
import { readHistoriesWith, type ReadOptions } from '../../src/duckdb/events/read-histories.js';
import { readImpressionsWith } from '../../src/duckdb/impressions/read-impressions.js';
import { makeFolder, writeParquet, writeText } from './files.js';
import type { ReadProgress } from '../../src/duckdb/events/group-events.js';
import type { ReadHooks } from '../../src/duckdb/engine/read-hooks.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const columns = { history: 'u', category: 'c' };
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const manyNames =
  Array.from({ length: 3000 }, (_, i) => `${'n'.repeat(40)}${i},`).join('') +
  `u,c\n${','.repeat(3000)}1,a\n${','.repeat(3000)}2,b\n`;
let files = 0;

async function read(
  name: string,
  content: string | Uint8Array,
  options: Partial<ReadOptions> & ReadHooks<ReadProgress> = {},
) {
  const path = writeText(folder, `${files++}-${name}`, content);
  return readHistoriesWith(path, { ...columns, keepSingles: true, keepRepeats: true, ...options } as ReadOptions);
}

/** Clicks of each category. */
async function clicks(
  name: string,
  content: string | Uint8Array,
  options: Partial<ReadOptions> & ReadHooks<ReadProgress> = {},
) {
  const { vocabulary } = await read(name, content, options);
  return Object.fromEntries(vocabulary.keys.map((key, row) => [key, vocabulary.counts[row]]));
}

const swallowed = `u\tc\n1\t"a\n${'2\tb\n'.repeat(300)}3\td"\n4\te\n`;
const swallowedCsv = `u,c\n1,"a\n${'2,b\n'.repeat(300)}3,d"\n4,e\n`;
const long = 'x'.repeat(100_000);

describe('a bad row is refused by file and line', () => {
  test.each<[string, string, string | Uint8Array, RegExp]>([
    [
      'too few fields',
      'x.csv',
      'u,c\n1,a\n\n2\n',
      /x\.csv, line 4: expected 2 fields, got 1 \(1 of 2 rows is bad\); badRows skip/,
    ],
    ['too many fields', 'x.csv', 'u,c\n1,a\n1,"b\nb"\n2,3,4\n', /x\.csv, line 5: expected 2 fields, got 3/],
    ['text after a closing quote', 'x.csv', 'u,c\n1,"a"b\n', /line 2: text after a closing quote/],
    ['a quote that is never closed', 'x.csv', 'u,c\n1,a\n2,"b\n3,c\n', /line 3: a quote that is never closed/],
    ['a backslash before a quote', 'x.csv', 'u,c\n1,"a\\"b"\n', /line 2: text after a closing quote/],
    [
      'Latin-1',
      'x.csv',
      latin1('u,c\n1,a\n1,caf\xe9\n'),
      /line 3: bytes that are not UTF-8 .*; name the encoding, such as windows-1252, with encoding/,
    ],
    [
      'Latin-1 in a column that is not read',
      'x.csv',
      latin1('u,c,t\n1,a,x\n1,b,caf\xe9\n'),
      /line 3: bytes that are not UTF-8/,
    ],
    [
      'Latin-1 before the columns that are read',
      'x.csv',
      latin1('t,u,c\n1,1,a\ncaf\xe9,1,b\n'),
      /line 3: bytes that are not UTF-8/,
    ],
    [
      'Latin-1 in the last of three',
      'x.csv',
      latin1('u,t,c\n1,1,a\n1,1,b\n2,1,caf\xe9\n2,1,b\n'),
      /line 4: bytes that are not UTF-8/,
    ],
    [
      'Latin-1 in JSON',
      'x.jsonl',
      latin1('{"u":1,"c":"a"}\n{"u":1,"c":"caf\xe9"}\n'),
      /line 2: bytes that are not UTF-8/,
    ],
    ['a NUL byte', 'x.csv', 'u,c\n1,a\n1,b\0\n', /line 3: a NUL byte/],
    ['the header again', 'x.csv', 'u,c\n1,a\nu,c\n1,b\n', /line 3: the line of column names stands here again/],
    ['the header again with blanks', 'x.csv', 'u,c\n1,a\nu, c\n', /line 3: the line of column names stands here again/],
    ['the header again with blanks and quotes', 'x.csv', 'user,u,c\n1,1,a\n "user" ,u ,"c"  \n', /line 3: the line of/],
    [
      'the header again behind a mark',
      'x.csv',
      '\ufeffu,c\r\n1,a\r\n\ufeffu,c\r\n1,b\r\n',
      /line 3: the line of column names/,
    ],
    [
      'a quote that swallows lines of a TSV',
      'x.tsv',
      swallowed,
      /line 2: a quote that is closed in line 303 only, so that 302 lines with 1,209 characters become one field; with quote, '' takes quotes as text/,
    ],
    [
      'a field of two lines in a TSV',
      'x.tsv',
      'u\tc\n1\t"a\n2\tb"\n',
      /line 2: a quote that is closed in line 3 only, so that 2 lines/,
    ],
    ['a quote that swallows lines of a CSV', 'x.csv', swallowedCsv, /line 2: a quote that is closed in line 303 only/],
    ['the same in gzip', 'x.csv.gz', gzipSync(swallowedCsv), /line 2: a quote that is closed in line 303 only/],
    [
      'JSON that is cut',
      'x.jsonl',
      '{"u":1,"c":"a"}\n{"u":2,\n',
      /line 2: expected a JSON object, got "\{\\"u\\":2,", which is not JSON/,
    ],
    ['JSON that is no object', 'x.jsonl', '{"u":1,"c":"a"}\n[1,2]\n', /line 2: expected a JSON object, got "\[1,2\]"/],
    ['JSON over several lines', 'x.json', '{\n  "u": 1,\n  "c": "a"\n}\n', /line 1: expected a JSON object, got "\{"/],
    ['half of a surrogate pair', 'x.jsonl', '{"u":1,"c":"\\ud800"}\n', /line 1: half of a surrogate pair/],
    ['a line of 20 MB', 'x.csv', `u,c\n1,a\n2,${'x'.repeat(2e7)}\n`, /line 3: expected at most 16 MiB in a line/],
  ])('%s', async (_, name, content, message) => {
    const failure = read(name, content);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toBeInstanceOf(InputError);
    await expect(failure).rejects.toThrow(/^[^\n]+$/);
  });

  test.each<[string, string, Partial<ReadOptions> & ReadHooks<ReadProgress>, RegExp]>([
    [
      'a time',
      'u,c,t\n\n1,"a\na",1\n1,b,x\n',
      { time: 't' },
      /^time must be .*, got "x" in line 5 of .*; badRows skip/,
    ],
    [
      'a weight',
      'u,c,w\r\n1,a,1\r\n1,b,-2\r\n',
      { weight: 'w' },
      /^weight must be a number > 0, got -2 in line 3 of .*x\.csv; badRows skip/,
    ],
  ])('%s that is none', async (_, content, options, message) => {
    await expect(read('x.csv', content, options)).rejects.toThrow(message);
  });

  test('and by file and row in Parquet', async () => {
    const sql = (time: string) =>
      `SELECT 'u' AS u, 'c' || range AS c, CASE WHEN range = 2 THEN '${time}' ELSE '1' END AS t FROM range(5)`;
    const one = await writeParquet(folder, 'one.parquet', sql('1'));
    const two = await writeParquet(folder, 'two.parquet', sql('soon'));
    const failure = readHistoriesWith([one, two], { ...columns, time: 't' });
    await expect(failure).rejects.toThrow(/got "soon" in row 3 of .*two\.parquet/);
  });

  test('in the file of several that holds it', async () => {
    const one = writeText(folder, 'one.csv', 'u,c,t\n1,a,1\n');
    const two = writeText(folder, 'two.csv', 'c;t;u\na;2;1\nb;x;1\n');
    await expect(readHistoriesWith([one, two], { ...columns, time: 't' })).rejects.toThrow(/in line 3 of .*two\.csv/);
  });
});

describe('skipped rows', () => {
  const skip = { badRows: 'skip' } as const;

  test('are counted by cause, the first three named, and nothing else is lost', async () => {
    const rows = [
      'u,c,t,w',
      '1,a,1,1',
      '1',
      '1,b,2,1',
      '"1,b,2,1',
      '1,c,soon,1',
      '1,c,3,0',
      'u,c,t,w',
      '1,d,4,1,5,6',
      '2,"e\ne",1,1',
    ];
    const content = Buffer.concat([Buffer.from(`${rows.join('\n')}\n`), latin1('2,caf\xe9,1,1\n2,f,1,1')]);
    let told: BadRows | undefined;
    const histories = await read('x.csv', content, {
      ...skip,
      time: 't',
      weight: 'w',
      onBadRows: (bad) => (told = bad),
    });
    expect(histories.vocabulary.keys).toEqual(['a', 'b', 'e\ne', 'f']);
    expect(histories.dropped.badRows).toEqual(told);
    expect(told?.count).toBe(7);
    expect(told?.causes).toEqual({ fields: 2, quotes: 1, encoding: 1, header: 1, time: 1, weight: 1 });
    expect(told?.first.map((each) => each.replace(/^.*x\.csv/, ''))).toEqual([
      ', line 3: expected 4 fields, got 1',
      ', line 5: text after a closing quote',
      ', line 8: the line of column names stands here again',
    ]);
  });

  test('of values are named by their lines in the file, also behind rows that were skipped', async () => {
    const { dropped } = await read('x.csv', 'u,c,t\n1\n\n1,"a\na",1\n1,b\n1,b,soon\n1,c,1\n', { ...skip, time: 't' });
    expect(dropped.badRows?.causes).toEqual({ fields: 2, time: 1 });
    expect(dropped.badRows?.first[2]).toMatch(/got "soon" in line 7 of /);
  });

  test.each<[string, string, string | Uint8Array, object, object]>([
    ['a quote in a TSV', 'x.tsv', swallowed, { b: 300 }, { quotes: 1 }],
    ['a quote in a CSV', 'x.csv', swallowedCsv, { b: 300, e: 1 }, { quotes: 1 }],
    ['a quote that is never closed', 'x.csv', 'u,c\n1,a\n2,"b\n3,c\n', { a: 1, c: 1 }, { quotes: 1 }],
    ['many of them', 'x.csv', `u,c\n${'1,"b\n3,c\n'.repeat(2000)}`, { c: 2000 }, { quotes: 2000 }],
    ['JSON', 'x.jsonl', '{"u":1,"c":"a"}\n{"u":\n[1]\n{"u":2,"c":NaN}\n{"u":2,"c":"b"}\n', { a: 1, b: 1 }, { json: 2 }],
    ['gzip', 'x.csv.gz', gzipSync('u,c\n1,a\n1\n2,b\n'), { a: 1, b: 1 }, { fields: 1 }],
    ['another encoding', 'x.csv', latin1('u,c\n1,\xe9\n1\n2,b\n'), { b: 1, é: 1 }, { fields: 1 }],
  ])('leave the rest: %s', async (_, name, content, expected, causes) => {
    const options = { ...skip, ...(name === 'x.csv' && content instanceof Buffer ? { encoding: 'latin1' } : {}) };
    expect(await clicks(name, content, options)).toMatchObject(expected);
    expect((await read(name, content, options)).dropped.badRows?.causes).toEqual(causes);
  });

  test('cost nothing where there are none', async () => {
    expect((await read('x.csv', 'u,c\n1,a\n1,b\n', skip)).dropped.badRows).toBeUndefined();
  });

  test('are told of tables of attributes', async () => {
    const path = writeText(folder, 'attributes.csv', 'c,topic\na,x\nb\n');
    let told: BadRows | undefined;
    const table = await readAttributesWith(path, { key: 'c', badRows: 'skip', onBadRows: (bad) => (told = bad) });
    expect([...(table.get('topic') ?? [])]).toEqual([['a', 'x']]);
    expect(told?.causes).toEqual({ fields: 1 });
    await expect(readAttributesWith(path, { key: 'c' })).rejects.toThrow(/line 3: expected 2 fields, got 1/);
  });

  test('are told of tables of impressions: every column keeps its rows together', async () => {
    const path = writeText(folder, 'shown.csv', 'y,c,p,t\n1,a,0.5,1\n0,b,x,2\n2,c,1,3\n0,d\n0,e,2,soon\n1,f,3,5\n');
    let told: BadRows | undefined;
    const rows = { label: 'y', categorical: ['c'], numeric: ['p'], time: 't' };
    const impressions = await readImpressionsWith(path, { ...rows, badRows: 'skip', onBadRows: (bad) => (told = bad) });
    expect(impressions.domains.get('c')).toEqual(['a', 'f']);
    expect([...(impressions.labels ?? [])]).toEqual([1, 1]);
    expect([...(impressions.numeric[0]?.values ?? [])]).toEqual([0.5, 3]);
    expect(told?.causes).toEqual({ fields: 1, label: 1, number: 1, time: 1 });
    await expect(readImpressionsWith(path, rows)).rejects.toThrow(/line 5: expected 4 fields, got 2/);
  });
});

describe('what can be read is read right', () => {
  const plain = { a: 1, b: 1, c: 1 };
  test.each<[string, string, string | Uint8Array, Partial<ReadOptions> & ReadHooks<ReadProgress>, object]>([
    ['LF, then CRLF', 'x.csv', 'u,c\n1,a\n2,b\r\n3,c\n', {}, plain],
    ['CRLF, then LF', 'x.csv', 'u,c\r\n1,a\r\n2,b\n3,c\r\n', {}, plain],
    ['CRLF, then CR', 'x.csv', 'u,c\r\n1,a\r\n2,b\r3,c\r\n', {}, plain],
    ['LF, then CR', 'x.csv', 'u,c\n1,a\n2,b\r3,c', {}, plain],
    ['quoted fields before mixed ends', 'x.csv', 'u,c\n1,"a"\n2,"b"\r\n3,"c"\n', {}, plain],
    ['mixed ends in gzip', 'x.csv.gz', gzipSync('u,c\n1,a\n2,b\r\n3,c\n'), {}, plain],
    ['mixed ends far behind', 'x.csv', `u,c\n${`1,${long}\n`.repeat(50)}1,a\n2,b\r\n3,c\r\n`, {}, plain],
    ['LF inside of quotes in CRLF', 'x.csv', 'u,c\r\n1,"a\nz"\r\n2,b\r\n', {}, { 'a\nz': 1, b: 1 }],
    ['CR alone', 'x.csv', 'u,c\r1,a\r2,b\r3,c\r', {}, plain],
    ['CR alone in JSON lines', 'x.jsonl', '{"u":1,"c":"a"}\r{"u":2,"c":"b"}\r{"u":3,"c":"c"}', {}, plain],
    ['a mark in JSON lines', 'x.jsonl', '\ufeff{"u":1,"c":"a"}\n\ufeff{"u":2,"c":"b"}\n{"u":3,"c":"c"}\n', {}, plain],
    ['a mark in the middle', 'x.csv', '\ufeffu,c\n1,a\n\ufeff2,b\n3,c\n', {}, plain],
    ['sep= before the header', 'x.csv', 'sep=;\r\nu;c\r\n1;a\r\n2;b\r\n3;c\r\n', {}, plain],
    ['sep= of a tab', 'x.csv', '\ufeff"sep=\t"\nu\tc\n1\ta\n2\tb\n3\tc\n', {}, plain],
    ['comments before the header', 'x.csv', '# exported, by a tool\n#\nu,c\n1,a\n2,b\n3,c\n', {}, plain],
    ['a header behind #', 'x.csv', '# exported\n#u,c\n1,a\n2,b\n3,c\n', { history: '#u' }, plain],
    ['blank lines before the header', 'x.csv', '\n\r\n\nu,c\n1,a\n2,b\n3,c\n', {}, plain],
    ['blank lines everywhere', 'x.csv', 'u,c\n\n1,a\n\n\n2,b\n3,c\n\n', {}, plain],
    ['UTF-16 with a mark', 'x.csv', Buffer.from('\ufeffu,c\r\n1,a\r\n2,b\r\n3,c\r\n', 'utf16le'), {}, plain],
    ['UTF-16, big-endian', 'x.tsv', Buffer.from('\ufeffu\tc\n1\ta\n2\tb\n3\tc\n', 'utf16le').swap16(), {}, plain],
    ['a JSON array', 'x.json', '[{"u":1,"c":"a"},\n {"u":2,"c":"b"},{"u":3,"c":"c"}]', {}, plain],
    [
      'an indented JSON array',
      'x.json',
      JSON.stringify(
        [
          { u: 1, c: 'a' },
          { u: 2, c: 'b' },
          { u: 3, c: 'c' },
        ],
        null,
        2,
      ),
      {},
      plain,
    ],
    ['a JSON array in gzip', 'x.json.gz', gzipSync('[{"u":1,"c":"a"},{"u":2,"c":"b"},{"u":3,"c":"c"}]'), {}, plain],
    ['quotes as text', 'x.csv', 'u,c\n1,5" screen\n2,"b\n3,c"\n', { quote: '' }, { '5" screen': 1, '"b': 1, 'c"': 1 }],
    ['quotes as text in a TSV', 'x.tsv', 'u\tc\n1\t"a\n2\tb\n3\tc\n', { quote: '' }, { '"a': 1, b: 1, c: 1 }],
    ['another quote', 'x.csv', "u,c\n1,'a,b'\n2,b\n", { quote: "'" }, { 'a,b': 1, b: 1 }],
    [
      'fields over lines in a TSV, where the quote is named',
      'x.tsv',
      'u\tc\n1\t"a\nz"\n2\tb\n',
      { quote: '"' },
      { 'a\nz': 1, b: 1 },
    ],
    [
      'long texts over lines in a CSV',
      'x.csv',
      `u,c,text\n1,a,"${'Dear all, hello\n'.repeat(40)}"\n2,b,"x"\n3,c,y\n`,
      {},
      plain,
    ],
    ['a delimiter that ends every line', 'x.csv', 'u,c,\n1,a,\n2,b,\n3,c,\n', {}, plain],
    ['empty fields beyond the last column', 'x.csv', 'u,c\n1,a,,\n2,b\n3,c,\n', {}, plain],
    ['no line end at the end', 'x.csv', 'u,c\n1,a\n2,b\n3,"c"', {}, plain],
    ['3,000 long column names', 'x.csv', manyNames, {}, { a: 1, b: 1 }],
    ['a field that says u,c', 'x.csv', 'u,c\n1,a\n2,"u,c"\n3,c\n', {}, { a: 1, 'u,c': 1, c: 1 }],
  ])('%s', async (_, name, content, options, expected) => {
    const found = await clicks(name, content, options);
    delete found[long];
    expect(found).toEqual(expected);
    const skipping = await clicks(name, content, { ...options, badRows: 'skip' });
    delete skipping[long];
    expect(skipping).toEqual(expected);
  });
});

const utf32 = (text: string): Buffer =>
  Buffer.from(Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0).buffer);

describe('files of other programs are named', () => {
  test.each<[string, string, string | Uint8Array, RegExp]>([
    ['zip', 'x.csv', 'PK\x03\x04\x14\0\0\0\x08\0data.csv', /got a zip archive; unzip it first/],
    [
      'xlsx',
      'x.xlsx',
      'PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml',
      /got an Excel workbook \(xlsx\); save its sheet as CSV/,
    ],
    [
      'xls',
      'x.csv',
      Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0),
      /got an old Excel or Office file/,
    ],
    ['zip in gzip', 'x.csv.gz', gzipSync('PK\x03\x04'), /got a zip archive/],
    ['xz', 'x.csv.xz', latin1('\xfd7zXZ\0\0'), /got an xz file; decompress it with unxz/],
    ['SQLite', 'clicks.db', 'SQLite format 3\0', /got an SQLite database/],
    ['HTML', 'x.csv', '<!DOCTYPE html>\n<html>', /got an HTML page/],
    ['a dump', 'x.sql', '-- MySQL dump 10.13\nINSERT INTO `clicks` VALUES (1,2);\n', /got an SQL dump/],
    ['an LFS pointer', 'x.csv', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n', /got a Git LFS pointer/],
    [
      'UTF-16 without a mark',
      'x.csv',
      Buffer.from('u,c\n1,a\n', 'utf16le'),
      /it looks like utf-16le, so name that with encoding/,
    ],
    ['UTF-32 with a mark', 'x.csv', utf32('\ufeffu,c\n1,a\n'), /got text in UTF-32; write it in UTF-8, as iconv/],
    ['UTF-32, big-endian', 'x.tsv', utf32('u\tc\n1\ta\n').swap32(), /got text in UTF-32/],
    ['UTF-32 in gzip', 'x.csv.gz', gzipSync(utf32('u,c\n1,a\n')), /got text in UTF-32/],
    ['numbers as JSON', 'x.json', '[1,2]', /line 1: expected a JSON object/],
  ])('%s', async (_, name, content, message) => {
    await expect(read(name, content)).rejects.toThrow(message);
    await expect(read(name, content)).rejects.toBeInstanceOf(InputError);
  });

  test.each([
    ['s3://bucket/clicks.parquet', /aws s3 cp s3:\/\/bucket\/clicks\.parquet \./],
    ['gs://bucket/x.csv', /gcloud storage cp/],
    ['https://example.org/x.csv', /curl -fLO https:/],
    ['hdfs://name/x', /hdfs dfs -get/],
    ['spark://host:7077', /df\.write\.parquet/],
    ['postgres://me:secret@host/db', /postgres:\/\/me:…@host\/db is an address/],
    ['abfs+odd://x', /copy the data into a file first/],
  ])('%s is an address, and the way from there is said', async (path, message) => {
    const failure = readHistoriesWith(path, columns);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(/only files of this machine and standard input are read/);
    await expect(failure).rejects.not.toThrow('secret');
  });

  test('file:// is a path', async () => {
    const path = writeText(folder, 'a b.csv', 'u,c\n1,a\n1,b\n');
    expect((await readHistoriesWith(`file://${path.replace(' ', '%20')}`, columns)).vocabulary.size).toBe(2);
  });
});

describe('files of Spark', () => {
  test('are read by a pattern that matches its marks of success too', async () => {
    const path = join(folder, 'spark');
    mkdirSync(path);
    for (const name of ['part-0.csv', 'part-1.csv']) writeText(path, name, 'u,c\n1,a\n1,b\n');
    writeText(path, '_SUCCESS', '');
    writeText(path, '.part-0.csv.crc', 'crc\0\0');
    expect((await readHistoriesWith(join(path, '*'), { ...columns, keepRepeats: true })).dropped.missing).toBe(0);
  });

  test.each(['NULL', 'nan', 'None', 'N/A', '(not set)'])('and keys of %s are noted', async (text) => {
    const notes: string[] = [];
    await read('x.csv', `u,c\n1,a\n1,b\n2,${text}\n2,a\n`, { onNote: (note) => notes.push(note) });
    expect(notes.join()).toContain(`1 row has the key ${text} in c, as databases write a missing value`);
  });

  test('and keys of \\N are noted', async () => {
    const notes: string[] = [];
    await read('x.tsv', 'u\tc\n1\ta\n1\tb\n\\N\ta\n', { onNote: (note) => notes.push(note) });
    expect(notes.join()).toMatch(/1 row has the key \\N in u, as databases write a missing value/);
  });
});
