/** A worker thread in Node. */
import { Worker } from 'node:worker_threads';
import type { StartThread } from './worker-thread.js';

export { availableParallelism } from 'node:os';

/** Starts `worker.js` on a thread of its own. */
export const startThread: StartThread = async (module, memory) => {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { module, memory } });
  await new Promise<void>((resolve, reject) => {
    worker.once('online', resolve);
    worker.once('error', reject);
  });
  return {
    call: (name, args) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          worker.off('message', onMessage);
          worker.off('error', onError);
          worker.off('exit', onExit);
          act();
        };
        const onMessage = (result: unknown): void => settle(() => resolve(result));
        const onError = (error: Error): void => settle(() => reject(error));
        const onExit = (): void => settle(() => reject(new Error('a worker thread ended before its work was done')));
        worker.on('message', onMessage);
        worker.on('error', onError);
        worker.on('exit', onExit);
        worker.postMessage({ name, args });
      }),
    stop: async () => {
      await worker.terminate();
    },
  };
};
