// What chance means inside the kernels: the same streams as src/numerics/random.ts.

const TWO_TO_MINUS_32: f64 = 1.0 / 4294967296.0;

/** A stream of uniform 32-bit numbers (sfc32), in memory that the caller owns. */
@unmanaged
export class Random {
  a: u32;
  b: u32;
  c: u32;
  counter: u32;

  @inline
  start(seedLow: u32, seedHigh: u32, first: u32, second: u32, third: u32): void {
    this.a = mix(seedLow ^ mix(first + 0x9e3779b9));
    this.b = mix(seedHigh ^ mix(second + 0x85ebca6b));
    this.c = mix(third + 0xc2b2ae35);
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.next();
  }

  /** Next number in 0 … 2³² − 1. */
  @inline
  next(): u32 {
    const result = this.a + this.b + this.counter;
    this.counter += 1;
    this.a = this.b ^ (this.b >>> 9);
    this.b = this.c + (this.c << 3);
    this.c = rotl(this.c, 21) + result;
    return result;
  }

  /** Next number in [0, 1), a multiple of 2⁻³². */
  @inline
  uniform(): f64 {
    return <f64>this.next() * TWO_TO_MINUS_32;
  }

  /** Next whole number in 0 … n − 1. */
  @inline
  below(n: u32): u32 {
    return <u32>(<f64>this.next() * <f64>n * TWO_TO_MINUS_32);
  }
}

/** Scrambles 32 bits: the finalizer of MurmurHash3 (Appleby, public domain). */
export function mix(word: u32): u32 {
  let h = word;
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/**
 * Where a keyed permutation of 0 … size − 1 sends an index: a balanced Feistel network over the next power of four,
 * walked along its cycle until it lands inside (Black and Rogaway 2002). No table, any index in constant time.
 */
export function permuted(index: u32, size: u32, keyA: u32, keyB: u32): u32 {
  if (size < 2) return index;
  let halfBits: u32 = (33 - clz<u32>(size - 1)) >> 1;
  const mask: u32 = ((<u32>1) << halfBits) - 1;
  const rounds: u32 = halfBits < 3 ? 12 : 6;
  let at = index;
  do {
    let left = at >>> halfBits;
    let right = at & mask;
    for (let round: u32 = 0; round < rounds; round++) {
      const key = round & 1 ? keyB : keyA;
      const next = left ^ (mix(right + key + round * 0x9e3779b9) & mask);
      left = right;
      right = next;
    }
    at = (left << halfBits) | right;
  } while (at >= size);
  return at;
}
