/** Worker threads over one shared memory: start, call on all, first error, stop. What differs between Node and the web is in two files. */

/** A team of threads that are given the same work at once. */
export interface Workers {
  readonly threads: number;
  /** Calls the same export on every thread, with the thread's number as last argument; waits for all. Rejects with the first error. */
  callAll(name: string, ...args: readonly number[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a team.
 *
 * @param threads - how many, ≥ 1
 */
export async function startWorkers(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  threads: number,
): Promise<Workers> {
  const { startThread } = isNode() ? await import('./thread-node.js') : await import('./thread-web.js');
  const team = await Promise.all(Array.from({ length: threads }, () => startThread(module, memory)));
  return {
    threads,
    async callAll(name, ...args) {
      await Promise.all(team.map((thread, number) => thread.call(name, [...args, number])));
    },
    async stop() {
      await Promise.all(team.map((thread) => thread.stop()));
    },
  };
}

/** Threads that this machine can run at once. */
export async function availableThreads(): Promise<number> {
  if (!isNode()) return globalThis.navigator.hardwareConcurrency;
  const { availableParallelism } = await import('./thread-node.js');
  return availableParallelism();
}

function isNode(): boolean {
  return 'process' in globalThis && typeof globalThis.process.versions?.node === 'string';
}
