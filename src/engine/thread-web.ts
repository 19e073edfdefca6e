/** A worker thread in a browser. */
import type { StartThread } from './worker-thread.js';

/** What waits for a worker's answer. */
interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts `worker-web.js` as a module worker. */
export const startThread: StartThread = () => {
  const worker = new Worker(new URL('./worker-web.js', import.meta.url), { type: 'module' });
  let waiting: Waiting | undefined;
  let ending: Error | undefined;
  const taken = (): Waiting | undefined => {
    const taker = waiting;
    waiting = undefined;
    return taker;
  };
  // a thread that fails between calls tells the next one
  const end = (why: string): void => {
    ending ??= new Error(why);
    taken()?.reject(ending);
  };
  worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => taken()?.resolve(data));
  worker.addEventListener('messageerror', () => end('the answer of a worker could not be read'));
  // a script that could not be loaded is an event without a message
  worker.addEventListener('error', ({ message }: ErrorEvent) =>
    end(message || 'a worker could not be started: its script worker-web.js was not found or may not be run here'),
  );
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
      end('a worker was stopped before its work was done');
      return Promise.resolve();
    },
  };
};
