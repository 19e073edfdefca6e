/** Jobs that do not need each other, some at a time. */

/** One of them. @param stopping - raised when another has failed, or by the caller's signal */
export type Job<Result> = (stopping: AbortSignal) => Promise<Result>;

/**
 * Runs jobs, begun in their order, at most `most` at once.
 *
 * @param most - ≥ 1
 * @returns what each gave, in the order of the jobs
 * @throws the first error of a job, when those under way have stopped
 */
export async function sideBySide<Result>(
  jobs: readonly Job<Result>[],
  { most, signal }: { readonly most: number; readonly signal?: AbortSignal | undefined },
): Promise<Result[]> {
  const results: Result[] = [];
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  let failure: { readonly error: unknown } | undefined;
  let begun = 0;
  const work = async (): Promise<void> => {
    while (begun < jobs.length && failure === undefined) {
      const index = begun++;
      try {
        signal?.throwIfAborted();
        const result = await jobs[index]?.(stopping.signal);
        if (result !== undefined) results[index] = result;
      } catch (error) {
        failure ??= { error };
        stopping.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: most }, work));
  signal?.removeEventListener('abort', stop);
  if (failure !== undefined) throw failure.error;
  return results;
}
