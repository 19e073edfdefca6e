import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { withEngine } from '../../src/duckdb/engine/connection.js';
import { readHistoriesWith, type ReadOptions } from '../../src/duckdb/events/read-histories.js';
import type { Source } from '../../src/duckdb/sources/event-source.js';
import { makeFolder, writeParquet, writeText } from './files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const columns = { history: 'user', category: 'site' };
const good = writeText(folder, 'good.csv', 'user,site,at,w\nu,a,1,1\nu,b,x,-2\n');
const file = (name: string, content: string | Uint8Array) => writeText(folder, name, content);
const truncated = async () => {
  const whole = await writeParquet(folder, 'whole.parquet', 'SELECT range AS user, range AS site FROM range(10000)');
  return file('cut.parquet', readFileSync(whole).subarray(0, 5000));
};

/** Cut where a row ends, so that nothing but the missing end of the file tells. */
const cutGzip = () => {
  const whole = gzipSync('user,site\n' + 'u,a\nu,b\n'.repeat(1000), { level: 0 });
  return Promise.resolve(file('cut.csv.gz', whole.subarray(0, whole.lastIndexOf(10, whole.length - 100) + 1)));
};

describe('what is wrong is said in one sentence', () => {
  test.each<[string, Source | (() => Promise<Source>), Partial<ReadOptions>, RegExp]>([
    ['a missing file', 'nowhere.csv', {}, /^there is no file nowhere\.csv$/],
    ['a glob without a match', '/nowhere/*.csv', {}, /^no file matches \/nowhere\/\*\.csv$/],
    ['a folder', folder, {}, /is a folder; name its files, such as "/],
    ['no file at all', [], {}, /^the event log must be at least one file, got none$/],
    [
      'a wrong column',
      good,
      { history: 'usr' },
      /^history must be a column of .*good\.csv \(user, site, at, w\), got "usr"; did you mean "user"\?$/,
    ],
    ['no column', good, { history: undefined }, /^history must be a column of .* \(user, site, at, w\), got nothing$/],
    ['an empty file', file('empty.csv', ''), {}, /empty\.csv is empty$/],
    ['a file of empty lines', file('lines.csv', '\n\n'), {}, /lines\.csv is empty/],
    [
      'a file with a header only',
      file('header.csv', 'user,site\n'),
      {},
      /header\.csv holds no events; an event log has one row per click$/,
    ],
    [
      'only missing values',
      file('missing.csv', 'user,site\n,a\nu,\n'),
      {},
      /^nothing is left after the filters \(clicks dropped: 2 with missing values\); a history needs two categories/,
    ],
    [
      'least counts that leave nothing',
      good,
      { minCount: 2 },
      /^nothing is left after the filters \(clicks dropped: 2 by minCount\); lower minCount$/,
    ],
    [
      'a binary file given as CSV',
      file('binary.csv', Uint8Array.of(1, 0, 255, 10, 0)),
      {},
      /binary\.csv must be text to be read as CSV, got binary data/,
    ],
    [
      'text that is not UTF-8',
      file('latin.csv', Buffer.from('user,site\nu,caf\u00e9\n', 'latin1')),
      {},
      /latin\.csv, line 2: bytes that are not UTF-8/,
    ],
    [
      'a record with too many fields',
      file('ragged.csv', 'user,site\nu,a\nu,b,c\n'),
      {},
      /ragged\.csv, line 3: expected 2 fields, got 3 \(1 of 2 rows is bad\); badRows skip leaves such rows out/,
    ],
    [
      'a quote that never ends',
      file('quote.csv', 'user,site\nu,"a\n'),
      {},
      /quote\.csv, line 2: a quote that is never closed/,
    ],
    [
      'a CSV called Parquet',
      file('text.parquet', 'user,site\nu,a\n'),
      {},
      /text\.parquet must be a parquet file, as its name says, got something else$/,
    ],
    [
      'a Parquet file called CSV',
      file('p.csv', 'PAR1....PAR1'),
      {},
      /p\.csv must be a csv file, as its name says, got Parquet$/,
    ],
    ['a truncated Parquet file', truncated, {}, /cut\.parquet cannot be read: No magic bytes found at end of file/],
    [
      'broken gzip',
      file('bad.csv.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 7, 7)),
      {},
      /bad\.csv\.gz cannot be decompressed: /,
    ],
    [
      'a gzip file that was cut',
      cutGzip,
      {},
      /cut\.csv\.gz must be a whole compressed file, got one that was cut .*unexpected end/,
    ],
    [
      'a gzip file that was cut, in another encoding',
      cutGzip,
      { encoding: 'latin1' },
      /cut\.csv\.gz must be a whole compressed file, got one that was cut .*unexpected end/,
    ],
    [
      'text that is not UTF-8',
      file('latin.csv', Buffer.from('user,site\nu,\xe9\nu,b\n', 'latin1')),
      {},
      /latin\.csv, line 2: bytes that are not UTF-8 .*; name the encoding, such as windows-1252, with encoding/,
    ],
    [
      'broken JSON',
      file('bad.jsonl', '{"user":"u","site":"a"}\n{"user":\n'),
      {},
      /bad\.jsonl, line 2: expected a JSON object/,
    ],
    [
      'a condition on a column that is not there',
      good,
      { where: 'nothing > 1' },
      /^where "nothing > 1" cannot be applied to .*: Referenced column "nothing" not found/,
    ],
    [
      'a condition that is no SQL',
      good,
      { where: 'site =' },
      /^where "site =" cannot be applied to .*good\.csv: syntax error/,
    ],
    [
      'a query of an address',
      { sql: "FROM 'https://example.org/clicks.csv'" },
      {},
      /^the result of the query needs the extension httpfs of DuckDB, .* bring the data into a file first$/,
    ],
    ['a query that is no SQL', { sql: 'SELEC 1' }, {}, /^the result of the query cannot be read: syntax error/],
    [
      'a time that is none',
      good,
      { time: 'at' },
      /^time must be a timestamp such as .*, a date or a number, got "x" in line 3 of .*good\.csv; badRows skip leaves/,
    ],
    ['a weight below 0', good, { weight: 'w' }, /^weight must be a number > 0, got -2 in line 3 of /],
    [
      'a list as a key',
      { sql: "SELECT ['u'] AS user, 'a' AS site" },
      {},
      /^history must be a column of single values, got user of type VARCHAR\[\]; unnest it/,
    ],
    [
      'lists of lists as categories',
      { sql: "SELECT 'u' AS user, [['a']] AS site" },
      {},
      /^category must be a column of single values or of lists of them, got site of type VARCHAR\[\]\[\]; unnest it/,
    ],
    [
      'a delimiter of two characters',
      good,
      { delimiter: '::' },
      /^delimiter must be one character, not a quote, got "::"$/,
    ],
    [
      'an unknown encoding',
      good,
      { encoding: 'klingon' },
      /^encoding must be one such as utf-8, latin1 or utf-16le, got "klingon"$/,
    ],
    [
      'an unknown filter',
      good,
      { minimumCount: 2 } as Partial<ReadOptions>,
      /^minimumCount is not an option; the options are sessionGap/,
    ],
    [
      'an odd memory limit',
      good,
      { memoryLimit: 'lots' },
      /^memoryLimit must be a size such as 500MB or 4GB, got "lots"$/,
    ],
    [
      'a temporary folder that is not there',
      good,
      { temporaryFolder: '/nowhere/tmp' },
      /^temporaryFolder must be a writable folder, got \/nowhere\/tmp: it does not exist$/,
    ],
  ])('%s', async (_, source, options, message) => {
    const opened = typeof source === 'function' ? await source() : source;
    const failure = readHistoriesWith(opened, { ...columns, ...options } as ReadOptions);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toBeInstanceOf(InputError);
    await expect(failure).rejects.toThrow(/^[^\n]+$/);
  });
});

describe('the spill folder', () => {
  test('is gone after a run, and that of a killed run is removed at the next start', async () => {
    const parent = join(folder, 'spill');
    const host = hostname().replace(/[^\w.-]/g, '_');
    mkdirSync(join(parent, `category2vec-spill-${host}-99999999-0`), { recursive: true });
    mkdirSync(join(parent, `category2vec-spill-another.host-99999999-0`));
    await readHistoriesWith(good, { ...columns, temporaryFolder: parent });
    expect(readdirSync(parent)).toEqual(['category2vec-spill-another.host-99999999-0']);
  });

  test.skipIf(process.getuid?.() === 0)('is refused where it cannot be written', async () => {
    const parent = join(folder, 'readonly');
    mkdirSync(parent);
    chmodSync(parent, 0o500);
    const failure = readHistoriesWith(good, { ...columns, temporaryFolder: parent });
    await expect(failure).rejects.toThrow('temporaryFolder must be a writable folder');
  });
});

describe('a signal', () => {
  test('between two statements ends the next one', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const failure = withEngine({ signal: controller.signal }, { source: 'it' }, async ({ connection }) => {
      controller.abort(reason);
      // what interrupts has come and gone
      await new Promise((done) => setTimeout(done, 5));
      await connection.run('SELECT max(hash(a.range, b.range)) FROM range(100000000) a, range(100000000) b');
    });
    await expect(failure).rejects.toBe(reason);
  });

  test('while the engine starts is not lost', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let hasRun = false;
    const failure = withEngine({ signal: controller.signal }, { source: 'it' }, async () => {
      hasRun = true;
    });
    controller.abort(reason);
    await expect(failure).rejects.toBe(reason);
    expect(hasRun).toBe(false);
  });

  test('stops reading, with its own reason, and leaves no folder behind', async () => {
    const parent = join(folder, 'aborted');
    mkdirSync(parent);
    const controller = new AbortController();
    const reason = new Error('enough');
    // years of reading, which nothing else ends
    const sql = 'SELECT range % 7 AS user, range % 5 AS site FROM range(10000000000000) WHERE hash(range) = 0';
    setTimeout(() => controller.abort(reason), 200);
    const failure = readHistoriesWith({ sql }, { ...columns, temporaryFolder: parent, signal: controller.signal });
    await expect(failure).rejects.toBe(reason);
    expect(existsSync(parent) && readdirSync(parent)).toEqual([]);
  });
});
