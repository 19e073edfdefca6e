/**
 * Codes of events, those of near histories side by side: whoever deals them, or counts them by history, finds what it
 * looks up in the cache.
 */
import type { Block } from '../events/group-events.js';
import { bytesPerEvent, CodedBlocks, type CodedColumns } from './coded-blocks.js';

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
  /** events of each group that wait in its block */
  readonly #sizes: Uint32Array;
  readonly #free: number[] = [];
  /** a group whose block was handed over, and that has no other yet */
  #waits: number | undefined;

  /** @param hand - given a block, which is written again after `free` */
  constructor({ room, columns, events, groups, shift }: NearRoom, hand: (full: NearBlock) => void) {
    this.#blocks = new CodedBlocks(room, events, columns);
    this.#events = events;
    this.#shift = shift;
    this.#hand = hand;
    this.#blockOf = new Int32Array(groups).map((_, group) => group);
    this.#sizes = new Uint32Array(groups);
    const all = room.byteLength / (events * bytesPerEvent(columns));
    for (let block = groups; block < all; block++) this.#free.push(block);
  }

  /**
   * Takes the events of a block from `from` on.
   *
   * @returns where those begin that it did not take, as no block was free for them; else the block's size
   */
  add({ size, history, category, times, weights }: Block, from: number): number {
    if (!this.#findRoom()) return from;
    const [blocks, blockOf, sizes] = [this.#blocks, this.#blockOf, this.#sizes];
    const { words } = blocks;
    // in local variables, as the loop is the work of the thread that reads
    const { words: perBlock, history: histories, category: categories } = blocks.layout;
    const [shift, last] = [this.#shift, this.#events - 1];
    const hasMore = times !== undefined || weights !== undefined;
    for (let i = from; i < size; i++) {
      const code = history[i] ?? 0;
      const group = code >>> shift;
      const at = sizes[group] ?? 0;
      const block = blockOf[group] ?? 0;
      const first = block * perBlock + at;
      words[first + histories] = code;
      words[first + categories] = category[i] ?? 0;
      if (hasMore) blocks.setMore(block, at, times?.[i], weights === undefined ? undefined : weights[i]);
      sizes[group] = at + 1;
      if (at !== last) continue;
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
    this.#sizes.forEach((size, group) => size > 0 && this.#handOver(group));
  }

  #handOver(group: number): void {
    const size = this.#sizes[group] ?? 0;
    this.#sizes[group] = 0;
    this.#hand({ block: this.#blockOf[group] ?? 0, group, size });
  }

  #findRoom(): boolean {
    if (this.#waits === undefined) return true;
    const block = this.#free.pop();
    if (block === undefined) return false;
    this.#blockOf[this.#waits] = block;
    this.#waits = undefined;
    return true;
  }
}
