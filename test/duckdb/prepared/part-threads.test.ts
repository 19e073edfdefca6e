/** Parts are written on threads of their own, which only the compiled library has: this asks the one in dist/. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sentence } from '../../../src/checks.js';
import { prepareLogWith } from '../../../src/duckdb/prepared/prepare-log.js';
import { filterOptions } from '../../../src/histories/reader-options.js';
import { resolveOptions } from '../../../src/option-table.js';
import { makeFolder, writeParquet } from '../files.js';

const folder = makeFolder();
const compiled = new URL('../../../dist/duckdb/prepared/prepare-log.js', import.meta.url);
let log: string;
let onThreads: typeof prepareLogWith;
beforeAll(async () => {
  if (!existsSync(compiled)) throw new Error('dist/ is missing; npm run build makes it');
  ({ prepareLogWith: onThreads } = (await import(compiled.href)) as { prepareLogWith: typeof prepareLogWith });
  const sql =
    'SELECT (i * 7919) % 701 - 20 AS u, (i * i) % 97 AS c, i // 3 AS t, make_timestamp(i * 1000000) AS at FROM range(9000) r(i)';
  log = await writeParquet(folder, 'log.parquet', sql);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function filesOf(
  prepare: typeof prepareLogWith,
  { partClicks = 1500, path = log, ...options }: { partClicks?: number; path?: string },
): Promise<Map<string, string>> {
  const out = join(folder, 'out');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const filters = resolveOptions(filterOptions, {});
  const defaults = { minCount: 1, minHistories: 1 };
  const writing = { log: {}, filters, defaults, seed: 1, shardClicks: partClicks, areRows: false };
  await prepare(out, path, { reading: { history: 'u', category: 'c', ...options }, writing, partEvents: partClicks });
  return new Map(readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'base64')]));
}

test.each([{}, { time: 't', timeUnit: 's' }, { maxHistory: 3 }])(
  'give the bytes of one after the other: %j',
  async (options: object) => {
    const one = await filesOf(prepareLogWith, options);

    expect(one.size).toBeGreaterThan(3);
    expect(await filesOf(onThreads, options)).toEqual(one);
  },
);

test('give these bytes of few histories with many events', async () => {
  const sql = 'SELECT i % 23 AS u, hash(i) % 50000 AS c FROM range(500000) r(i)';
  const options = { path: await writeParquet(folder, 'long.parquet', sql), partClicks: 130_000 };
  const one = await filesOf(prepareLogWith, options);

  expect(one.size).toBe(6);
  expect(await filesOf(onThreads, options)).toEqual(one);
});

test('say what the caller would say, the names of options in it', async () => {
  const refused = filesOf(onThreads, { time: 'at', sessionGap: 90 } as object);

  await expect(refused).rejects.toThrow('sessionGap must carry a unit');
  const spelled = refused.catch((error: { sentence: Sentence }) => error.sentence.spelled((name) => `<${name}>`));
  expect(await spelled).toContain('<sessionGap> must carry a unit');
});
