import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeImpressions, fitEncoder } from '../../../src/click-model/encode.js';
import type { Impressions } from '../../../src/impressions/impressions.js';
import { readImpressionsWith, type ImpressionOptions } from '../../../src/duckdb/impressions/read-impressions.js';
import { Random } from '../../../src/numerics/random.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();

const csv = `user_id,time,shop,hour,reading,clicked,weight
u1,2025-03-01T10:00:00,007,1.5,news|sport,1,1
u2,2025-03-01T11:00:00,nytimes,,,0,2
u1,2025-03-01T12:00:00,,3,"[""news"",""a|b""]",0,1
,2025-03-01T13:00:00,007,-2,news,1,1
`;
const columns: ImpressionOptions = {
  label: 'clicked',
  categorical: ['shop'],
  numeric: ['hour'],
  lists: ['reading'],
  user: 'user_id',
  time: 'time',
  weight: 'weight',
};

/** A hash of every number and key: comparing millions of numbers one by one takes minutes. */
function digest({ users, domains, categorical, numeric, lists }: Impressions): string {
  const hash = createHash('sha256');
  const arrays = [users, ...categorical.map(({ codes }) => codes), ...numeric.map(({ values }) => values)];
  for (const list of lists) arrays.push(list.codes, Int32Array.from(list.starts), Int32Array.from(list.ends));
  for (const array of arrays)
    if (array !== undefined) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.update(JSON.stringify([...domains])).digest('hex');
}

/** Each row of a categorical column or a list as its keys. */
function keysOf({ domains, categorical, lists }: Impressions, name: string): (string | undefined)[][] {
  const column = categorical.find((each) => each.name === name);
  if (column !== undefined) return Array.from(column.codes, (code) => [domains.get(column.domain)?.[code]]);
  const list = lists.find((each) => each.name === name);
  return Array.from(list?.starts ?? [], (start, row) =>
    Array.from(list?.codes.subarray(start, list.ends[row]) ?? [], (code) => domains.get(list?.domain ?? '')?.[code]),
  );
}

