// MD5 of whole numbers' decimal texts, four side by side (Rivest 1992, RFC 1321; the plain one is src/numerics/md5.ts).

/**
 * Which of `shards` shards holds each of the keys first … first + count − 1: the first 32 bits of the MD5 of its text,
 * modulo their number.
 *
 * @param out u32 of each
 * @param texts room of 64 bytes, 16-byte aligned
 */
export function shardsOfWhole(first: i32, count: i32, shards: u32, out: usize, texts: usize): void {
  for (let i = 0; i < count; i += 4) {
    let bits = i32x4.splat(0);
    bits = i32x4.replace_lane(bits, 0, writeText(texts, first + i) << 3);
    bits = i32x4.replace_lane(bits, 1, writeText(texts + 16, first + i + 1) << 3);
    bits = i32x4.replace_lane(bits, 2, writeText(texts + 32, first + i + 2) << 3);
    bits = i32x4.replace_lane(bits, 3, writeText(texts + 48, first + i + 3) << 3);
    v128.store(texts, firstWords(texts, bits));
    const end = min(4, count - i);
    for (let lane = 0; lane < end; lane++) {
      const word = bswap(load<u32>(texts + ((<usize>lane) << 2)));
      store<u32>(out + ((<usize>(i + lane)) << 2), word % shards);
    }
  }
}

/** Writes a number within ±10⁹ as text, the bit that ends a message behind it, and zeros. @returns its bytes */
@inline
function writeText(at: usize, value: i32): i32 {
  v128.store(at, i32x4.splat(0));
  let size: i32 = value < 0 ? 1 : 0;
  if (value < 0) store<u8>(at, 0x2d);
  let rest: u32 = value < 0 ? -value : value;
  size++;
  for (let power: u32 = 10; power <= rest && power <= 1000000000; power *= 10) size++;
  store<u8>(at + size, 0x80);
  for (let i = size - 1; i >= (value < 0 ? 1 : 0); i--) {
    const tenth = rest / 10;
    store<u8>(at + i, <u8>(0x30 + rest - 10 * tenth));
    rest = tenth;
  }
  return size;
}

