/** Threads that deal the events of a log while it is read. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { BlockDealer, dealerOf, type DealOptions, type DealtFile } from './deal-blocks.js';
import type { NearBlock } from './near-events.js';

/** The compiled thread; tests run the sources, which no thread can load, and deal on their own. */
const script = import.meta.url.endsWith('.ts') ? undefined : new URL('./deal-on-thread.js', import.meta.url);

/** As fast as one thread reads. */
const mostDealers = 2;

/** What a thread tells: the block that it has dealt, or what its files hold. */
export type DealerMessage = { readonly free: number } | { readonly files: readonly DealtFile[] };

/** What deals blocks. */
export interface Dealers {
  /** Deals the events of a block, by and by. */
  deal(full: NearBlock): void;
  /** Waits for a block that is free. @throws what has stopped a thread */
  freed(): Promise<void>;
  /** Waits until all is written. @returns the files of each part */
  end(): Promise<readonly (readonly DealtFile[])[]>;
  /** Ends the threads, which write nothing afterward. */
  stop(): Promise<void>;
}

/** Starts two threads, where the machine has two processors. @param onFree - told of each block that was dealt */
export function startDealers(
  options: Omit<DealOptions, 'dealer' | 'dealers'>,
  onFree: (block: number) => void,
): Dealers {
  const dealers = Math.min(mostDealers, availableParallelism());
  if (script === undefined || dealers < 2) return dealHere({ ...options, dealer: 0, dealers: 1 }, onFree);
  let onFreed = (): void => undefined;
  const take = (block: number): void => {
    onFree(block);
    onFreed();
  };
  const threads = Array.from({ length: dealers }, (_, dealer) =>
    startThread(script, { ...options, dealer, dealers }, take),
  );
  const failed = Promise.race(threads.map(({ ended }) => ended));
  // nobody may be waiting
  failed.catch(() => undefined);
  return {
    deal: (full) => threads[dealerOf(full.group, { ...options, dealers })]?.worker.postMessage(full),
    freed: () =>
      Promise.race([
        failed,
        new Promise<void>((resolve) => {
          onFreed = resolve;
        }),
      ]),
    async end() {
      for (const { worker } of threads) worker.postMessage(undefined);
      const files = await Promise.race([failed, Promise.all(threads.map((thread) => thread.files))]);
      return Array.from({ length: options.count }, (_, part) => files.flatMap((ofThread) => ofThread[part] ?? []));
    },
    async stop() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function dealHere(options: DealOptions, onFree: (block: number) => void): Dealers {
  const dealer = new BlockDealer(options);
  return {
    deal: (full) => {
      dealer.deal(full);
      onFree(full.block);
    },
    freed: () => Promise.resolve(),
    end: () => Promise.resolve(dealer.end().map((file) => [file])),
    stop: () => Promise.resolve(),
  };
}

function startThread(url: URL, options: DealOptions, onFree: (block: number) => void) {
  const worker = new Worker(url, { workerData: options });
  const ended = new Promise<never>((_, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the thread that deals events ended before it was done')));
  });
  const files = new Promise<readonly DealtFile[]>((resolve) => {
    worker.on('message', (message: DealerMessage) => {
      if ('free' in message) onFree(message.free);
      else resolve(message.files);
    });
  });
  return { worker, ended, files };
}
