/** One worker thread, whatever the world it runs in. */

/** What one thread can be told. */
export interface WorkerThread {
  /** Calls a kernel export; at most one call at a time. */
  call(name: string, args: readonly number[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** How a thread starts in this world. */
export type StartThread = (module: WebAssembly.Module, memory: WebAssembly.Memory) => Promise<WorkerThread>;
