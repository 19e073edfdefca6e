import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPrepared } from '../../../src/duckdb/prepared/open-prepared.js';
import { prepareArriving } from '../../../src/duckdb/prepared/prepare-arriving.js';
import { prepareLogWith } from '../../../src/duckdb/prepared/prepare-log.js';
import { filterOptions } from '../../../src/histories/reader-options.js';
import type { Shard } from '../../../src/histories/shard.js';
import { resolveOptions } from '../../../src/option-table.js';
import { writeLog } from '../../spark/equality.js';
import { makeFolder } from '../files.js';

const folder = makeFolder();
let log: string;
beforeAll(async () => (log = await writeLog(folder)));
afterAll(() => rmSync(folder, { recursive: true }));

const writingOf = (shardClicks: number) => ({
  log: {},
  filters: resolveOptions(filterOptions, {}),
  defaults: { minCount: 1, minHistories: 1 },
  seed: 1,
  shardClicks,
  areRows: false,
});

function filesIn(out: string): ReadonlyMap<string, string> {
  return new Map(readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'base64')]));
}

/** Histories in parts that end between two users. */
function cut({ keys, items, offsets, times, weights }: Shard, parts: number): readonly Shard[] {
  const edges = Array.from({ length: parts + 1 }, (_, i) => {
    let edge = Math.floor((i * keys.length) / parts);
    while (edge > 0 && edge < keys.length && keys[edge] === keys[edge - 1]) edge++;
    return edge;
  });
  return edges.slice(1).map((end, i) => {
    const first = edges[i] ?? 0;
    const [from, to] = [offsets[first] ?? 0, offsets[end] ?? 0];
    return {
      keys: keys.slice(first, end),
      items: items.slice(from, to),
      offsets: offsets.slice(first, end + 1).map((offset) => offset - from),
      times: times?.slice(from, to),
      weights: weights?.slice(from, to),
    };
  });
}

describe('histories that arrive in parts', () => {
  test.each([
    ['one shard of one part', 1, 1e9, {}],
    ['one shard of several parts', 3, 1e9, {}],
    ['shards smaller than parts', 2, 1500, { time: 'at', weight: 'weight' }],
    ['sessions, side by side under one key', 5, 4000, { time: 'at', sessionGap: '2d' }],
  ] as const)('give the bytes of a log that is prepared at once: %s', async (_, parts, shardClicks, filters) => {
    const reading = { history: 'user', category: 'item', ...filters };
    const [one, whole, arrived] = ['one', 'whole', 'arrived'].map((name) => join(folder, `${name}-${parts}`));
    if (one === undefined || whole === undefined || arrived === undefined) throw new Error('three folders');
    await prepareLogWith(one, log, { reading, writing: writingOf(1e9) });
    await prepareLogWith(whole, log, { reading, writing: writingOf(shardClicks) });
    const { manifest, categoryKeys: keys, readShard } = await openPrepared(one);
    const shard = await readShard(0);
    const arrive = async (visit: (part: Shard) => Promise<void>) => {
      for (const part of cut(shard, parts)) await visit(part);
      const { hasTimes, hasWeights, hasSessions, dropped, ties, timeSpan, source } = manifest;
      return { keys, hasTimes, hasWeights, hasSessions, dropped, ties, timeSpan, source };
    };
    await prepareArriving(arrived, arrive, { writing: writingOf(shardClicks), partClicks: 3000 });

    expect(filesIn(arrived)).toEqual(filesIn(whole));
  });
});
