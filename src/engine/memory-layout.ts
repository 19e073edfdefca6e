/** Where everything stands in the shared memory: sizes, alignment, the 4 GiB limit. The only file that knows byte offsets. */
import { InputError } from '../checks.js';

/** Bytes that WebAssembly can address with 32 bits. */
export const MAX_MEMORY_BYTES = 65536 * 65536;

/** Region name → bytes. Regions follow each other in this order, each aligned to 64 bytes. */
export type RegionSizes = Readonly<Record<string, number>>;

/** Region name → address; a region of no bytes has address 0, which kernels read as absent. */
export interface MemoryLayout<Sizes extends RegionSizes> {
  readonly address: { readonly [Name in keyof Sizes]: number };
  readonly totalBytes: number;
}

/** Deals addresses to regions; the first 64 bytes stay unused, so that no region has address 0. */
export function layOutMemory<Sizes extends RegionSizes>(sizes: Sizes): MemoryLayout<Sizes> {
  let at = 64;
  const address: Record<string, number> = {};
  for (const [name, bytes] of Object.entries(sizes)) {
    address[name] = bytes === 0 ? 0 : at;
    at += Math.ceil(bytes / 64) * 64;
  }
  return { address: address as { readonly [Name in keyof Sizes]: number }, totalBytes: at };
}

/**
 * A shared memory of exactly the pages that a layout needs.
 *
 * @param arithmetic - how the largest part comes about, for the error: `2 × 4,000,000 × 160 × 4 bytes`
 * @param advice - what needs it and what to do about it, for the error
 * @throws InputError if it is beyond what WebAssembly can address, or the system has no room for it
 */
export function createSharedMemory(
  totalBytes: number,
  arithmetic: string,
  { work = 'training', remedy = 'lower dimension or raise minCount' } = {},
): WebAssembly.Memory {
  const need = `${work} needs ${formatBytes(totalBytes)} (${arithmetic})`;
  if (totalBytes > MAX_MEMORY_BYTES - 65536) {
    throw new InputError(`${need}, WebAssembly allows 4 GiB; ${remedy}`);
  }
  const pages = Math.ceil(totalBytes / 65536);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${need}, more than this machine can give; ${remedy}`);
  }
}

/** 1536 → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
