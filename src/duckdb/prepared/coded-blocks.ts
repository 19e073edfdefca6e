/** Codes of events in blocks of one size, column by column: what threads hand to each other, and what files hold. */
import type { Block } from '../events/group-events.js';

/** Which numbers events have beside their two codes, and the range of the histories' keys. */
export interface CodedColumns {
  readonly hasTimes: boolean;
  readonly hasWeights: boolean;
  /** least and greatest key of a history; a code is the key less the least */
  readonly bounds: readonly [least: number, greatest: number];
}

/** Bytes of an event. */
export function bytesPerEvent({ hasTimes, hasWeights }: CodedColumns): number {
  return 8 * (1 + Number(hasTimes) + Number(hasWeights));
}

/** Where the columns of a block stand in it, in numbers of their own size: those of 64 bits first. */
function layoutOf({ hasTimes, hasWeights }: CodedColumns, events: number) {
  const wide = Number(hasTimes) + Number(hasWeights);
  return {
    words: (2 + 2 * wide) * events,
    history: 2 * wide * events,
    category: (2 * wide + 1) * events,
    times: 0,
    weights: Number(hasTimes) * events,
  };
}

/** Blocks of one size, one after the other, as they stand in files. */
export class CodedBlocks<Room extends ArrayBufferLike = ArrayBufferLike> {
  readonly layout: ReturnType<typeof layoutOf>;
  readonly words: Int32Array<Room>;
  readonly doubles: Float64Array<Room>;
  readonly #columns: CodedColumns;
  readonly #events: number;

  /**
   * @param room - of `bytesOf` bytes
   * @param events - in each block
   */
  constructor(room: Room, events: number, columns: CodedColumns) {
    this.layout = layoutOf(columns, events);
    this.words = new Int32Array(room);
    this.doubles = new Float64Array(room);
    this.#columns = columns;
    this.#events = events;
  }

  bytes(index: number): Uint8Array<Room> {
    const { words } = this.layout;
    return new Uint8Array(this.words.buffer, 4 * index * words, 4 * words);
  }

  /** Views on a block. @param size - its events */
  block(index: number, size: number): Block {
    const { layout, words, doubles } = this;
    const first = index * layout.words;
    const part = <Numbers extends Int32Array | Float64Array>(numbers: Numbers, from: number) =>
      numbers.subarray(from, from + this.#events) as Numbers;
    return {
      size,
      history: part(words, first + layout.history),
      category: part(words, first + layout.category),
      times: this.#columns.hasTimes ? part(doubles, first / 2 + layout.times) : undefined,
      weights: this.#columns.hasWeights ? part(doubles, first / 2 + layout.weights) : undefined,
    };
  }

  /** Writes the last numbers of an event, which few have. */
  setMore(block: number, at: number, time: number | undefined, weight: number | undefined): void {
    const first = (block * this.layout.words) / 2 + at;
    if (time !== undefined) this.doubles[first + this.layout.times] = time;
    if (weight !== undefined) this.doubles[first + this.layout.weights] = weight;
  }
}
