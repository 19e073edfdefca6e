/** Codes of events in blocks of one size: what threads hand to each other, and what files hold. */

/** Which numbers events have beside their two codes, and the range of the histories' keys. */
export interface CodedColumns {
  readonly hasTimes: boolean;
  readonly hasWeights: boolean;
  /** least and greatest key of a history; a code is the key less the least */
  readonly bounds: readonly [least: number, greatest: number];
}

/** Some events. */
export interface CodedBlock {
  readonly size: number;
  /** codes of category and history of each, side by side, as they are looked up together: shape [size, 2] or longer */
  readonly pairs: Int32Array;
  /** shape [size] or longer */
  readonly times: Float64Array | undefined;
  /** shape [size] or longer */
  readonly weights: Float64Array | undefined;
}

/** Bytes of an event. */
export function bytesPerEvent({ hasTimes, hasWeights }: CodedColumns): number {
  return 8 * (1 + Number(hasTimes) + Number(hasWeights));
}

/** Blocks of one size, one after the other, as they stand in files: in each the pairs, then times, then weights. */
export class CodedBlocks<Room extends ArrayBufferLike = ArrayBufferLike> {
  /** words of a block */
  readonly perBlock: number;
  /** pair i of a block is at 2 i and 2 i + 1 from where it begins */
  readonly words: Int32Array<Room>;
  readonly #doubles: Float64Array<Room>;
  readonly #columns: CodedColumns;
  readonly #events: number;

  /**
   * @param room - of `bytesOf` bytes
   * @param events - in each block
   */
  constructor(room: Room, events: number, columns: CodedColumns) {
    this.perBlock = (events * bytesPerEvent(columns)) / 4;
    this.words = new Int32Array(room);
    this.#doubles = new Float64Array(room);
    this.#columns = columns;
    this.#events = events;
  }

  bytes(index: number): Uint8Array<Room> {
    return new Uint8Array(this.words.buffer, 4 * index * this.perBlock, 4 * this.perBlock);
  }

  /** Views on a block. @param size - its events */
  block(index: number, size: number): CodedBlock {
    const { hasTimes, hasWeights } = this.#columns;
    const events = this.#events;
    const first = index * this.perBlock;
    const column = (place: number) =>
      this.#doubles.subarray(first / 2 + place * events, first / 2 + (place + 1) * events);
    return {
      size,
      pairs: this.words.subarray(first, first + 2 * events),
      times: hasTimes ? column(1) : undefined,
      weights: hasWeights ? column(1 + Number(hasTimes)) : undefined,
    };
  }

  /**
   * Writes the last numbers of an event, which few have.
   *
   * @param at - where its pair stands in the words
   */
  setMore(at: number, time: number | undefined, weight: number | undefined): void {
    const place = at / 2 + this.#events;
    if (time !== undefined) this.#doubles[place] = time;
    if (weight !== undefined) this.#doubles[time === undefined ? place : place + this.#events] = weight;
  }
}
