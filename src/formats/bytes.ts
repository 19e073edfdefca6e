/** Bytes in parts: what every format is read from and written to, so that no file has to fit into one buffer or string. */
import { InputError } from '../checks.js';
import type { ArgumentKind } from '../step.js';

/** A file's contents: whole, or in parts of any size in order, such as a Node or a web stream. */
export type ByteSource = Uint8Array | SizedParts | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Parts of a file whose length is known: what its header claims is then checked before any memory is taken. */
export interface SizedParts {
  /** bytes of all parts */
  readonly size: number;
  readonly parts: AsyncIterable<Uint8Array>;
}

/** Bytes as the argument of a step. */
export const someParts: ArgumentKind = {
  what: 'the bytes of a file, a Uint8Array or its parts',
  is: (value) =>
    typeof value === 'object' &&
    value !== null &&
    ('parts' in value || Symbol.iterator in value || Symbol.asyncIterator in value),
};

/** Above this many numbers memory grows as they come, where it is not known how many there are. */
const firstNumbers = 2 ** 22;
/** Numbers that are read at once: no view of bytes may be longer than 4 GiB, and a matrix may. */
const numbersAtOnce = 2 ** 20;
/** The longest text that every engine can hold, in bytes that may be one character each. */
export const longestText = 2 ** 29 - 24;

/** Reads a source from front to back; what is buffered is read without waiting. */
export class ByteReader {
  /** bytes at hand; the next one to read is at `at` */
  bytes: Uint8Array = new Uint8Array();
  at = 0;
  #parts: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #isEnded = false;
  /** bytes that the source still has to give; undefined where it does not say */
  #remaining: number | undefined;

