import { setImmediate as turn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { holdYoungGeneration, releaseMemory } from '../../src/serve/release-memory.js';

test('releaseMemory frees arrays that nobody holds any more', async () => {
  const megabytes = () => process.memoryUsage().arrayBuffers / 1e6;
  const before = megabytes();
  let held: Float64Array | undefined = new Float64Array(8e6);
  held.fill(1);
  expect(megabytes() - before).toBeGreaterThan(60);
  held = undefined;
  await turn();
  for (let tries = 0; tries < 10 && megabytes() - before > 10; tries++) {
    releaseMemory();
    // oxlint-disable-next-line no-await-in-loop -- the buffers are freed after the collection
    await turn();
  }
  expect(megabytes() - before).toBeLessThan(10);
});

test('a held young generation stays as large as it is, whatever outlives it', () => {
  const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size;
  holdYoungGeneration();
  releaseMemory();
  const before = size();
  const lists = Array.from({ length: 64 }, () => Array.from({ length: 20_000 }, (_, i) => ({ i })));

  expect(lists).toHaveLength(64);
  expect(size()).toBe(before);
});
