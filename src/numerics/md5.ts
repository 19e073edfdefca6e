/** MD5: the hash that this program, DuckDB and Spark compute alike; for drawing lots, not for secrets. Rivest 1992, RFC 1321. */

/**
 * Writes the MD5 of some bytes as four words; digests compare by their bytes as these words do, one after another.
 *
 * @param bytes - the message stands in front
 * @param size - bytes of the message
 * @param words - receives the digest, its bytes read as big-endian words, at `at` … `at` + 3
 */
export function md5Words(bytes: Uint8Array, size: number, words: Uint32Array, at: number): void {
  // each by itself: `set` and `fill` take longer on so few
  for (let i = 0; i < 4; i++) state[i] = initialState[i] ?? 0;
  let start = 0;
  for (; start + 64 <= size; start += 64) {
    readBlock(bytes, start, 64);
    mixBlock();
  }
  readBlock(bytes, start, size - start);
  setByte(size - start, 0x80);
  if (size - start > 55) {
    mixBlock();
    block.fill(0);
  }
  block[14] = size << 3;
  block[15] = size >>> 29;
  mixBlock();
  for (let i = 0; i < 4; i++) words[at + i] = swapped(state[i] ?? 0);
}

// used again by each call, as two small arrays take longer to make than a digest
const state = new Int32Array(4);
const block = new Int32Array(16);

const initialState = Int32Array.of(0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476);

/** ⌊2³² · |sin i|⌋ for i from 1 to 64 */
const sines = Int32Array.of(
  0xd76a_a478,
  0xe8c7_b756,
  0x2420_70db,
  0xc1bd_ceee,
  0xf57c_0faf,
  0x4787_c62a,
  0xa830_4613,
  0xfd46_9501,
  0x6980_98d8,
  0x8b44_f7af,
  0xffff_5bb1,
  0x895c_d7be,
  0x6b90_1122,
  0xfd98_7193,
  0xa679_438e,
  0x49b4_0821,
  0xf61e_2562,
  0xc040_b340,
  0x265e_5a51,
  0xe9b6_c7aa,
  0xd62f_105d,
  0x0244_1453,
  0xd8a1_e681,
  0xe7d3_fbc8,
  0x21e1_cde6,
  0xc337_07d6,
  0xf4d5_0d87,
  0x455a_14ed,
  0xa9e3_e905,
  0xfcef_a3f8,
  0x676f_02d9,
  0x8d2a_4c8a,
  0xfffa_3942,
  0x8771_f681,
  0x6d9d_6122,
  0xfde5_380c,
  0xa4be_ea44,
  0x4bde_cfa9,
  0xf6bb_4b60,
  0xbebf_bc70,
  0x289b_7ec6,
  0xeaa1_27fa,
  0xd4ef_3085,
  0x0488_1d05,
  0xd9d4_d039,
  0xe6db_99e5,
  0x1fa2_7cf8,
  0xc4ac_5665,
  0xf429_2244,
  0x432a_ff97,
  0xab94_23a7,
  0xfc93_a039,
  0x655b_59c3,
  0x8f0c_cc92,
  0xffef_f47d,
  0x8584_5dd1,
  0x6fa8_7e4f,
  0xfe2c_e6e0,
  0xa301_4314,
  0x4e08_11a1,
  0xf753_7e82,
  0xbd3a_f235,
  0x2ad7_d2bb,
  0xeb86_d391,
);

/** Bytes as little-endian words, zeros behind them. */
function readBlock(bytes: Uint8Array, start: number, size: number): void {
  for (let i = 0; i < 16; i++) block[i] = 0;
  const whole = size & ~3;
  for (let i = 0; i < whole; i += 4) {
    const at = start + i;
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    block[i >> 2] = low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  }
  for (let i = whole; i < size; i++) setByte(i, bytes[start + i] ?? 0);
}

