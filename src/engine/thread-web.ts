/** A worker thread in a browser. */
import { InputError } from '../checks.js';
import { startThread as startOwnThread } from './thread-own.js';
import type { StartThread } from './worker-thread.js';

/** What waits for a worker's answer. */
interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

let workerUrl: string | URL | undefined;

/** Names another script for the threads that start from now on. */
export function setWorkerUrl(url: string | URL | undefined): void {
  workerUrl = url;
}

/** Threads that this machine can run at once; 1 in a page that is not cross-origin isolated. */
export function availableThreads(): number {
  return sharesMemory() ? globalThis.navigator.hardwareConcurrency : 1;
}

/** A page that is not cross-origin isolated can hand no memory to a worker: there the one thread is the caller's own. */
export function threadStarter(threads: number): StartThread {
  if (sharesMemory()) return startThread;
  if (threads === 1) return startOwnThread;
  throw new InputError(
    `threads must be 1 or 0 in a page that is not cross-origin isolated, got ${threads}; serve it with the headers COOP and COEP`,
  );
}

/** Starts `worker-web.js` as a module worker. */
export const startThread: StartThread = () => {
  const worker = openWorker();
  const listening = new AbortController();
  let waiting: Waiting | undefined;
  let ending: Error | undefined;
  const taken = (): Waiting | undefined => {
    const taker = waiting;
    waiting = undefined;
    return taker;
  };
  // a thread that fails between calls tells the next one
  const end = (why: Error): void => {
    ending ??= why;
    taken()?.reject(ending);
    listening.abort();
  };
  const { signal } = listening;
  worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => taken()?.resolve(data), { signal });
  worker.addEventListener('messageerror', () => end(new Error('the answer of a worker could not be read')), { signal });
  // a script that could not be loaded is an event without a message
  worker.addEventListener('error', ({ message }: ErrorEvent) => end(message ? new Error(message) : notFound()), {
    signal,
  });
  return {
    load: (module, memory) => worker.postMessage({ module, memory }),
    call: (name, args) =>
      new Promise<unknown>((resolve, reject) => {
        if (ending !== undefined) {
          reject(ending);
          return;
        }
        waiting = { resolve, reject };
        worker.postMessage({ name, args });
      }),
    stop: () => {
      worker.terminate();
      end(new Error('a worker was stopped before its work was done'));
      return Promise.resolve();
    },
  };
};

/** Bundlers find the script by the very words `new Worker(new URL('…', import.meta.url), …)`. */
function openWorker(): Worker {
  try {
    return workerUrl === undefined
      ? new Worker(new URL('./worker-web.js', import.meta.url), { type: 'module' })
      : new Worker(workerUrl, { type: 'module' });
  } catch (error) {
    // an address of another origin, or none that can be made from the bundle's
    throw notFound(error);
  }
}

function notFound(cause?: unknown): InputError {
  const script = workerUrl === undefined ? 'worker-web.js beside the bundle' : String(workerUrl);
  return new InputError(
    `a worker could not be started: its script (${script}) was not found or may not be run here; ` +
      'build category2vec/worker as a file of its own, serve it from the same origin with the headers of the ' +
      'page, and give its address to setWorkerUrl',
    cause === undefined ? {} : { cause },
  );
}

function sharesMemory(): boolean {
  return 'crossOriginIsolated' in globalThis && globalThis.crossOriginIsolated;
}
