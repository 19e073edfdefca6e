// One web worker: holds an instance of the kernels over the shared memory and calls the export that it is asked to call.

/** @type {WebAssembly.Exports | undefined} */
let kernels;

/** @typedef {{ module?: WebAssembly.Module, memory?: WebAssembly.Memory, name?: string, args?: number[] }} Message */

globalThis.addEventListener('message', (/** @type {MessageEvent<Message>} */ { data }) => {
  if (data.module !== undefined && data.memory !== undefined) {
    kernels = new WebAssembly.Instance(data.module, { env: { memory: data.memory } }).exports;
    return;
  }
  const call = kernels?.[data.name ?? ''];
  if (typeof call !== 'function') throw new Error(`kernels export no function ${data.name}`);
  globalThis.postMessage(call(...(data.args ?? [])));
});