function setByte(i: number, byte: number): void {
  block[i >> 2] = (block[i >> 2] ?? 0) | (byte << ((i & 3) << 3));
}

function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** One step of a round: sum of four words, turned left. */
function turned(sum: number, by: number): number {
  return (sum << by) | (sum >>> (32 - by));
}

/** The compression function: four rounds of sixteen steps over the block. */
function mixBlock(): void {
  const m = block;
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  for (let i = 0; i < 16; i += 4) {
    a = (b + turned((a + (d ^ (b & (c ^ d))) + (m[i] ?? 0) + (sines[i] ?? 0)) | 0, 7)) | 0;
    d = (a + turned((d + (c ^ (a & (b ^ c))) + (m[i + 1] ?? 0) + (sines[i + 1] ?? 0)) | 0, 12)) | 0;
    c = (d + turned((c + (b ^ (d & (a ^ b))) + (m[i + 2] ?? 0) + (sines[i + 2] ?? 0)) | 0, 17)) | 0;
    b = (c + turned((b + (a ^ (c & (d ^ a))) + (m[i + 3] ?? 0) + (sines[i + 3] ?? 0)) | 0, 22)) | 0;
  }
  for (let i = 16; i < 32; i += 4) {
    a = (b + turned((a + (c ^ (d & (b ^ c))) + (m[(5 * i + 1) & 15] ?? 0) + (sines[i] ?? 0)) | 0, 5)) | 0;
    d = (a + turned((d + (b ^ (c & (a ^ b))) + (m[(5 * i + 6) & 15] ?? 0) + (sines[i + 1] ?? 0)) | 0, 9)) | 0;
    c = (d + turned((c + (a ^ (b & (d ^ a))) + (m[(5 * i + 11) & 15] ?? 0) + (sines[i + 2] ?? 0)) | 0, 14)) | 0;
    b = (c + turned((b + (d ^ (a & (c ^ d))) + (m[(5 * i) & 15] ?? 0) + (sines[i + 3] ?? 0)) | 0, 20)) | 0;
  }
  for (let i = 32; i < 48; i += 4) {
    a = (b + turned((a + (b ^ c ^ d) + (m[(3 * i + 5) & 15] ?? 0) + (sines[i] ?? 0)) | 0, 4)) | 0;
    d = (a + turned((d + (a ^ b ^ c) + (m[(3 * i + 8) & 15] ?? 0) + (sines[i + 1] ?? 0)) | 0, 11)) | 0;
    c = (d + turned((c + (d ^ a ^ b) + (m[(3 * i + 11) & 15] ?? 0) + (sines[i + 2] ?? 0)) | 0, 16)) | 0;
    b = (c + turned((b + (c ^ d ^ a) + (m[(3 * i + 14) & 15] ?? 0) + (sines[i + 3] ?? 0)) | 0, 23)) | 0;
  }
  for (let i = 48; i < 64; i += 4) {
    a = (b + turned((a + (c ^ (b | ~d)) + (m[(7 * i) & 15] ?? 0) + (sines[i] ?? 0)) | 0, 6)) | 0;
    d = (a + turned((d + (b ^ (a | ~c)) + (m[(7 * i + 7) & 15] ?? 0) + (sines[i + 1] ?? 0)) | 0, 10)) | 0;
    c = (d + turned((c + (a ^ (d | ~b)) + (m[(7 * i + 14) & 15] ?? 0) + (sines[i + 2] ?? 0)) | 0, 15)) | 0;
    b = (c + turned((b + (d ^ (c | ~a)) + (m[(7 * i + 5) & 15] ?? 0) + (sines[i + 3] ?? 0)) | 0, 21)) | 0;
  }
  state[0] = ((state[0] ?? 0) + a) | 0;
  state[1] = ((state[1] ?? 0) + b) | 0;
  state[2] = ((state[2] ?? 0) + c) | 0;
  state[3] = ((state[3] ?? 0) + d) | 0;
}
