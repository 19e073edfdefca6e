/** How an instance of the kernels comes to be. They own no memory: everything is an address in the one they are given. */
import { kernelBinary } from './kernel-binary.js';
import type { Kernels } from './kernel-exports.js';

/** The compiled module; compile once and share it with worker threads. */
export function compileKernels(): WebAssembly.Module {
  const text = atob(kernelBinary);
  return new WebAssembly.Module(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
}

/**
 * An instance over a memory of the caller, who lays out every byte of it.
 *
 * @param memory - shared, with a maximum of at most 65,536 pages
 */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernels;
}
