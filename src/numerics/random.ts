/**
 * What chance means: one small generator of 32-bit numbers, the same stream as kernels/numerics/random.ts. sfc32,
 * Doty-Humphrey's PractRand.
 */

const twoToMinus32 = 1 / 4294967296;

/** A stream of uniform 32-bit numbers, fixed by its seed words. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * @param seed - a whole number from 0 to 2⁵³ − 1
   * @param stream - up to three 32-bit words that name an independent stream of this seed, such as (purpose, epoch, history)
   */
  constructor(seed: number, ...stream: readonly number[]) {
    const { low, high } = seedWords(seed);
    const [first = 0, second = 0, third = 0] = stream;
    this.#a = mix(low ^ mix(first + 0x9e3779b9));
    this.#b = mix(high ^ mix(second + 0x85ebca6b));
    this.#c = mix(third + 0xc2b2ae35);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** Next number in 0 … 2³² − 1. */
  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** Next number in [0, 1), a multiple of 2⁻³². */
  uniform(): number {
    return this.uint32() * twoToMinus32;
  }

  /** Next whole number in 0 … n − 1, n ≤ 2³²; the bias of at most n × 2⁻³² is accepted. */
  below(n: number): number {
    return Math.floor(this.uint32() * n * twoToMinus32);
  }
}

/** The two 32-bit words of a seed, a whole number from 0 to 2⁵³ − 1. */
export function seedWords(seed: number): { readonly low: number; readonly high: number } {
  return { low: seed >>> 0, high: Math.floor(seed / 4294967296) >>> 0 };
}

/** Scrambles 32 bits: the finalizer of MurmurHash3 (Appleby, public domain). */
export function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Shuffles an array in place, every order equally likely: Fisher and Yates. */
export function shuffle<Items extends Int32Array | Uint32Array | Float64Array>(items: Items, random: Random): Items {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = items[i] ?? 0;
    items[i] = items[j] ?? 0;
    items[j] = kept;
  }
  return items;
}

/**
 * Where a keyed permutation of 0 … size − 1 sends an index: a balanced Feistel network over the next power of four,
 * walked along its cycle until it lands inside (Black and Rogaway 2002). No table, any index in constant time; the twin
 * of kernels/numerics/random.ts.
 *
 * Six rounds leave the places of two neighbors up to 10 % from even where halves have two bits; twelve leave less than 1 %.
 */
export function permuted(index: number, size: number, keyA: number, keyB: number): number {
  if (size < 2) return index;
  const halfBits = (33 - Math.clz32(size - 1)) >>> 1;
  const mask = (1 << halfBits) - 1;
  const rounds = halfBits < 3 ? 12 : 6;
  let at = index;
  do {
    let left = at >>> halfBits;
    let right = at & mask;
    for (let round = 0; round < rounds; round++) {
      const key = round % 2 === 1 ? keyB : keyA;
      const next = left ^ (mix((right + key + Math.imul(round, 0x9e3779b9)) | 0) & mask);
      left = right;
      right = next;
    }
    at = ((left << halfBits) | right) >>> 0;
  } while (at >= size);
  return at;
}
