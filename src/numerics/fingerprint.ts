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
  const stream = new FingerprintStream();
  for (const part of parts) stream.add(part);
  return stream.digest();
}

/** The same of parts that come one after the other, texts in pieces. */
export class FingerprintStream {
  readonly #hash = Int32Array.of(0x9747_b28c | 0, 0x3c6e_f372);
  readonly #words = new Int32Array(4096);

  add(part: FingerprintPart): void {
    if (part === undefined) addWords(this.#hash, Int32Array.of(-1));
    else if (isText(part)) {
      this.beginTexts(part.length);
      this.addTexts(part);
    } else {
      addWords(this.#hash, Int32Array.of(part.byteLength / 4));
      addWords(this.#hash, new Int32Array(part.buffer, part.byteOffset, part.byteLength / 4));
    }
  }

  /** Begins a part of so many texts, which `addTexts` is then given. */
  beginTexts(count: number): void {
    addWords(this.#hash, Int32Array.of(count));
  }

  /** The length and the UTF-16 codes of each, block by block. */
  addTexts(texts: readonly string[]): void {
    const words = this.#words;
    let size = 0;
    for (const text of texts) {
      for (let i = -1; i < text.length; i++) {
        if (size === words.length) {
          addWords(this.#hash, words);
          size = 0;
        }
        words[size++] = i < 0 ? text.length : text.charCodeAt(i);
      }
    }
    addWords(this.#hash, words.subarray(0, size));
  }

  /**
   * The same of texts that stand behind each other in UTF-8, each after its length in 4 bytes, low byte first: those
   * of ASCII are not made.
   *
   * @returns how many there are
   * @throws RangeError where the last is cut short, TypeError where one is not UTF-8
   */
  addPlainTexts(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const words = this.#words;
    let count = 0;
    let size = 0;
    for (let at = 0; at < bytes.length; count++) {
      const start = at + 4;
      at = start + view.getUint32(at, true);
      if (at > bytes.length) throw new RangeError('a text is cut short');
      if (size + 1 + at - start > words.length || !isAscii(bytes, start, at)) {
        addWords(this.#hash, words.subarray(0, size));
        size = 0;
        this.addTexts([decoder.decode(bytes.subarray(start, at))]);
        continue;
      }
      words[size++] = at - start;
      for (let i = start; i < at; i++) words[size++] = bytes[i] ?? 0;
    }
    addWords(this.#hash, words.subarray(0, size));
    return count;
  }

  digest(): string {
    const [a = 0, b = 0] = this.#hash;
    return [mix(a), mix(b ^ a)].map((word) => word.toString(16).padStart(8, '0')).join('');
  }
}

// a byte order mark is part of a text
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] ?? 0) > 127) return false;
  return true;
}

/** Both streams in local variables, as a loop of its own: a third of the time of a closure that is called for each word. */
function addWords(hash: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0] = hash;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? 0;
    const k = Math.imul(word, 0xcc9e2d51);
    a ^= Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    const l = Math.imul(word ^ 0x5bd1e995, 0x239b961b);
    b ^= Math.imul((l << 17) | (l >>> 15), 0x38b34ae5);
    b = (Math.imul((b << 16) | (b >>> 16), 5) + 0x0bcaa747) | 0;
  }
  hash[0] = a;
  hash[1] = b;
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
