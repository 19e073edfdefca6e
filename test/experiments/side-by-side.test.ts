import { expect, test } from 'vitest';
import { sideBySide } from '../../src/experiments/side-by-side.js';

/** Waits until others had a turn. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

test('jobs side by side give their results in the order of the jobs, at most so many at once', async () => {
  let running = 0;
  let most = 0;
  const jobs = [5, 1, 3, 1].map((turns, index) => async () => {
    most = Math.max(most, ++running);
    for (let i = 0; i < turns; i++) {
      // oxlint-disable-next-line no-await-in-loop -- turns follow each other
      await turn();
    }
    running--;
    return index;
  });
  expect(await sideBySide(jobs, { most: 2 })).toEqual([0, 1, 2, 3]);
  expect(most).toBe(2);
});

test('the first error of a job stops those under way, begins no other, and is what is thrown', async () => {
  const stopped: string[] = [];
  const begun: string[] = [];
  const jobs = [
    async (stopping: AbortSignal) => {
      begun.push('long');
      while (!stopping.aborted) {
        // oxlint-disable-next-line no-await-in-loop -- waits to be stopped
        await turn();
      }
      stopped.push('long');
      stopping.throwIfAborted();
    },
    async () => {
      begun.push('failing');
      await turn();
      throw new Error('this one fails');
    },
    async () => {
      begun.push('third');
      await turn();
    },
  ];
  await expect(sideBySide(jobs, { most: 2 })).rejects.toThrow('this one fails');
  expect(begun).toEqual(['long', 'failing']);
  expect(stopped).toEqual(['long']);
});

test("the caller's signal stops jobs with its reason", async () => {
  const caller = new AbortController();
  const job = async (stopping: AbortSignal): Promise<void> => {
    caller.abort(new Error('enough'));
    await turn();
    stopping.throwIfAborted();
  };
  await expect(sideBySide([job, job], { most: 1, signal: caller.signal })).rejects.toThrow('enough');
});
