/** Reads versions on a thread of their own, which ends with it: meanwhile the event loop answers. */
import { Worker } from 'node:worker_threads';
import { InputError } from '../checks.js';
import type { Attribute } from '../embedding/attribute.js';
import { releaseMemorySoon } from './release-memory.js';
import { readServedParts, type ServedHead, type ServedParts } from './served-embedding.js';

/** A message of the thread: the head, then rows of keys and attributes, each answered before the next, then the end. */
export type ReadingMessage =
  | { readonly kind: 'head'; readonly head: ServedHead; readonly attributes: readonly string[] }
  | { readonly kind: 'rows'; readonly keys: readonly string[]; readonly attributes: readonly Attribute[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'refused'; readonly sentence: string };

/** The compiled thread; tests run the sources, which no thread can load, and read on their own. */
const script = import.meta.url.endsWith('.ts') ? undefined : new URL('./read-on-thread.js', import.meta.url);

/**
 * Reads an embedding; rows come a few thousand at a time, with a turn of the event loop between.
 *
 * @throws InputError as `readServedParts`
 */
export async function readServed(path: string): Promise<ServedParts> {
  if (script !== undefined) return readOn(script, path);
  releaseMemorySoon();
  return readServedParts(path);
}

function readOn(url: URL, path: string): Promise<ServedParts> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { workerData: path });
    const keys: string[] = [];
    const columns: [string, Attribute[number][]][] = [];
    let head: ServedHead | undefined;
    worker.on('message', (message: ReadingMessage) => {
      if (message.kind === 'end' || message.kind === 'refused') void worker.terminate();
      if (message.kind === 'refused') reject(new InputError(message.sentence));
      else if (message.kind === 'head') {
        head = message.head;
        for (const name of message.attributes) columns.push([name, []]);
      } else if (message.kind === 'rows') {
        keys.push(...message.keys);
        message.attributes.forEach((values, i) => columns[i]?.[1].push(...values));
      } else if (head !== undefined) resolve({ ...head, keys, attributes: new Map(columns) });
      if (message.kind === 'head' || message.kind === 'rows') setImmediate(() => worker.postMessage('next'));
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the thread that reads versions ended before it was done')));
  });
}
