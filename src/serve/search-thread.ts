/** A thread that multiplies vectors with questions while the event loop takes and answers requests. */
import { beginWorkers, type Workers } from '../engine/workers.js';
import type { NearestIndex, RunPass } from '../embedding/nearest-index.js';

/**
 * Numbers of an index that the event loop multiplies itself: a question among 100,000 categories of 64 takes it less
 * than calling another thread and being called back, and two cores have room for the thread that asks.
 */
const fewNumbers = 8_000_000;

/** The thread of one embedding. */
export interface SearchThread {
  /** Runs a pass on the thread; passes that overlap wait for each other. Small indexes are multiplied on the caller's own. */
  readonly run: RunPass;
  /** Ends the thread, after the passes that were asked for. */
  stop(): Promise<void>;
}

/** Opens the thread of an embedding. @param numbers - of its vectors; for few no thread is started */
export async function openSearchThread(numbers: number): Promise<SearchThread> {
  if (numbers <= fewNumbers) {
    return { run: async (index, directions, use) => use(index.products(directions)), stop: async () => {} };
  }
  const starting = await beginWorkers(1);
  let loaded: { readonly index: NearestIndex; readonly workers: Workers } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const runAlone: RunPass = async (index, directions, use) => {
    if (loaded?.index !== index) loaded = { index, workers: starting.load(index.module, index.memory) };
    const { kernel, args, products } = index.prepare(directions);
    await loaded.workers.callAll(kernel, ...args);
    return use(products);
  };
  return {
    run: async (index, directions, use) => {
      const pass = last.then(() => runAlone(index, directions, use));
      last = pass.catch(() => undefined);
      return pass;
    },
    stop: async () => {
      await last;
      await starting.stop();
    },
  };
}
