import { setImmediate as turn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { holdYoungGeneration, releaseMemory } from '../../src/serve/release-memory.js';

test('releaseMemory frees arrays that nobody holds any more', async () => {
  // of these alone, as other tests of this process leave arrays behind, too
  let held: Float64Array | undefined = new Float64Array(8e6).fill(1);
  const seen = new WeakRef(held);
  await turn();
  releaseMemory();
  expect(held).toBe(seen.deref());
  held = undefined;
  await turn();
  releaseMemory();
  expect(seen.deref()).toBeUndefined();
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
