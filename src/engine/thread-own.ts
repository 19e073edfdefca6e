/** A thread that is none: the caller's own, where memory cannot be shared. */
import type { StartThread } from './worker-thread.js';

/** Calls the kernels where it stands; between calls, the page gets its turn. */
export const startThread: StartThread = () => {
  let kernels: WebAssembly.Exports = {};
  return {
    load: (module, memory) => {
      kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
    },
    call: async (name, args) => {
      await new Promise((resolve) => {
        setTimeout(resolve, 0);
      });
      const call = kernels[name];
      if (typeof call !== 'function') throw new Error(`kernels export no function ${name}`);
      const result: unknown = call(...args);
      return result;
    },
    stop: () => Promise.resolve(),
  };
};
