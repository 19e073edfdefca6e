/** One worker thread, whatever the world it runs in. The package's condition `#thread` chooses thread-node or thread-web. */

/** Messages to one thread. */
export interface WorkerThread {
  /** Gives the thread its kernels and their memory: before the first call, and again where another memory takes its place. */
  load(module: WebAssembly.Module, memory: WebAssembly.Memory): void;
  /** Calls a kernel export; at most one call at a time. */
  call(name: string, args: readonly number[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** How a thread starts in this world: it is on its way when this returns. */
export type StartThread = () => WorkerThread;
