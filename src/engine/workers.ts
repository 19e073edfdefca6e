/** Worker threads over one shared memory: start, call on all, first error, stop. What differs by world comes from `#thread`. */

import * as world from '#thread';
import { checkCall } from '../step.js';
import type { WorkerThread } from './worker-thread.js';

/** A team of threads that are given the same work at once. */
export interface Workers {
  readonly threads: number;
  /**
   * Calls the same export on every thread, with the thread's number as last argument; waits for all. Rejects with the
   * first error.
   */
  callAll(name: string, ...args: readonly number[]): Promise<void>;
  stop(): Promise<void>;
}

/** A team on its way, that does not know its work yet. */
export interface StartingWorkers {
  /** Gives the threads their kernels and their memory; again where another memory takes its place. */
  load(module: WebAssembly.Module, memory: WebAssembly.Memory): Workers;
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
  const starting = await beginWorkers(threads);
  return starting.load(module, memory);
}

/**
 * Starts threads while their work is still being prepared: a thread takes some 80 ms.
 *
 * @param threads - how many, ≥ 1
 */
export async function beginWorkers(threads: number): Promise<StartingWorkers> {
  const startThread = world.threadStarter(threads);
  const team = Array.from({ length: threads }, startThread);
  const workers = workersOf(team);
  return {
    load(module, memory) {
      for (const thread of team) thread.load(module, memory);
      return workers;
    },
    stop: () => workers.stop(),
  };
}

function workersOf(team: readonly WorkerThread[]): Workers {
  return {
    threads: team.length,
    async callAll(name, ...args) {
      await Promise.all(team.map((thread, number) => thread.call(name, [...args, number])));
    },
    async stop() {
      await Promise.all(team.map((thread) => thread.stop()));
    },
  };
}

/** Threads that this machine can run at once; 1 in a page that is not cross-origin isolated. */
export async function availableThreads(): Promise<number> {
  return world.availableThreads();
}

const aUrl = {
  what: 'the address of a script',
  is: (value: unknown) => typeof value === 'string' || value instanceof URL,
  isOptional: true,
};

/**
 * Names the script of the worker threads, for every step that starts threads from now on. Needed only where a bundler does not
 * place the script beside its own output: the package exports it as `category2vec/worker`.
 *
 * @param url - address of that script, or undefined for the one beside the library
 */
export function setWorkerUrl(url: string | URL | undefined): void {
  checkCall('setWorkerUrl(url)', { url: [url, aUrl] });
  world.setWorkerUrl(url);
}
