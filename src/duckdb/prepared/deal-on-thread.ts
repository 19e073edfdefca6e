/** The thread that deals events: see deal-threads.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { BlockDealer, type DealOptions } from './deal-blocks.js';
import type { DealerMessage } from './deal-threads.js';
import type { NearBlock } from './near-events.js';

// what `startThread` gave
const options: DealOptions = workerData;
const dealer = new BlockDealer(options);
const tell = (message: DealerMessage): void => parentPort?.postMessage(message);
parentPort?.on('message', (full: NearBlock | undefined) => {
  if (full === undefined) return tell({ files: dealer.end() });
  dealer.deal(full);
  tell({ free: full.block });
});
