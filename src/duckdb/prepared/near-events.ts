/**
 * Codes of events, those of near histories side by side: whoever deals them, or counts them by history, finds what it
 * looks up in the cache.
 */
import { bytesPerEvent, CodedBlocks, type CodedBlock, type CodedColumns } from './coded-blocks.js';

const bytesPerBlock = 131_072;
const mostGroups = 256;
/** Blocks that wait for being dealt, or are. */
const spareBlocks = 32;

/** Room for the events of each group, and for those that are dealt meanwhile; a thread can be told of it. */
export interface NearRoom {
  readonly room: SharedArrayBuffer;
  readonly columns: CodedColumns;
  /** events in a block */
  readonly events: number;
  readonly groups: number;
  /** code → group of near histories */
  readonly shift: number;
}

/** Events of one group. */
export interface NearBlock {
  readonly block: number;
  readonly group: number;
  readonly size: number;
}

/** Makes room. @param bytes - of a block; tests have small ones */
export function nearRoom(columns: CodedColumns, bytes = bytesPerBlock, spare = spareBlocks): NearRoom {
  const [least, greatest] = columns.bounds;
  const range = greatest - least + 1;
  const shift = Math.max(0, Math.ceil(Math.log2(range / mostGroups)));
  const groups = Math.ceil(range / 2 ** shift);
  const events = Math.floor(bytes / bytesPerEvent(columns));
  const room = new SharedArrayBuffer((groups + spare) * events * bytesPerEvent(columns));
  return { room, columns, events, groups, shift };
}

/** Gathers events, and hands over the blocks that are full. */
export class NearEvents {
  readonly #blocks: CodedBlocks;
  readonly #events: number;
  readonly #shift: number;
  readonly #hand: (full: NearBlock) => void;
  /** block of each group */
  readonly #blockOf: Int32Array;
  /** where the next pair of each group goes in the words */
  readonly #next: Uint32Array;
  /** where the last pair goes of which there is room */
  readonly #last: Uint32Array;
  readonly #free: number[] = [];
  /** a group whose block was handed over, and that has no other yet */
  #waits: number | undefined;

  /** @param hand - given a block, which is written again after `free` */
  constructor({ room, columns, events, groups, shift }: NearRoom, hand: (full: NearBlock) => void) {
    this.#blocks = new CodedBlocks(room, events, columns);
    this.#events = events;
    this.#shift = shift;
    this.#hand = hand;
    this.#blockOf = new Int32Array(groups);
    this.#next = new Uint32Array(groups);
    this.#last = new Uint32Array(groups);
    for (let group = 0; group < groups; group++) this.#give(group, group);
    const all = room.byteLength / (events * bytesPerEvent(columns));
    for (let block = groups; block < all; block++) this.#free.push(block);
  }

  /**
   * Takes the events of a block from `from` on.
   *
   * @returns where those begin that it did not take, as no block was free for them; else the block's size
   */
  add({ size, pairs, times, weights }: CodedBlock, from: number): number {
    if (!this.#findRoom()) return from;
    // in local variables, as the loop is the work of the thread that reads
    const [blocks, next, last] = [this.#blocks, this.#next, this.#last];
    const { words } = blocks;
    const shift = this.#shift;
    const hasMore = times !== undefined || weights !== undefined;
    for (let i = from; i < size; i++) {
      const code = pairs[2 * i + 1] ?? 0;
      const group = code >>> shift;
      const at = next[group] ?? 0;
      words[at] = pairs[2 * i] ?? 0;
      words[at + 1] = code;
      if (hasMore) blocks.setMore(at, times?.[i], weights?.[i]);
      next[group] = at + 2;
      if (at !== last[group]) continue;
      this.#handOver(group);
      this.#waits = group;
      if (!this.#findRoom()) return i + 1;
    }
    return size;
  }

  /** Takes back a block that was handed over. */
  free(block: number): void {
    this.#free.push(block);
  }

  /** Hands over what is left; nothing is added afterward. */
  end(): void {
    for (let group = 0; group < this.#next.length; group++) if (group !== this.#waits) this.#handOver(group);
  }

  #handOver(group: number): void {
    const block = this.#blockOf[group] ?? 0;
    const size = ((this.#next[group] ?? 0) - block * this.#blocks.perBlock) / 2;
    if (size > 0) this.#hand({ block, group, size });
  }

  #findRoom(): boolean {
    if (this.#waits === undefined) return true;
    const block = this.#free.pop();
    if (block === undefined) return false;
    this.#give(this.#waits, block);
    this.#waits = undefined;
    return true;
  }

  #give(group: number, block: number): void {
    const first = block * this.#blocks.perBlock;
    this.#blockOf[group] = block;
    this.#next[group] = first;
    this.#last[group] = first + 2 * (this.#events - 1);
  }
}
