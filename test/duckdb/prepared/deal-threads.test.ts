/** Events are dealt by threads, which only the compiled library has: this asks the one in dist/. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { countAgain, readCodedPart } from '../../../src/duckdb/prepared/coded-part.js';
import { startDealers } from '../../../src/duckdb/prepared/deal-threads.js';
import { NearEvents, nearRoom } from '../../../src/duckdb/prepared/near-events.js';
import { makeFolder } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const compiled = new URL('../../../dist/duckdb/prepared/deal-threads.js', import.meta.url);
const range = 5000;
const count = 3;
const columns = { hasTimes: false, hasWeights: false, bounds: [0, range - 1] as const };
const history = Int32Array.from({ length: 60_000 }, (_, i) => (i * 7919) % range);
const category = Int32Array.from(history, (_, i) => (i * i) % 97);

async function deal(start: typeof startDealers, into: string) {
  const near = nearRoom(columns, 1600, 4);
  const histories = {
    partOf: new Uint16Array(new SharedArrayBuffer(2 * range)),
    counts: new Uint32Array(new SharedArrayBuffer(4 * range)),
  };
  const dealers = start({ near, folder: into, count, histories }, (block) => gathered.free(block));
  const gathered = new NearEvents(near, (full) => dealers.deal(full));
  const block = { size: history.length, history, category, times: undefined, weights: undefined };
  try {
    for (let at = gathered.add(block, 0); at < block.size; at = gathered.add(block, at)) await dealers.freed();
    gathered.end();
    const files = await dealers.end();
    const size = (part: number): number => histories.partOf.filter((of) => of === part + 1).length * 12;
    return {
      events: { columns, histories, categoryKeys: [], places: undefined },
      parts: files.map((ofPart, part) => ({ part, files: ofPart, size: size(part) })),
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
  const here = clicksOf(await deal(startDealers, join(folder, 'here')));

  expect(here.flat().length).toBe(range);
  expect(clicksOf(await deal(onThreads, join(folder, 'threads')))).toEqual(here);
  await expect(deal(onThreads, join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a part is read again once its events are counted anew', async () => {
  mkdirSync(join(folder, 'again'));
  const dealt = await deal(startDealers, join(folder, 'again'));
  const before = clicksOf(dealt);
  for (const part of dealt.parts) countAgain(part, dealt.events);

  expect(clicksOf(dealt)).toEqual(before);
});
