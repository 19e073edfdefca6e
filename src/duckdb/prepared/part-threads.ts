/** Parts of a log → shards, two parts at a time, each on a thread of its own. */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { syncFile } from '../../files/atomic-file.js';
import { writePart, type CodedLog, type PartTask, type WrittenPart } from './write-part.js';

/** The compiled thread; tests run the sources, which no thread can load, and write on their own. */
const script = import.meta.url.endsWith('.ts') ? undefined : new URL('./write-part-on-thread.js', import.meta.url);

/** Each holds a part. */
const mostThreads = 2;

/** What is told and asked while parts are written. */
export interface WritePartsHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onWritten: (written: WrittenPart, task: PartTask) => void;
}

/** Writes a shard for each part, makes it durable while others are written, and removes the part's files. */
export async function writeCodedParts(
  tasks: readonly PartTask[],
  log: CodedLog,
  { signal, onWritten }: WritePartsHooks,
): Promise<void> {
  const syncing: Promise<void>[] = [];
  const onWrittenOne: WritePartsHooks['onWritten'] = (written, task) => {
    const synced = syncFile(task.path);
    // nobody may be waiting
    synced.catch(() => undefined);
    syncing.push(synced);
    onWritten(written, task);
  };
  try {
    await writeAll(tasks, log, { signal, onWritten: onWrittenOne });
  } catch (error) {
    // a file that is open cannot be removed everywhere
    await Promise.allSettled(syncing);
    throw error;
  }
  await Promise.all(syncing);
}

async function writeAll(
  tasks: readonly PartTask[],
  log: CodedLog,
  { signal, onWritten }: WritePartsHooks,
): Promise<void> {
  const left = tasks.values();
  const work = async (write: (task: PartTask) => Promise<WrittenPart>): Promise<void> => {
    // shared by all, so that each takes the next part that nobody has taken
    for (const task of left) {
      signal?.throwIfAborted();
      // oxlint-disable-next-line no-await-in-loop -- memory holds a part of each thread
      const written = await write(task);
      // oxlint-disable-next-line no-await-in-loop -- before the next one takes room on the disk
      for (const { path } of task.part.files) await rm(path, { force: true });
      onWritten(written, task);
    }
  };
  const here = (task: PartTask): Promise<WrittenPart> => writePart(task, log);
  const count = Math.min(mostThreads, availableParallelism(), tasks.length);
  if (script === undefined || count < 2) return work(here);
  const threads = Array.from({ length: count }, () => startThread(script, log));
  const stop = (): void => threads.forEach((thread) => thread.stop());
  signal?.addEventListener('abort', stop);
  let isOver = false;
  try {
    await Promise.all(
      threads.map((thread) =>
        work((task) =>
          thread.write(task).catch((error: unknown) => {
            signal?.throwIfAborted();
            if (isOver) throw error;
            // what stopped a thread is met again here, where it can be said in full
            return here(task);
          }),
        ),
      ),
    );
  } finally {
    isOver = true;
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

function startThread(url: URL, log: CodedLog) {
  const worker = new Worker(url, { workerData: log });
  const ended = new Promise<never>((_, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the thread that writes parts ended before it was done')));
  });
  // nobody may be waiting
  ended.catch(() => undefined);
  return {
    write: (task: PartTask): Promise<WrittenPart> => {
      const written = new Promise<WrittenPart>((resolve) => {
        worker.once('message', resolve);
      });
      worker.postMessage(task);
      return Promise.race([written, ended]);
    },
    stop: () => void worker.terminate(),
  };
}