  constructor(source: ByteSource) {
    if (source instanceof Uint8Array) {
      this.#parts = [source][Symbol.iterator]();
      this.#remaining = source.length;
    } else if ('parts' in source) {
      this.#parts = source.parts[Symbol.asyncIterator]();
      this.#remaining = source.size;
    } else {
      this.#parts = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    }
  }

  /** How many bytes can be read without waiting. */
  get available(): number {
    return this.bytes.length - this.at;
  }

  /** Whether the source says that it has fewer bytes than that: then nothing needs to be kept ready for them. */
  hasFewerThan(count: number): boolean {
    return this.#remaining !== undefined && this.available + this.#remaining < count;
  }

  /** Whether the source says that it has more bytes than that. */
  hasMoreThan(count: number): boolean {
    return this.#remaining !== undefined && this.available + this.#remaining > count;
  }

  /** Waits until `count` bytes are available or the source ends; says whether they are. */
  async fill(count: number): Promise<boolean> {
    if (this.available >= count) return true;
    const parts = [this.bytes.subarray(this.at)];
    let total = this.available;
    while (total < count && !this.#isEnded) {
      const { done, value } = await this.#parts.next();
      if (done) this.#isEnded = true;
      else {
        parts.push(value);
        total += value.length;
        if (this.#remaining !== undefined) this.#remaining = Math.max(0, this.#remaining - value.length);
      }
    }
    this.bytes = concatenate(parts, total);
    this.at = 0;
    return total >= count;
  }

  /** The next `count` bytes, a view; undefined where the source ends before. */
  async read(count: number): Promise<Uint8Array | undefined> {
    if (this.hasFewerThan(count) || !(await this.fill(count))) return undefined;
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** Reads bytes into `target` until it is full; says whether it is. */
  async readInto(target: Uint8Array): Promise<boolean> {
    let written = 0;
    while (written < target.length) {
      if (this.available === 0 && !(await this.fill(1))) return false;
      const count = Math.min(this.available, target.length - written);
      target.set(this.bytes.subarray(this.at, this.at + count), written);
      this.at += count;
      written += count;
    }
    return true;
  }

  /** Passes over `count` bytes; says whether they were there. */
  async skip(count: number): Promise<boolean> {
    for (let left = count; left > 0;) {
      if (this.available === 0 && !(await this.fill(1))) return false;
      const step = Math.min(this.available, left);
      this.at += step;
      left -= step;
    }
    return true;
  }

  /**
   * The next `count` little-endian numbers, in memory that grows with what comes where it is not known how much will.
   *
   * @param Stored - how they lie in the file
   * @param newArray - makes an array of so many numbers; it may throw where there is no memory
   * @returns undefined where the source ends before
   */
  async readNumbers<Numbers extends Float32Array | Float64Array>(
    count: number,
    Stored: Float32ArrayConstructor | Float64ArrayConstructor,
    newArray: (length: number) => Numbers,
  ): Promise<Numbers | undefined> {
    if (this.hasFewerThan(count * Stored.BYTES_PER_ELEMENT)) return undefined;
    let numbers = newArray(this.#remaining === undefined ? Math.min(count, firstNumbers) : count);
    const block = new Stored(Math.min(count, numbersAtOnce));
    for (let start = 0; start < count; start += block.length) {
      const part = block.subarray(0, Math.min(block.length, count - start));
      if (!(await this.readInto(new Uint8Array(block.buffer, 0, part.byteLength)))) return undefined;
      if (start + part.length > numbers.length) {
        const larger = newArray(Math.min(count, numbers.length * 2));
        larger.set(numbers);
        numbers = larger;
      }
      numbers.set(part, start);
    }
    return numbers;
  }

  /**
   * The bytes up to the next `end` byte, which is passed over and not returned.
   *
   * @param limit - most bytes to look through
   * @param wrong - makes the error where `end` does not come: within `limit` bytes, or before the source is ended
   *   (`isCut`). Every program ends its last line, so that a missing end means a file cut short, maybe in the middle of a number.
   * @returns undefined where nothing is left
   */
  async readUntil(end: number, limit: number, wrong: (isCut: boolean) => InputError): Promise<Uint8Array | undefined> {
    let searched = 0;
    for (;;) {
      const found = this.bytes.indexOf(end, this.at + searched);
      if (found >= 0) {
        const line = this.bytes.subarray(this.at, found);
        this.at = found + 1;
        return line;
      }
      searched = this.available;
      if (searched > limit) throw wrong(false);
      // twice as much each time, so that a long line is copied a few times and not once for each part
      await this.fill(Math.min(Math.max(searched + 1, 2 * searched), limit + 1));
      if (this.available > searched) continue;
      if (searched === 0) return undefined;
      throw wrong(true);
    }
  }
}

function concatenate(parts: readonly Uint8Array[], total: number): Uint8Array {
  const filled = parts.filter((part) => part.length > 0);
  if (filled.length === 1 && filled[0] !== undefined) return filled[0];
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of filled) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Collects bytes and hands them out in parts of about 1 MiB. */
export class ByteWriter {
  bytes = new Uint8Array(2 ** 20);
  at = 0;
  readonly #encoder = new TextEncoder();

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }

  /** Adds text as UTF-8. */
  text(text: string): void {
    this.reserve(text.length * 3);
    this.at += this.#encoder.encodeInto(text, this.bytes.subarray(this.at)).written;
  }

  /** Adds bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Whether a part is worth handing out. */
  get isFull(): boolean {
    return this.at >= 2 ** 20 - 2 ** 14;
  }

  /** Everything collected since the last call, in memory of its own. */
  take(): Uint8Array {
    const part = this.bytes.slice(0, this.at);
    this.at = 0;
    return part;
  }
}

/** The bytes of some rows of a row-major matrix of floats, little-endian, a view. */
export function rowBytes(matrix: Float32Array, start: number, end: number): Uint8Array {
  return new Uint8Array(matrix.buffer, matrix.byteOffset + start * 4, (end - start) * 4);
}

/** The bytes of a matrix in parts of 1 MiB, each in memory of its own. */
export function* matrixParts(matrix: Float32Array): Generator<Uint8Array> {
  const step = 2 ** 18;
  for (let start = 0; start < matrix.length; start += step) {
    yield rowBytes(matrix, start, Math.min(matrix.length, start + step)).slice();
  }
}

/** All parts as one array: for small files and tests. */
export function joinParts(parts: Iterable<Uint8Array>): Uint8Array {
  const all = [...parts];
  return concatenate(
    all,
    all.reduce((sum, { length }) => sum + length, 0),
  );
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text from UTF-8 bytes, a byte order mark kept.
 *
 * @throws InputError from `wrong` where the bytes are not UTF-8
 */
export function textFromBytes(bytes: Uint8Array, wrong: () => InputError): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw wrong();
  }
}

/**
 * Reads everything that is left as text.
 *
 * @throws InputError from `wrong` where it is not UTF-8, and where it is too long for a string
 */
export async function readAllText(source: ByteSource, wrong: () => InputError): Promise<string> {
  const reader = new ByteReader(source);
  if (reader.hasMoreThan(longestText) || (await reader.fill(longestText + 1))) {
    throw new InputError(`a text of JSON or of keys must be shorter than ${longestText} bytes, got a longer one`);
  }
  return textFromBytes(reader.bytes.subarray(reader.at), wrong);
}
