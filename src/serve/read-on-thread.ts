/** The thread that reads a version: see reading-thread.ts. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../checks.js';
import type { Handed, HandedEmbedding, ReadingMessage, ReadingTask } from './reading-thread.js';
import { readServedModelParts, type ServedModelHead } from './served-click-model.js';
import { readServedParts, type OpenOptions } from './served-embedding.js';

type Head = HandedEmbedding | ServedModelHead;

/** Values of a message: the event loop takes a millisecond or so to receive them. */
const mostValues = 8192;

// what `readOn` gave
const task: ReadingTask = workerData;
if (parentPort !== null) await tell(parentPort, task);

async function tell(port: NonNullable<typeof parentPort>, { kind, path, ...options }: ReadingTask): Promise<void> {
  const post = async (message: ReadingMessage<Head>, isAnswered: boolean): Promise<void> => {
    const answer = isAnswered ? once(port, 'message') : undefined;
    port.postMessage(message);
    await answer;
  };
  try {
    const { head, texts, columns } = await (kind === 'embedding' ? readEmbedding(path, options) : readModel(path));
    await post({ kind: 'head', head, texts: texts.length, columns: columns.length }, true);
    const most = [...texts, ...columns].reduce((longest, { length }) => Math.max(longest, length), 0);
    const step = Math.ceil(mostValues / Math.max(1, texts.length + columns.length));
    for (let row = 0; row < most; row += step) {
      const message = {
        texts: texts.map((values) => values.slice(row, row + step)),
        columns: columns.map((values) => values.slice(row, row + step)),
      };
      // oxlint-disable-next-line no-await-in-loop -- the next rows wait until these have been taken
      await post({ kind: 'rows', ...message }, true);
    }
    await post({ kind: 'end' }, false);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await post({ kind: 'refused', sentence: error.message }, false);
  }
}

async function readEmbedding(path: string, options: OpenOptions): Promise<Handed<HandedEmbedding>> {
  const { keys, attributes, ...head } = await readServedParts(path, options);
  return { head: { ...head, names: [...attributes.keys()] }, texts: [keys], columns: [...attributes.values()] };
}

async function readModel(path: string): Promise<Handed<ServedModelHead>> {
  const { keys, ...head } = await readServedModelParts(path);
  return { head, texts: keys, columns: [] };
}
