// One worker thread in Node: holds an instance of the kernels over the shared memory and calls the export it is told to.
import { parentPort, workerData } from 'node:worker_threads';

/** @typedef {{ module: WebAssembly.Module, memory: WebAssembly.Memory }} Setup */

const { module, memory } = /** @type {Setup} */ (workerData);
const { exports } = new WebAssembly.Instance(module, { env: { memory } });

parentPort?.on('message', (/** @type {{ name: string, args: number[] }} */ { name, args }) => {
  const call = exports[name];
  if (typeof call !== 'function') throw new Error(`kernels export no function ${name}`);
  parentPort?.postMessage(call(...args));
});
