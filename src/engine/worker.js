// One worker thread in Node: holds an instance of the kernels over the shared memory and calls the export that it is
// asked to call.
import { parentPort } from 'node:worker_threads';

/** @type {WebAssembly.Exports | undefined} */
let kernels;

/** @typedef {{ module?: WebAssembly.Module, memory?: WebAssembly.Memory, name?: string, args?: number[] }} Message */

parentPort?.on('message', (/** @type {Message} */ { module, memory, name, args }) => {
  if (module !== undefined && memory !== undefined) {
    kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
    return;
  }
  const call = kernels?.[name ?? ''];
  if (typeof call !== 'function') throw new Error(`kernels export no function ${name}`);
  parentPort?.postMessage(call(...(args ?? [])));
});
