/** Has a task done by a worker of its own, so that the page stays awake and any task can be stopped. */
import type { Answer, SpaceParts, Task } from './parts.js';

/** How far a task is. */
export type OnProgress = (step: string, share: number) => void;

/**
 * Runs a task.
 *
 * @param signal - ends the worker; the promise rejects with the signal's reason
 * @throws Error whose message is one sentence for the reader of the page
 */
export function runTask(
  task: Task,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: OnProgress } = {},
): Promise<SpaceParts> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise<SpaceParts>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      if (data.kind === 'progress') onProgress?.(data.step, data.share);
      else if (data.kind === 'done') resolve(data.space);
      else reject(new Error(data.sentence));
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      reject(new Error(event.message || 'the worker of this page could not be started'));
    });
    worker.postMessage(task);
  }).finally(() => worker.terminate());
}
