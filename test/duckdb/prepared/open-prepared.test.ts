import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/checks.js';
import { openPrepared } from '../../../src/duckdb/prepared/open-prepared.js';
import { prepareLogWith } from '../../../src/duckdb/prepared/prepare-log.js';
import { filterOptions } from '../../../src/histories/reader-options.js';
import { resolveOptions } from '../../../src/option-table.js';
import { makeFolder, writeParquet } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

async function prepareSmall(): Promise<string> {
  const log = await writeParquet(
    folder,
    'log.parquet',
    `SELECT 'user ' || (i % 23) AS user, 'item ' || (i * i % 37) AS item, 1700000000 + i * 977 AS at,
       1 + i % 3 AS weight FROM range(400) t(i)`,
  );
  const out = join(folder, 'prepared');
  const writing = {
    log: {},
    filters: resolveOptions(filterOptions, {}),
    defaults: { minCount: 1, minHistories: 1 },
    seed: 1,
    shardClicks: 150,
    areRows: false,
  };
  await prepareLogWith(out, log, {
    reading: { history: 'user', category: 'item', time: 'at', weight: 'weight' },
    writing,
  });
  return out;
}

describe('a shard of a prepared log', () => {
  test('in which one byte is another is refused by its name, or holds what it held', async () => {
    const path = join(await prepareSmall(), 'shard-00001.parquet');
    const log = await openPrepared(join(folder, 'prepared'));
    const whole = await log.readShard(1);
    const bytes = readFileSync(path);
    const outcomes: unknown[] = [];
    for (let at = 0; at < bytes.length; at += 29) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, damaged);
      for (const read of [log.readShard, log.readClicks]) {
        outcomes.push(
          await read(1).then(
            ({ items, offsets, times }) => ({ items, offsets, times }),
            (error: unknown) => error,
          ),
        );
      }
    }
    writeFileSync(path, bytes);
    const refusals = outcomes.filter((outcome) => outcome instanceof Error);
    const { items, offsets, times } = whole;

    for (const read of outcomes.filter((one) => !(one instanceof Error)))
      expect(read).toEqual({ items, offsets, times });
    for (const error of refusals) {
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toContain('shard-00001.parquet');
    }
    expect(refusals.length).toBeGreaterThan(50);
  });

  test('is read without its keys as with them', async () => {
    const log = await openPrepared(await prepareSmall());
    for (let index = 0; index < log.manifest.shards.length; index++) {
      const { keys: _, ...clicks } = await log.readShard(index);
      expect(await log.readClicks(index)).toEqual(clicks);
    }
  });
});
