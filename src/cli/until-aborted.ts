/** Waiting for Ctrl-C, for commands that go on until then. */

/** Resolves when the signal is raised. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
