/**
 * A fingerprint of numbers and texts: equal contents have equal ones, others differ but for a chance of 2⁻⁶⁴. Not for
 * secrets.
 */
import { mix } from './random.js';

/** What a fingerprint can be taken of; undefined counts as something of its own. */
export type FingerprintPart = Int32Array | Uint32Array | Float32Array | Float64Array | readonly string[] | undefined;

/**
 * Two MurmurHash3 streams of 32 bits (Appleby, public domain) over the parts, their kinds and lengths.
 *
 * @returns 16 hexadecimal digits, the same on every little-endian machine
 */
export function fingerprint(...parts: readonly FingerprintPart[]): string {
  let a = 0x9747b28c;
  let b = 0x3c6ef372;
  const add = (word: number): void => {
    const k = Math.imul(word, 0xcc9e2d51);
    a ^= Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    const l = Math.imul(word ^ 0x5bd1e995, 0x239b961b);
    b ^= Math.imul((l << 17) | (l >>> 15), 0x38b34ae5);
    b = (Math.imul((b << 16) | (b >>> 16), 5) + 0x0bcaa747) | 0;
  };
  for (const part of parts) {
    if (part === undefined) {
      add(-1);
    } else if (isText(part)) {
      add(part.length);
      for (const text of part) {
        add(text.length);
        for (let i = 0; i < text.length; i++) add(text.charCodeAt(i));
      }
    } else {
      const words = new Int32Array(part.buffer, part.byteOffset, part.byteLength / 4);
      add(words.length);
      for (let i = 0; i < words.length; i++) add(words[i] ?? 0);
    }
  }
  return [mix(a), mix(b ^ a)].map((word) => word.toString(16).padStart(8, '0')).join('');
}

/**
 * The content id of what is described in JSON, and of numbers that stand beside it.
 *
 * @param description - an object that JSON can hold; its `contentId` is left out
 */
export function contentIdOfJson(description: object, ...beside: readonly FingerprintPart[]): string {
  const entries = Object.entries(description).filter(([name]) => name !== 'contentId');
  return fingerprint([JSON.stringify(Object.fromEntries(entries))], ...beside);
}

function isText(part: Exclude<FingerprintPart, undefined>): part is readonly string[] {
  return Array.isArray(part);
}
