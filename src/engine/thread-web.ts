/** A worker thread in a browser. */
import type { StartThread } from './worker-thread.js';

/** Starts `worker-web.js` as a module worker. */
export const startThread: StartThread = () => {
  const worker = new Worker(new URL('./worker-web.js', import.meta.url), { type: 'module' });
  return {
    load: (module, memory) => worker.postMessage({ module, memory }),
    call: (name, args) =>
      new Promise<unknown>((resolve, reject) => {
        worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => resolve(data), { once: true });
        worker.addEventListener('error', ({ message }: ErrorEvent) => reject(new Error(message)), { once: true });
        worker.postMessage({ name, args });
      }),
    stop: () => {
      worker.terminate();
      return Promise.resolve();
    },
  };
};
