/** Kernels over a memory of their own, for a job that runs on the caller's thread. */
import type { Kernels } from './kernel-exports.js';
import { compileKernels, instantiateKernels } from './kernels.js';
import { createSharedMemory, MemoryLayout, Regions, type RegionSizes } from './memory-layout.js';

/** Kernels and the regions of their memory. */
export interface KernelMemory<Name extends string> {
  readonly kernels: Kernels;
  /** for threads that shall work on the same memory */
  readonly module: WebAssembly.Module;
  readonly regions: Regions<Name>;
}

let compiled: WebAssembly.Module | undefined;

/**
 * Opens kernels over a memory that another thread has laid out and filled.
 *
 * @param sizes - the ones that it was laid out by
 */
export function reopenKernelMemory<Name extends string>(
  memory: WebAssembly.Memory,
  sizes: RegionSizes<Name>,
): KernelMemory<Name> {
  compiled ??= compileKernels();
  const regions = new Regions(memory, new MemoryLayout(sizes));
  return { module: compiled, kernels: instantiateKernels(compiled, memory), regions };
}

/**
 * Opens kernels over a new memory of zeros.
 *
 * @param sizes - name → bytes
 * @throws InputError if that is more than the 4 GiB that WebAssembly allows, or than this machine can give
 */
export function openKernelMemory<Name extends string>(sizes: RegionSizes<Name>): KernelMemory<Name> {
  const layout = new MemoryLayout(sizes);
  const arithmetic = Object.entries<number>(sizes)
    .map(([name, bytes]) => `${name} ${bytes}`)
    .join(' + ');
  const memory = createSharedMemory(layout.totalBytes, `${arithmetic} bytes`, { work: 'comparing these vectors' });
  compiled ??= compileKernels();
  return { module: compiled, kernels: instantiateKernels(compiled, memory), regions: new Regions(memory, layout) };
}
