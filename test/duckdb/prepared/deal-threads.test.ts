/** Events are dealt by threads, which only the compiled library has: this asks the one in dist/. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCodedPart } from '../../../src/duckdb/prepared/coded-part.js';
import { keysOfParts } from '../../../src/duckdb/prepared/deal-codes.js';
import { startDealers } from '../../../src/duckdb/prepared/deal-threads.js';
import { NearEvents, nearRoom } from '../../../src/duckdb/prepared/near-events.js';
import { makeFolder } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const compiled = new URL('../../../dist/duckdb/prepared/deal-threads.js', import.meta.url);
const range = 5000;
const count = 3;
const columns = { hasTimes: false, hasWeights: false, bounds: [0, range - 1] as const };
const size = 60_000;
const categories = 97;
const history = Int32Array.from({ length: size }, (_, i) => (i * 7919) % range);
const pairs = Int32Array.from({ length: 2 * size }, (_, i) => {
  const code = history[i >> 1] ?? 0;
  return i % 2 === 0 ? (code * code) % categories : code;
});

async function deal(start: typeof startDealers, into: string) {
  const near = nearRoom(columns, 1600, 4);
  const codes = {
    partOf: new Uint16Array(new SharedArrayBuffer(2 * range)),
    hasCategory: new Uint8Array(new SharedArrayBuffer(categories + 1)),
  };
  const dealers = start({ near, folder: into, count, codes }, (block) => gathered.free(block));
  const gathered = new NearEvents(near, (full) => dealers.deal(full));
  const block = { size, pairs, times: undefined, weights: undefined };
  try {
    for (let at = gathered.add(block, 0); at < block.size; at = gathered.add(block, at)) await dealers.freed();
    gathered.end();
    const files = await dealers.end();
    const keysOf = keysOfParts(codes, count, columns.bounds);
    const room = new Uint32Array(new SharedArrayBuffer(4 * range));
    return {
      events: { columns, room, categoryKeys: [], places: undefined },
      parts: files.map((ofPart, part) => ({ files: ofPart, size: keysOf(part).length * 12, wholeKeys: keysOf(part) })),
      hasCategory: codes.hasCategory,
    };
  } finally {
    await dealers.stop();
  }
}

/** The clicks of each history, in no order. */
function clicksOf({ parts, events }: Awaited<ReturnType<typeof deal>>) {
  return parts.map((part) => {
    const { wholeKeys, starts, categories } = readCodedPart(part, events);
    return Array.from(wholeKeys, (key, h) => [key, categories.slice(starts[h], starts[h + 1]).toSorted()]);
  });
}

test('threads deal what one deals that waits for nobody', async () => {
  if (!existsSync(compiled)) throw new Error('dist/ is missing; npm run build makes it');
  const { startDealers: onThreads } = (await import(compiled.href)) as { startDealers: typeof startDealers };
  mkdirSync(join(folder, 'here'));
  mkdirSync(join(folder, 'threads'));
  const here = await deal(startDealers, join(folder, 'here'));
  const there = await deal(onThreads, join(folder, 'threads'));

  expect(clicksOf(here).flat().length).toBe(range);
  expect(clicksOf(there)).toEqual(clicksOf(here));
  const met = new Set(history.map((code) => (code * code) % categories));
  expect(Array.from(here.hasCategory)).toEqual(Array.from(here.hasCategory, (_, code) => (met.has(code) ? 1 : 0)));
  expect(there.hasCategory).toEqual(here.hasCategory);
  await expect(deal(onThreads, join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a part is read again as it was', async () => {
  mkdirSync(join(folder, 'again'));
  const dealt = await deal(startDealers, join(folder, 'again'));
  const before = clicksOf(dealt);

  expect(clicksOf(dealt)).toEqual(before);
});
