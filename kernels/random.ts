// What chance means inside the kernels: the same streams as src/numerics/random.ts.

/** Scrambles 32 bits: the finaliser of MurmurHash3 (Appleby, public domain). */
export function mix(word: u32): u32 {
  let h = word;
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}
