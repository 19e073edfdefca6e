/** Where everything stands in the shared memory: sizes, alignment, the 4 GiB limit. The only file that knows byte offsets. */
import { InputError, named, sentence } from '../checks.js';

/** Bytes that WebAssembly can address with 32 bits. */
export const MAX_MEMORY_BYTES = 65536 * 65536;

/** Region name → bytes. Regions follow each other in this order, each aligned to 64 bytes. */
export type RegionSizes<Name extends string = string> = Readonly<Record<Name, number>>;

/** Where each region starts. */
export class MemoryLayout<Name extends string = string> {
  readonly totalBytes: number;
  readonly #places: ReadonlyMap<string, { readonly address: number; readonly bytes: number }>;

  /** Deals addresses to regions; the first 64 bytes stay unused, so that no region has address 0. */
  constructor(sizes: RegionSizes<Name>) {
    let at = 64;
    const places = new Map<string, { readonly address: number; readonly bytes: number }>();
    for (const [name, bytes] of Object.entries<number>(sizes)) {
      places.set(name, { address: bytes === 0 ? 0 : at, bytes });
      at += Math.ceil(bytes / 64) * 64;
    }
    this.#places = places;
    this.totalBytes = at;
  }

  /**
   * Address and bytes of a region; one of no bytes has address 0, which kernels read as absent.
   *
   * @throws Error if it was not laid out
   */
  place(name: Name): { readonly address: number; readonly bytes: number } {
    const place = this.#places.get(name);
    if (place === undefined) throw new Error(`the memory has no region ${name}`);
    return place;
  }

  /** Addresses of the regions whose names begin with a prefix, by the rest of the name. */
  addressesUnder(prefix: string): Readonly<Record<string, number>> {
    const own = [...this.#places].filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(own.map(([name, { address }]) => [name.slice(prefix.length), address]));
  }
}

/** A memory with its regions: addresses for the kernels, views for the host. */
export class Regions<Name extends string = string> {
  readonly memory: WebAssembly.Memory;
  readonly #layout: MemoryLayout;
  readonly #prefix: string;

  constructor(memory: WebAssembly.Memory, layout: MemoryLayout<Name>, prefix = '') {
    this.memory = memory;
    this.#layout = layout;
    this.#prefix = prefix;
  }

  /** The regions whose sizes `partSizes` put under a name. */
  part<Inner extends string>(name: string): Regions<Inner> {
    return new Regions<Inner>(this.memory, this.#layout, `${this.#prefix}${name}.`);
  }

  /** Where a region starts; 0 for one of no bytes. @throws Error if it was not laid out */
  address(name: Name): number {
    return this.#place(name).address;
  }

  /** Addresses of all regions, by name. */
  addresses(): Readonly<Record<Name, number>> {
    return this.#layout.addressesUnder(this.#prefix);
  }

  /** @param length - numbers of the view; default: as many as the region holds */
  f32(name: Name, length?: number): Float32Array {
    return this.#view(Float32Array, name, length);
  }

  /** As `f32`. */
  f64(name: Name, length?: number): Float64Array {
    return this.#view(Float64Array, name, length);
  }

  /** As `f32`. */
  i8(name: Name, length?: number): Int8Array {
    return this.#view(Int8Array, name, length);
  }

  /** As `f32`. */
  i16(name: Name, length?: number): Int16Array {
    return this.#view(Int16Array, name, length);
  }

  /** As `f32`. */
  i32(name: Name, length?: number): Int32Array {
    return this.#view(Int32Array, name, length);
  }

  /** As `f32`. */
  u32(name: Name, length?: number): Uint32Array {
    return this.#view(Uint32Array, name, length);
  }

  /** Copies numbers to the start of a region; does nothing where there are none. */
  write(name: Name, from: Int32Array | Uint32Array | Float32Array | undefined): void {
    if (from === undefined || from.length === 0) return;
    this.#view(Uint8Array, name, from.byteLength).set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength));
  }

  #place(name: Name): { readonly address: number; readonly bytes: number } {
    return this.#layout.place(`${this.#prefix}${name}`);
  }

  #view<View>(
    Kind: { new (buffer: ArrayBufferLike, address: number, length: number): View; readonly BYTES_PER_ELEMENT: number },
    name: Name,
    length?: number,
  ): View {
    const { address, bytes } = this.#place(name);
    const most = Math.floor(bytes / Kind.BYTES_PER_ELEMENT);
    if (length !== undefined && length > most) throw new Error(`region ${name} holds ${most} numbers, not ${length}`);
    return new Kind(this.memory.buffer, address, length ?? most);
  }
}

/** Sizes of regions under a common name, which `Regions.part` opens again. */
export function partSizes(name: string, sizes: RegionSizes): RegionSizes {
  return Object.fromEntries(Object.entries(sizes).map(([inner, bytes]) => [`${name}.${inner}`, bytes]));
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
  { work = 'training', remedy = sentence`lower ${named('dimension')} or raise ${named('minCount')}` } = {},
): WebAssembly.Memory {
  const need = `${work} needs ${formatBytes(totalBytes)} (${arithmetic})`;
  if (totalBytes > MAX_MEMORY_BYTES - 65536) {
    throw new InputError(sentence`${need}, WebAssembly allows 4 GiB; ${remedy}`);
  }
  const pages = Math.ceil(totalBytes / 65536);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(sentence`${need}, more than this machine can give; ${remedy}`);
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
