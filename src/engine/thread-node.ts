/** A worker thread in Node. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { InputError, named, sentence } from '../checks.js';
import type { StartThread } from './worker-thread.js';

let workerUrl: string | URL | undefined;

/** Names another script for the threads that start from now on: a file URL, or a path. */
export function setWorkerUrl(url: string | URL | undefined): void {
  workerUrl = typeof url === 'string' && url.startsWith('file:') ? new URL(url) : url;
}

/** Threads that this machine can run at once. */
export function availableThreads(): number {
  return availableParallelism();
}

/** Every thread has its own worker: Node shares memory always. */
export function threadStarter(_threads: number): StartThread {
  return startThread;
}

/** Starts `worker.js` on a thread of its own. */
const startThread: StartThread = () => {
  const worker = new Worker(workerUrl ?? new URL('./worker.js', import.meta.url));
  let ending: Error | undefined;
  // a thread that fails between calls tells the next one
  worker.on('error', (error: Error) => {
    ending ??= explain(error);
  });
  worker.on('exit', () => {
    ending ??= new Error('a worker thread ended before its work was done');
  });
  return {
    load: (module, memory) => worker.postMessage({ module, memory }),
    call: (name, args) =>
      new Promise((resolve, reject) => {
        if (ending !== undefined) {
          reject(ending);
          return;
        }
        const settle = (act: () => void): void => {
          worker.off('message', onMessage);
          worker.off('error', onEnding);
          worker.off('exit', onEnding);
          act();
        };
        const onMessage = (result: unknown): void => settle(() => resolve(result));
        const onEnding = (): void => settle(() => reject(ending ?? new Error('a worker thread ended')));
        worker.on('message', onMessage);
        worker.on('error', onEnding);
        worker.on('exit', onEnding);
        worker.postMessage({ name, args });
      }),
    stop: async () => {
      await worker.terminate();
    },
  };
};

/** A thread that the system refuses is an InputError, not a bug. */
function explain(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code !== 'ERR_WORKER_INIT_FAILED' && code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new InputError(
    sentence`${named('threads')} cannot all be started (${error.message}); lower ${named('threads')} or raise what the
      system allows (ulimit -n, ulimit -u, memory)`,
    { cause: error },
  );
}
