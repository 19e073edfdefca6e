import { expect, test } from 'vitest';
import { CodedBlocks } from '../../../src/duckdb/prepared/coded-blocks.js';
import { NearEvents, nearRoom, type NearBlock } from '../../../src/duckdb/prepared/near-events.js';

test.each([
  { hasTimes: false, hasWeights: false },
  { hasTimes: true, hasWeights: false },
  { hasTimes: false, hasWeights: true },
  { hasTimes: true, hasWeights: true },
])('events are handed over once, beside those of near histories, however few blocks are free: %j', (has) => {
  const size = 3000;
  const history = Int32Array.from({ length: size }, (_, i) => (i * 7919) % 701);
  const numbers = (by: number) => Float64Array.from(history, (_, i) => i / by);
  const events = {
    size,
    pairs: Int32Array.from({ length: 2 * size }, (_, i) => (i % 2 === 0 ? i / 2 : (history[(i - 1) / 2] ?? 0))),
    times: has.hasTimes ? numbers(2) : undefined,
    weights: has.hasWeights ? numbers(4) : undefined,
  };
  const room = nearRoom({ ...has, bounds: [-20, 680] }, 48, 2);
  const blocks = new CodedBlocks(room.room, room.events, room.columns);
  const handed: NearBlock[] = [];
  const seen: [category: number, history: number, time: number | undefined, weight: number | undefined][] = [];
  const near = new NearEvents(room, (full) => handed.push(full));
  const dealAll = (): void => {
    for (const full of handed.splice(0)) {
      const of = blocks.block(full.block, full.size);
      for (let i = 0; i < full.size; i++) {
        const [category = -1, code = -1] = of.pairs.subarray(2 * i);
        expect(code >>> room.shift).toBe(full.group);
        seen.push([category, code, of.times?.[i], of.weights?.[i]]);
      }
      near.free(full.block);
    }
  };
  let waits = 0;
  for (let at = near.add(events, 0); at < size; at = near.add(events, at)) {
    expect(near.add(events, at)).toBe(at);
    waits++;
    dealAll();
  }
  near.end();
  dealAll();

  expect(waits).toBeGreaterThan(10);
  seen.sort((a, b) => a[0] - b[0]);
  expect(seen).toEqual(Array.from(history, (code, i) => [i, code, events.times?.[i], events.weights?.[i]]));
});