/** The first words of the digests of four texts of at most 15 bytes, whose last words are no more than their `bits`. */
@inline
function firstWords(texts: usize, bits: v128): v128 {
  const row0 = v128.load(texts),
    row1 = v128.load(texts, 16),
    row2 = v128.load(texts, 32),
    row3 = v128.load(texts, 48);
  const low01 = v128.shuffle<i32>(row0, row1, 0, 4, 1, 5),
    low23 = v128.shuffle<i32>(row2, row3, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(row0, row1, 2, 6, 3, 7),
    high23 = v128.shuffle<i32>(row2, row3, 2, 6, 3, 7);
  const m0 = v128.shuffle<i32>(low01, low23, 0, 1, 4, 5),
    m1 = v128.shuffle<i32>(low01, low23, 2, 3, 6, 7),
    m2 = v128.shuffle<i32>(high01, high23, 0, 1, 4, 5);
  let a = i32x4.splat(0x67452301),
    b = i32x4.splat(0xefcdab89),
    c = i32x4.splat(0x98badcfe),
    d = i32x4.splat(0x10325476);
  // the words of a message that are not named here are 0
  a = turned(a, choose(b, c, d), i32x4.add(m0, i32x4.splat(0xd76aa478)), 7, b);
  d = turned(d, choose(a, b, c), i32x4.add(m1, i32x4.splat(0xe8c7b756)), 12, a);
  c = turned(c, choose(d, a, b), i32x4.add(m2, i32x4.splat(0x242070db)), 17, d);
  b = turned(b, choose(c, d, a), i32x4.splat(0xc1bdceee), 22, c);
  a = turned(a, choose(b, c, d), i32x4.splat(0xf57c0faf), 7, b);
  d = turned(d, choose(a, b, c), i32x4.splat(0x4787c62a), 12, a);
  c = turned(c, choose(d, a, b), i32x4.splat(0xa8304613), 17, d);
  b = turned(b, choose(c, d, a), i32x4.splat(0xfd469501), 22, c);
  a = turned(a, choose(b, c, d), i32x4.splat(0x698098d8), 7, b);
  d = turned(d, choose(a, b, c), i32x4.splat(0x8b44f7af), 12, a);
  c = turned(c, choose(d, a, b), i32x4.splat(0xffff5bb1), 17, d);
  b = turned(b, choose(c, d, a), i32x4.splat(0x895cd7be), 22, c);
  a = turned(a, choose(b, c, d), i32x4.splat(0x6b901122), 7, b);
  d = turned(d, choose(a, b, c), i32x4.splat(0xfd987193), 12, a);
  c = turned(c, choose(d, a, b), i32x4.add(bits, i32x4.splat(0xa679438e)), 17, d);
  b = turned(b, choose(c, d, a), i32x4.splat(0x49b40821), 22, c);
  a = turned(a, chooseLast(b, c, d), i32x4.add(m1, i32x4.splat(0xf61e2562)), 5, b);
  d = turned(d, chooseLast(a, b, c), i32x4.splat(0xc040b340), 9, a);
  c = turned(c, chooseLast(d, a, b), i32x4.splat(0x265e5a51), 14, d);
  b = turned(b, chooseLast(c, d, a), i32x4.add(m0, i32x4.splat(0xe9b6c7aa)), 20, c);
  a = turned(a, chooseLast(b, c, d), i32x4.splat(0xd62f105d), 5, b);
  d = turned(d, chooseLast(a, b, c), i32x4.splat(0x02441453), 9, a);
  c = turned(c, chooseLast(d, a, b), i32x4.splat(0xd8a1e681), 14, d);
  b = turned(b, chooseLast(c, d, a), i32x4.splat(0xe7d3fbc8), 20, c);
  a = turned(a, chooseLast(b, c, d), i32x4.splat(0x21e1cde6), 5, b);
  d = turned(d, chooseLast(a, b, c), i32x4.add(bits, i32x4.splat(0xc33707d6)), 9, a);
  c = turned(c, chooseLast(d, a, b), i32x4.splat(0xf4d50d87), 14, d);
  b = turned(b, chooseLast(c, d, a), i32x4.splat(0x455a14ed), 20, c);
  a = turned(a, chooseLast(b, c, d), i32x4.splat(0xa9e3e905), 5, b);
  d = turned(d, chooseLast(a, b, c), i32x4.add(m2, i32x4.splat(0xfcefa3f8)), 9, a);
  c = turned(c, chooseLast(d, a, b), i32x4.splat(0x676f02d9), 14, d);
  b = turned(b, chooseLast(c, d, a), i32x4.splat(0x8d2a4c8a), 20, c);
  a = turned(a, parity(b, c, d), i32x4.splat(0xfffa3942), 4, b);
  d = turned(d, parity(a, b, c), i32x4.splat(0x8771f681), 11, a);
  c = turned(c, parity(d, a, b), i32x4.splat(0x6d9d6122), 16, d);
  b = turned(b, parity(c, d, a), i32x4.add(bits, i32x4.splat(0xfde5380c)), 23, c);
  a = turned(a, parity(b, c, d), i32x4.add(m1, i32x4.splat(0xa4beea44)), 4, b);
  d = turned(d, parity(a, b, c), i32x4.splat(0x4bdecfa9), 11, a);
  c = turned(c, parity(d, a, b), i32x4.splat(0xf6bb4b60), 16, d);
  b = turned(b, parity(c, d, a), i32x4.splat(0xbebfbc70), 23, c);
  a = turned(a, parity(b, c, d), i32x4.splat(0x289b7ec6), 4, b);
  d = turned(d, parity(a, b, c), i32x4.add(m0, i32x4.splat(0xeaa127fa)), 11, a);
  c = turned(c, parity(d, a, b), i32x4.splat(0xd4ef3085), 16, d);
  b = turned(b, parity(c, d, a), i32x4.splat(0x04881d05), 23, c);
  a = turned(a, parity(b, c, d), i32x4.splat(0xd9d4d039), 4, b);
  d = turned(d, parity(a, b, c), i32x4.splat(0xe6db99e5), 11, a);
  c = turned(c, parity(d, a, b), i32x4.splat(0x1fa27cf8), 16, d);
  b = turned(b, parity(c, d, a), i32x4.add(m2, i32x4.splat(0xc4ac5665)), 23, c);
  a = turned(a, mixOr(b, c, d), i32x4.add(m0, i32x4.splat(0xf4292244)), 6, b);
  d = turned(d, mixOr(a, b, c), i32x4.splat(0x432aff97), 10, a);
  c = turned(c, mixOr(d, a, b), i32x4.add(bits, i32x4.splat(0xab9423a7)), 15, d);
  b = turned(b, mixOr(c, d, a), i32x4.splat(0xfc93a039), 21, c);
  a = turned(a, mixOr(b, c, d), i32x4.splat(0x655b59c3), 6, b);
  d = turned(d, mixOr(a, b, c), i32x4.splat(0x8f0ccc92), 10, a);
  c = turned(c, mixOr(d, a, b), i32x4.splat(0xffeff47d), 15, d);
  b = turned(b, mixOr(c, d, a), i32x4.add(m1, i32x4.splat(0x85845dd1)), 21, c);
  a = turned(a, mixOr(b, c, d), i32x4.splat(0x6fa87e4f), 6, b);
  d = turned(d, mixOr(a, b, c), i32x4.splat(0xfe2ce6e0), 10, a);
  c = turned(c, mixOr(d, a, b), i32x4.splat(0xa3014314), 15, d);
  b = turned(b, mixOr(c, d, a), i32x4.splat(0x4e0811a1), 21, c);
  a = turned(a, mixOr(b, c, d), i32x4.splat(0xf7537e82), 6, b);
  d = turned(d, mixOr(a, b, c), i32x4.splat(0xbd3af235), 10, a);
  c = turned(c, mixOr(d, a, b), i32x4.add(m2, i32x4.splat(0x2ad7d2bb)), 15, d);
  b = turned(b, mixOr(c, d, a), i32x4.splat(0xeb86d391), 21, c);
  return i32x4.add(a, i32x4.splat(0x67452301));
}

/** One step: a sum, turned left by some bits, and added to another word. */
@inline
function turned(word: v128, mixed: v128, added: v128, by: i32, to: v128): v128 {
  const sum = i32x4.add(i32x4.add(word, mixed), added);
  return i32x4.add(to, v128.or(i32x4.shl(sum, by), i32x4.shr_u(sum, 32 - by)));
}

/** Of the first sixteen steps. */
@inline
function choose(x: v128, y: v128, z: v128): v128 {
  return v128.xor(z, v128.and(x, v128.xor(y, z)));
}

/** Of the next. */
@inline
function chooseLast(x: v128, y: v128, z: v128): v128 {
  return choose(z, x, y);
}

@inline
function parity(x: v128, y: v128, z: v128): v128 {
  return v128.xor(v128.xor(x, y), z);
}

/** Of the last. */
@inline
function mixOr(x: v128, y: v128, z: v128): v128 {
  return v128.xor(y, v128.or(x, v128.not(z)));
}
