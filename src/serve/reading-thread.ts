/** Reads versions on a thread of their own, which ends with it: meanwhile the event loop answers. */
import { Worker } from 'node:worker_threads';
import { InputError } from '../checks.js';
import type { Attribute } from '../embedding/attribute.js';
import { releaseMemorySoon } from './release-memory.js';
import { readServedModelParts, type ServedModelHead, type ServedModelParts } from './served-click-model.js';
import { readServedParts, type OpenOptions, type ServedHead, type ServedParts } from './served-embedding.js';

/** What the thread reads. */
export interface ReadingTask extends OpenOptions {
  readonly kind: 'embedding' | 'click model';
  readonly path: string;
}

/** What the thread hands over: a head at once, and lists a few thousand values at a time, whatever their lengths. */
export interface Handed<Head> {
  readonly head: Head;
  readonly texts: readonly (readonly string[])[];
  readonly columns: readonly Attribute[];
}

/** A head and the names of the attributes that follow as columns. */
export interface HandedEmbedding extends ServedHead {
  readonly names: readonly string[];
}

/** A message of the thread: the head, then rows of its lists, each answered before the next, then the end. */
export type ReadingMessage<Head> =
  | { readonly kind: 'head'; readonly head: Head; readonly texts: number; readonly columns: number }
  | ({ readonly kind: 'rows' } & Omit<Handed<Head>, 'head'>)
  | { readonly kind: 'end' }
  | { readonly kind: 'refused'; readonly sentence: string };

/** The compiled thread; tests run the sources, which no thread can load, and read on their own. */
const script = import.meta.url.endsWith('.ts') ? undefined : new URL('./read-on-thread.js', import.meta.url);

/** Reads an embedding. @throws InputError as `readServedParts` */
export async function readServed(path: string, options: OpenOptions = {}): Promise<ServedParts> {
  if (script === undefined) return readHere(async () => readServedParts(path, options), path);
  const { head, texts, columns } = await readOn<HandedEmbedding>(script, { kind: 'embedding', path, ...options });
  const { names, ...own } = head;
  return { ...own, keys: texts[0] ?? [], attributes: new Map(names.map((name, i) => [name, columns[i] ?? []])) };
}

/** Reads a click model. @throws InputError as `readServedModelParts` */
export async function readServedModel(path: string): Promise<ServedModelParts> {
  if (script === undefined) return readHere(readServedModelParts, path);
  const { head, texts } = await readOn<ServedModelHead>(script, { kind: 'click model', path });
  return { ...head, keys: texts };
}

async function readHere<Parts>(read: (path: string) => Promise<Parts>, path: string): Promise<Parts> {
  releaseMemorySoon();
  return read(path);
}

/** The lists come with a turn of the event loop between. */
function readOn<Head>(url: URL, task: ReadingTask): Promise<Handed<Head>> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { workerData: task });
    let texts: string[][] = [];
    let columns: Attribute[number][][] = [];
    let head: { readonly own: Head } | undefined;
    worker.on('message', (message: ReadingMessage<Head>) => {
      if (message.kind === 'end' || message.kind === 'refused') {
        void worker.terminate();
        releaseMemorySoon();
      }
      if (message.kind === 'refused') reject(new InputError(message.sentence));
      else if (message.kind === 'head') {
        head = { own: message.head };
        texts = Array.from({ length: message.texts }, () => []);
        columns = Array.from({ length: message.columns }, () => []);
      } else if (message.kind === 'rows') {
        message.texts.forEach((values, i) => texts[i]?.push(...values));
        message.columns.forEach((values, i) => columns[i]?.push(...values));
      } else if (head !== undefined) resolve({ head: head.own, texts, columns });
      if (message.kind === 'head' || message.kind === 'rows') setImmediate(() => worker.postMessage('next'));
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the thread that reads versions ended before it was done')));
  });
}
