import { tmpdir } from 'node:os';
import { int32, list, tableFromArrays, tableToIPC } from '@uwdata/flechette';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import type { WorkFiles } from '../../src/histories/work-table.js';
import { TransientFailure } from '../../src/spark/failures.js';
import { receiveHistories, receiveInParts, type Received } from '../../src/spark/receive-histories.js';
import type { ArrowBatch } from '../../src/spark/session.js';
import { sessionNames } from '../../src/spark/stage-sql.js';
import { localPath, visibleFiles } from '../../src/spark/work-files.js';

const keys = Array.from({ length: 40 }, (_, h) => `u${String(h).padStart(2, '0')}`);
const itemsOf = (h: number): number[] => Array.from({ length: 1 + (h % 3) }, (_, i) => h + i);
const clicks = keys.reduce((sum, _, h) => sum + itemsOf(h).length, 0);
const stage = { keepKeys: true, names: sessionNames } as Parameters<typeof receiveHistories>[1];

function batchOf(columns: Record<string, unknown[]>): ArrowBatch {
  // lists of one length would become another type
  const types = 'items' in columns ? { items: list(int32()) } : {};
  const table = tableFromArrays(columns as Parameters<typeof tableFromArrays>[0], { types });
  const data = tableToIPC(table, { format: 'stream' }) ?? new Uint8Array(0);
  return { rowCount: table.numRows, data };
}

/**
 * Answers queries for ranges of keys, two histories at a time.
 *
 * @param failures - answers after which the queries fail, the first of the first
 * @param sessions - histories of each key
 */
function sessionWith(failures: readonly (number | undefined)[], failure: Error, sessions?: number) {
  const asked: string[] = [];
  const stumbled = new Set<string>();
  return {
    asked,
    async *query(sql: string): AsyncGenerator<ArrowBatch> {
      await Promise.resolve();
      const [, from = ''] = /h >= '(.*?)'/.exec(sql) ?? [];
      const [, to = '~'] = /h < '(.*?)'/.exec(sql) ?? [];
      const part = [...keys.keys()]
        .filter((h) => (keys[h] ?? '') >= from && (keys[h] ?? '') < to)
        .flatMap((h) => Array.from({ length: sessions ?? 1 }, (_, i) => ({ h, isFirst: i === 0 })));
      if (/^SELECT (DISTINCT|count_if)/.test(sql)) {
        // what is asked beside the histories fails at first, too
        if (sessions !== undefined && !stumbled.has(sql)) {
          stumbled.add(sql);
          throw failure;
        }
        if (sql.startsWith('SELECT DISTINCT')) return yield batchOf({ h: keys });
        return yield batchOf({
          histories: [part.length],
          clicks: [part.reduce((sum, { h }) => sum + itemsOf(h).length, 0)],
        });
      }
      const after = failures[asked.length];
      asked.push(sql);
      for (let i = 0; i < part.length; i += 2) {
        if (after === i / 2) throw failure;
        const rows = part.slice(i, i + 2);
        yield batchOf({
          h: rows.map(({ h }) => keys[h]),
          items: rows.map(({ h }) => Int32Array.from(itemsOf(h))),
          is_first: rows.map(({ isFirst }) => isFirst),
        });
      }
    },
  };
}

const options = { histories: keys.length, clicks, partClicks: Math.ceil(clicks / 4), onShare: () => {} };

describe('histories in parts', () => {
  test('have each history once where parts fail half-way and are received anew', async () => {
    const session = sessionWith([2, undefined, undefined, 0], new TransientFailure('a task failed'));
    const { sessions, historyKeys } = await receiveHistories(session, stage, options);

    expect(session.asked.length).toBe(6);
    expect(historyKeys).toEqual(keys);
    expect([...sessions.categories]).toEqual([...keys.keys()].flatMap(itemsOf));
    expect(sessions.offsets.at(-1)).toBe(clicks);
  });

  test('have each session once, under its user, where parts fail inside a user and are visited one by one', async () => {
    const session = sessionWith([5, undefined, 0, undefined, 3], new TransientFailure('a task failed'), 3);
    const parts: Received[] = [];
    const counted = { ...options, histories: 3 * keys.length, clicks: 3 * clicks, partClicks: (3 * clicks) / 4 };
    await receiveInParts(session, { ...stage, gapSeconds: 60 }, counted, async (part) => void parts.push(part));
    const ofUsers = parts.map(({ sessions: { users }, historyKeys = [] }) =>
      Array.from(users ?? [], (user) => historyKeys[user]),
    );

    expect(session.asked.length).toBe(7);
    expect(ofUsers.flat()).toEqual(keys.flatMap((key) => [key, key, key]));
    expect(parts.flatMap(({ sessions: { categories } }) => [...categories])).toEqual(
      [...keys.keys()].flatMap((h) => [...itemsOf(h), ...itemsOf(h), ...itemsOf(h)]),
    );
  });

  test('end where a part fails twice, or for another reason', async () => {
    const twice = sessionWith([1, 1], new TransientFailure('a task failed'));
    await expect(receiveHistories(twice, stage, options)).rejects.toThrow('a task failed');
    const other = sessionWith([1], new Error('stopped by hand'));
    await expect(receiveHistories(other, stage, options)).rejects.toThrow('stopped by hand');
    expect(other.asked.length).toBe(1);
  });

  /** Files that hold all histories. @param isCut - whether each range ends after its first history, as a damaged file would */
  function files(isCut: boolean): WorkFiles & { readonly ranges: unknown[] } {
    const ranges: unknown[] = [];
    return {
      ranges,
      sizes: () => Promise.resolve({ histories: keys.length, clicks }),
      read: async ([from = '', to = '~'], take) => {
        await Promise.resolve();
        ranges.push([from, to]);
        for (const [h, key] of keys.entries()) {
          if (key < from || key >= to) continue;
          const items = Int32Array.from(itemsOf(h));
          take({ items, lengths: Int32Array.of(items.length), keys: [key] });
          if (isCut) throw new InputError('part-1.parquet cannot be read');
        }
      },
    };
  }

  test.each([
    ['files that this machine sees, and not from the cluster', false],
    ['the cluster where files cannot be read to their end', true],
  ])('come from %s', async (_, isCut) => {
    const session = sessionWith([], new Error('not asked'));
    const seen = files(isCut);
    const { sessions, historyKeys } = await receiveHistories(session, stage, { ...options, files: seen });

    expect(seen.ranges.length).toBe(4);
    expect(session.asked.length).toBe(isCut ? 4 : 0);
    expect(historyKeys).toEqual(keys);
    expect([...sessions.categories]).toEqual([...keys.keys()].flatMap(itemsOf));
  });

  test('are taken from files only where these hold what was counted', async () => {
    const place = { folder: tmpdir(), table: '.' };
    const sizes = { histories: keys.length, clicks };
    const seen = files(false);
    expect(await visibleFiles(place, sizes, () => seen)).toBe(seen);
    expect(await visibleFiles(place, { ...sizes, clicks: clicks + 1 }, () => seen)).toBeUndefined();
    expect(await visibleFiles({ ...place, table: 'elsewhere' }, sizes, () => seen)).toBeUndefined();
    expect(await visibleFiles({ ...place, folder: 's3a://bucket/work' }, sizes, () => seen)).toBeUndefined();
    expect(['/mnt/w', 'file:/mnt/w', 'file:///mnt/w', 'file://host/w', 'hdfs://h/w'].map(localPath)).toEqual([
      '/mnt/w',
      '/mnt/w',
      '/mnt/w',
      undefined,
      undefined,
    ]);
  });
});