describe('readImpressions', () => {
  test('reads labels, keys as they stand, numbers, lists, users, times and weights of CSV', async () => {
    const found = await readImpressionsWith(writeText(folder, 'a.csv', csv), columns);
    expect(found.count).toBe(4);
    expect([...(found.labels ?? [])]).toEqual([1, 0, 0, 1]);
    expect(keysOf(found, 'shop')).toEqual([['007'], ['nytimes'], [undefined], ['007']]);
    expect([...(found.numeric[0]?.values ?? [])]).toEqual([1.5, NaN, 3, -2]);
    expect(keysOf(found, 'reading')).toEqual([['news', 'sport'], [], ['news', 'a|b'], ['news']]);
    expect([...(found.users ?? [])]).toEqual([0, 1, 0, 2]);
    expect(found.times?.[1]).toBe(Date.UTC(2025, 2, 1, 11) / 1000);
    expect([...(found.weights ?? [])]).toEqual([1, 2, 1, 1]);
  });

  test('reads the same from TSV, JSONL, Parquet, compressed files, a glob and a query', async () => {
    const expected = await readImpressionsWith(writeText(folder, 'b.csv', csv), columns);
    const table = `SELECT * FROM (VALUES
      ('u1', TIMESTAMP '2025-03-01 10:00:00', '007', 1.5, ['news', 'sport'], true, 1),
      ('u2', TIMESTAMP '2025-03-01 11:00:00', 'nytimes', NULL, NULL, false, 2),
      ('u1', TIMESTAMP '2025-03-01 12:00:00', NULL, 3, ['news', NULL, 'a|b'], false, 1),
      (NULL, TIMESTAMP '2025-03-01 13:00:00', '007', -2, ['news'], true, 1))
      AS t(user_id, time, shop, hour, reading, clicked, weight)`;
    const jsonl = [
      '{"user_id":"u1","time":"2025-03-01T10:00:00","shop":"007","hour":1.5,"reading":["news","sport"],"clicked":1,"weight":1}',
      '{"user_id":"u2","time":"2025-03-01T11:00:00","shop":"nytimes","clicked":0,"weight":2}',
      '{"user_id":"u1","time":"2025-03-01T12:00:00","hour":3,"reading":["news","a|b"],"clicked":0,"weight":1}',
      '{"time":"2025-03-01T13:00:00","shop":"007","hour":-2,"reading":["news"],"clicked":1,"weight":1}',
    ].join('\n');
    const [head = '', ...lines] = csv.trim().split('\n');
    writeText(folder, 'part-1.csv', [head, ...lines.slice(0, 2)].join('\n'));
    writeText(folder, 'part-2.csv', [head, ...lines.slice(2)].join('\n'));
    const sources = [
      writeText(folder, 'b.tsv', csv.replaceAll('"[""news"",""a|b""]"', '["news","a|b"]').replace(/,(?!"a)/g, '\t')),
      writeText(folder, 'b.jsonl', jsonl),
      writeText(folder, 'b.csv.gz', gzipSync(csv)),
      await writeParquet(folder, 'b.parquet', table),
      `${folder}/part-*.csv`,
      { sql: table },
    ];
    for (const source of sources) expect(await readImpressionsWith(source, columns)).toEqual(expected);
  });

  test('keeps the order of rows on any number of threads, and below a small memory limit', async () => {
    const table = `SELECT i AS user_id, (i * 7919) % 100003 AS shop, i::DOUBLE AS row, [i % 13, i % 7] AS reading FROM
      range(200000) AS t(i)`;
    const path = await writeParquet(folder, 'long.parquet', table);
    const read = (engineThreads: number, memoryLimit?: string) =>
      readImpressionsWith(path, {
        categorical: ['shop'],
        numeric: ['row'],
        lists: ['reading'],
        user: 'user_id',
        engineThreads,
        memoryLimit,
      });
    const one = await read(1);
    expect(one.numeric[0]?.values.every((value, row) => value === row)).toBe(true);
    const [shop] = one.categorical;
    const [reading] = one.lists;
    expect(one.domains.get('shop')?.[shop?.codes[100] ?? -1]).toBe(String((100 * 7919) % 100003));
    const read100 = reading?.codes.subarray(reading.starts[100], reading.ends[100]) ?? [];
    expect(Array.from(read100, (code) => one.domains.get('reading')?.[code])).toEqual(['9', '2']);
    expect(digest(await read(4))).toBe(digest(one));
    expect(digest(await read(2, '150MB'))).toBe(digest(one));
  });

  test('has no labels where none are named, for a table that is only predicted', async () => {
    const found = await readImpressionsWith(writeText(folder, 'c.csv', csv), { categorical: ['shop'] });
    expect(found.labels).toBeUndefined();
    expect(found.users).toBeUndefined();
  });

  test.each([
    [
      'a label that is neither 0 nor 1',
      'clicked',
      '3',
      'label must be 0 or 1, true or false, got "3" in column clicked, line 3 of ',
    ],
    [
      'a missing label',
      'clicked',
      '',
      'label must be 0 or 1, true or false, got nothing in column clicked, line 3 of ',
    ],
    [
      'a number that is a word',
      'hour',
      'noon',
      'numeric must be a column of finite numbers, got "noon" in column hour, line 3 of ',
    ],
    [
      'an infinity',
      'hour',
      '-inf',
      'numeric must be a column of finite numbers, got "-inf" in column hour, line 3 of ',
    ],
    [
      'a number whose square is none',
      'hour',
      '-1e155',
      'numeric must be a column of finite numbers, got "-1e155" in column hour, line 3 of ',
    ],
    ['a time of NaN', 'time', 'NaN', 'got "NaN" in line 3 of '],
    ['a weight of NaN', 'weight', 'NaN', 'weight must be a number > 0, got NaN in line 3 of '],
    ['a time that is none', 'time', 'soon', 'a date or a number, got "soon" in line 3 of '],
    ['a weight of 0', 'weight', '0', 'weight must be a number > 0, got 0 in line 3 of '],
    [
      'half a JSON list',
      'reading',
      '[news',
      'list must hold categories such as news|sport or ["news","sport"], got "[news" in column reading, line 3 of ',
    ],
  ])('names the row of %s', async (_, column, value, message) => {
    const [head = '', first = '', second = '', ...rest] = csv.trim().split('\n');
    const cells = second.split(',');
    cells[head.split(',').indexOf(column)] = value;
    const path = writeText(folder, 'bad.csv', [head, first, cells.join(','), ...rest].join('\n'));
    await expect(readImpressionsWith(path, columns)).rejects.toThrow(message);
  });

  test.each([
    [`('news', 'a, b')`, ['news', 'a, b']],
    [`('news',)`, ['news']],
    [`{'sport', 'news'}`, ['sport', 'news']],
    [`frozenset({'news'})`, ['news']],
    [`array(['news', 'sport'], dtype=object)`, ['news', 'sport']],
    [`("it's", "so")`, ["it's", 'so']],
    ['(500) Days of Summer|Up', ['(500) Days of Summer', 'Up']],
    ['{news}', ['{news}']],
  ])('reads a list as Python prints it: %s', async (text, expected) => {
    const path = writeText(folder, 'python.csv', `y,l\n1,"${text.replaceAll('"', '""')}"\n0,x\n`);
    expect(keysOf(await readImpressionsWith(path, { label: 'y', lists: ['l'] }), 'l')).toEqual([expected, ['x']]);
  });

  test('names columns that are not there, lists that are not said to be lists, and tables without rows', async () => {
    const path = writeText(folder, 'd.csv', csv);
    await expect(readImpressionsWith(path, { ...columns, label: 'click' })).rejects.toThrow('did you mean "clicked"?');
    await expect(readImpressionsWith(path, { ...columns, share: [['shop', 'shops']] })).rejects.toThrow('got "shops"');
    await expect(readImpressionsWith(path, { categorical: ['shop', 'shop'] })).rejects.toThrow('got "shop" twice');
    const parquet = await writeParquet(folder, 'd.parquet', `SELECT ['a'] AS reading`);
    await expect(readImpressionsWith(parquet, { categorical: ['reading'] })).rejects.toThrow('name it as list');
    const empty = writeText(folder, 'e.csv', csv.slice(0, csv.indexOf('\n') + 1));
    await expect(readImpressionsWith(empty, columns)).rejects.toThrow('holds no rows');
  });
});

describe('histories from a log', () => {
  const hour = (time: number) => new Date(Date.UTC(2025, 2, 1) + time * 3_600_000).toISOString();
  const log = (clicks: readonly (readonly [user: string, time: number, shop: string])[]) =>
    ['user_id,time,shop', ...clicks.map(([user, time, shop]) => `${user},${hour(time)},${shop}`)].join('\n');
  const clicks = [
    ['u1', 1, 'a'],
    ['u1', 9.5, 'b'],
    ['u1', 10, 'now'],
    ['u1', 11, 'later'],
    ['u2', 3, 'a'],
  ] as const;

  test('hold what the user clicked strictly before: not at the same moment, not after', async () => {
    const source = writeText(folder, 'log.csv', log(clicks));
    const read = (lag?: string) =>
      readImpressionsWith(writeText(folder, 'f.csv', csv), {
        ...columns,
        histories: [{ source, category: 'shop', lag }],
      });
    expect(keysOf(await read(), 'history')).toEqual([['a', 'b'], ['a'], ['a', 'b', 'now', 'later'], []]);
    expect(keysOf(await read('1h'), 'history')).toEqual([['a'], ['a'], ['a', 'b', 'now'], []]);
  });

  test('share a dictionary with a column, and have one of their own where nothing is said', async () => {
    const source = writeText(folder, 'log2.csv', log([['u1', 1, 'nytimes']]));
    const path = writeText(folder, 'g.csv', csv);
    const histories = [
      { source, category: 'shop' },
      { source, category: 'shop', name: 'seen', where: `shop <> 'zzz'` },
    ];
    const found = await readImpressionsWith(path, { ...columns, histories, share: [['shop', 'history']] });
    expect([...found.domains.keys()].sort()).toEqual(['reading', 'seen', 'shop']);
    expect(found.lists.map(({ name, domain }) => [name, domain])).toEqual([
      ['reading', 'reading'],
      ['history', 'shop'],
      ['seen', 'seen'],
    ]);
    expect(keysOf(found, 'history')[0]).toEqual(['nytimes']);
  });

  test('encode to the same bits whatever the future holds', async () => {
    const random = new Random(5);
    const rows = Array.from({ length: 300 }, () => [random.below(20), random.below(200), random.below(9)] as const);
    const impressions = writeText(
      folder,
      'future.csv',
      [
        'user_id,time,shop,clicked',
        ...rows.map(([user, time, shop], i) => `u${user},${time},s${shop},${i % 3 ? 0 : 1}`),
      ].join('\n'),
    );
    const past = Array.from({ length: 500 }, () => [random.below(20), random.below(200), random.below(9)] as const);
    const cut = 120;
    const encode = async (name: string, entries: readonly (readonly [number, number, number])[], lag?: string) => {
      const lines = entries.map(([user, time, shop]) => `u${user},${time},s${shop}`);
      const source = writeText(folder, name, ['user_id,time,shop', ...lines].join('\n'));
      const found = await readImpressionsWith(impressions, {
        label: 'clicked',
        categorical: ['shop'],
        user: 'user_id',
        time: 'time',
        histories: [{ source, category: 'shop', lag }],
        share: [['shop', 'history']],
      });
      const training = Uint32Array.from(rows.flatMap(([, time], row) => (time <= cut ? [row] : [])));
      const encoder = fitEncoder(found, training, { halfLifeSeconds: new Map([['history', 30]]) });
      const encoded = encodeImpressions(found, encoder);
      const [history] = encoded.lists;
      return {
        vocabulary: encoder.tables.map(({ vocabulary }) => vocabulary.keys),
        counts: encoder.tables.map(({ vocabulary }) => [...vocabulary.counts]),
        shops: Array.from(training, (row) => encoded.categorical[0]?.ids[row]),
        histories: Array.from(training, (row) => [
          ...(history?.ids.subarray(history.starts[row], history.ends[row]) ?? []),
        ]),
      };
    };
    // every click of the cut and after is another one, or gone, and there are new ones
    const changed = past.flatMap(([user, time, shop]): [number, number, number][] =>
      time < cut ? [[user, time, shop]] : shop > 5 ? [] : [[user, time, 100 + shop]],
    );
    const future = [...changed, [3, cut, 777], [4, cut + 1, 778]] as [number, number, number][];
    const expected = await encode('past.csv', past);
    expect(expected.histories.some((history) => history.length > 3)).toBe(true);
    expect(await encode('changed.csv', future)).toEqual(expected);
    // with a lag of 50 seconds, clicks from 50 seconds before the cut on are the future too
    const lagged = await encode('past.csv', past, '50s');
    const late = past.map(([user, time, shop]): [number, number, number] => [user, time, time < cut - 50 ? shop : 55]);
    expect(await encode('late.csv', late, '50s')).toEqual(lagged);
    expect(await encode('late.csv', late)).not.toEqual(expected);
  });

  test('need users and times', async () => {
    const path = writeText(folder, 'h.csv', csv);
    const histories = [{ source: writeText(folder, 'log3.csv', log(clicks)), category: 'shop' }];
    await expect(readImpressionsWith(path, { ...columns, time: undefined, histories })).rejects.toThrow(
      'a history from a log must be joined by user and time',
    );
  });
});
