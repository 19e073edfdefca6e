/** A WebAssembly memory laid out once for a job that runs on one thread: named parts, one after another. */
import { InputError } from '../checks.js';
import { compileKernels, instantiateKernels, type Kernels } from './kernels.js';

const pageBytes = 65_536;
const mostBytes = 65_536 * pageBytes;

/** Kernels with a memory of their own. */
export interface KernelMemory<Part extends string> {
  readonly kernels: Kernels;
  readonly buffer: ArrayBufferLike;
  /** where each part starts, in bytes; a multiple of 16 */
  readonly addresses: Readonly<Record<Part, number>>;
}

let compiled: WebAssembly.Module | undefined;

/**
 * Opens kernels over a new memory of zeros.
 *
 * @param parts - name → bytes
 * @throws InputError if the parts need more than the 4 GiB that WebAssembly allows
 */
export function openKernelMemory<Part extends string>(parts: Readonly<Record<Part, number>>): KernelMemory<Part> {
  const addresses: [string, number][] = [];
  // Address 0 stays unused, so that a forgotten address is seen as one.
  let end = 16;
  for (const [name, bytes] of Object.entries<number>(parts)) {
    addresses.push([name, end]);
    end += Math.ceil(bytes / 16) * 16;
  }
  if (end > mostBytes) {
    throw new InputError(
      `comparing these vectors needs ${(end / 2 ** 30).toFixed(1)} GiB (${Object.entries<number>(parts)
        .map(([name, bytes]) => `${name} ${bytes}`)
        .join(' + ')} bytes), WebAssembly allows 4 GiB; lower dimension or raise minCount`,
    );
  }
  const pages = Math.ceil(end / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  compiled ??= compileKernels();
  return {
    kernels: instantiateKernels(compiled, memory),
    buffer: memory.buffer,
    addresses: Object.fromEntries(addresses) as Record<Part, number>,
  };
}
