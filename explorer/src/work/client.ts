/** Has a task done by a worker of its own, so that the page stays awake and any task can be stopped. */
import type { Answer, SpaceParts, Task } from './parts.js';

/** How far a task is. */
export type OnProgress = (step: string, share: number) => void;

/** How a task is watched. */
export interface TaskHooks {
  /** ends the worker; the promise rejects with the signal's reason */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** A task under way. */
export interface Busy {
  readonly step: string;
  readonly share: number;
  readonly stop: () => void;
}

/** Tasks that answer with an embedding. */
export type SpaceTask = Exclude<Task, { kind: 'save' | 'compare' }>;

/**
 * Runs a task that answers with an embedding.
 *
 * @throws Error whose message is one sentence for the reader of the page
 */
export async function runTask(task: SpaceTask, hooks: TaskHooks = {}): Promise<SpaceParts> {
  const answer = await run(task, hooks);
  if (answer.kind !== 'done') throw new Error('the worker of this page answered with something else');
  return answer.space;
}

/** Writes an embedding as its native file. @throws Error as `runTask` */
export async function runSave(task: Task & { kind: 'save' }, hooks: TaskHooks = {}): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await run(task, hooks);
  if (answer.kind !== 'saved') throw new Error('the worker of this page answered with something else');
  return answer.bytes;
}

/** Overlap@k of the categories of the first of two embeddings, see `overlapsOf`. @throws Error as `runTask` */
export async function runCompare(task: Task & { kind: 'compare' }, hooks: TaskHooks = {}): Promise<Float64Array> {
  const answer = await run(task, hooks);
  if (answer.kind !== 'compared') throw new Error('the worker of this page answered with something else');
  return answer.overlaps;
}

function run(task: Task, { signal, onProgress }: TaskHooks): Promise<Answer> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Answer>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      if (data.kind === 'progress') onProgress?.(data.step, data.share);
      else if (data.kind === 'failed') reject(new Error(data.sentence));
      else resolve(data);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      reject(new Error(event.message || 'the worker of this page could not be started'));
    });
    worker.postMessage(task);
  }).finally(() => worker.terminate());
}
