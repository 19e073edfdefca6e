/** The thread that reads a version: see reading-thread.ts. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../checks.js';
import type { ReadingMessage } from './reading-thread.js';
import { readServedParts } from './served-embedding.js';

/** Values of a message: the event loop takes a millisecond or so to receive them. */
const mostValues = 8192;

if (parentPort !== null) await tell(parentPort, String(workerData));

async function tell(port: NonNullable<typeof parentPort>, path: string): Promise<void> {
  const post = async (message: ReadingMessage, isAnswered: boolean): Promise<void> => {
    const answer = isAnswered ? once(port, 'message') : undefined;
    port.postMessage(message);
    await answer;
  };
  try {
    const { keys, attributes, ...head } = await readServedParts(path);
    await post({ kind: 'head', head, attributes: [...attributes.keys()] }, true);
    const columns = [...attributes.values()];
    const step = Math.ceil(mostValues / (1 + columns.length));
    for (let row = 0; row < keys.length; row += step) {
      const values = columns.map((column) => column.slice(row, row + step));
      // oxlint-disable-next-line no-await-in-loop -- the next rows wait until these have been taken
      await post({ kind: 'rows', keys: keys.slice(row, row + step), attributes: values }, true);
    }
    await post({ kind: 'end' }, false);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await post({ kind: 'refused', sentence: error.message }, false);
  }
}
