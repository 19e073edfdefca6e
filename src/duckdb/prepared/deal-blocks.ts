/** Events of near histories → files, one for each part: what one thread of several does, each for histories of its own. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { ShardDealer } from '../../histories/shard.js';
import { bytesPerEvent, CodedBlocks } from './coded-blocks.js';
import type { NearBlock, NearRoom } from './near-events.js';

/** Events in one block of a file. */
export const blockEvents = 4096;
/** Blocks of all parts that are filled at a time. */
const mostBlocks = 1024;
/** Parts at most: each has two blocks. */
export const mostParts = mostBlocks / 2;

/** What is known of each history once all events are dealt: threads share it, and none asks for the histories of another. */
export interface DealtHistories {
  /** part of each code + 1; 0 where it was not met */
  readonly partOf: Uint16Array<SharedArrayBuffer>;
  /** events of each code */
  readonly counts: Uint32Array<SharedArrayBuffer>;
}

/** How events are dealt; a thread can be told of it. */
export interface DealOptions {
  readonly near: NearRoom;
  /** of the files */
  readonly folder: string;
  /** parts */
  readonly count: number;
  readonly histories: DealtHistories;
  /** which of how many deals here, each the histories of the groups that `dealerOf` gives it */
  readonly dealer: number;
  readonly dealers: number;
}

/** What a file holds. */
export interface DealtFile {
  readonly path: string;
  /** events of its blocks as they stand in it: blocks of near histories side by side */
  readonly blocks: readonly { readonly index: number; readonly size: number }[];
  readonly histories: number;
}

/** Who deals the events of a group. */
export function dealerOf(group: number, options: Pick<DealOptions, 'near' | 'count' | 'dealers'>): number {
  return wayOf(group, options) % options.dealers;
}

/** Groups → ways of a part, each of near histories, whose events are written together. */
function wayOf(group: number, { near, count }: Pick<DealOptions, 'near' | 'count'>): number {
  return Math.floor((group * waysOf({ near, count })) / near.groups);
}

function waysOf({ near, count }: Pick<DealOptions, 'near' | 'count'>): number {
  return Math.min(near.groups, Math.floor(mostBlocks / count));
}

/** Deals events to files, in blocks of one size. */
export class BlockDealer {
  readonly #options: DealOptions;
  readonly #dealer: ShardDealer;
  readonly #near: CodedBlocks;
  /** blocks that are filled: of each way of this dealer, one for each part */
  readonly #open: CodedBlocks<ArrayBuffer>;
  /** events of each of these */
  readonly #sizes: Uint32Array;
  /** what was written of each of these */
  readonly #written: { readonly index: number; readonly size: number }[][];
  /** blocks of each part */
  readonly #blocks: Uint32Array;
  /** histories of each part */
  readonly #histories: Uint32Array;

  constructor(options: DealOptions) {
    const { near, count, dealer, dealers } = options;
    this.#options = options;
    this.#dealer = new ShardDealer(count);
    this.#near = new CodedBlocks(near.room, near.events, near.columns);
    const ways = Math.ceil((waysOf(options) - dealer) / dealers);
    const bytes = ways * count * blockEvents * bytesPerEvent(near.columns);
    this.#open = new CodedBlocks(new ArrayBuffer(bytes), blockEvents, near.columns);
    this.#sizes = new Uint32Array(ways * count);
    this.#written = Array.from({ length: ways * count }, () => []);
    this.#blocks = new Uint32Array(count);
    this.#histories = new Uint32Array(count);
  }

  /** Deals the events of a block. @throws the system's error where a file cannot be written */
  deal({ block, group, size }: NearBlock): void {
    const { count, dealers } = this.#options;
    const { partOf, counts } = this.#options.histories;
    const { history, category, times, weights } = this.#near.block(block, size);
    const [open, sizes] = [this.#open, this.#sizes];
    const { words } = open;
    const { words: perBlock, history: histories, category: categories } = open.layout;
    const first = Math.floor(wayOf(group, this.#options) / dealers) * count - 1;
    const hasMore = times !== undefined || weights !== undefined;
    for (let i = 0; i < size; i++) {
      const code = history[i] ?? 0;
      const into = first + (partOf[code] || this.#meet(code));
      const at = sizes[into] ?? 0;
      const to = into * perBlock + at;
      counts[code] = (counts[code] ?? 0) + 1;
      words[to + histories] = code;
      words[to + categories] = category[i] ?? 0;
      if (hasMore) open.setMore(into, at, times?.[i], weights === undefined ? undefined : weights[i]);
      sizes[into] = at + 1;
      if (at + 1 === blockEvents) this.#write(into);
    }
  }

  /** Writes what is left; nothing is dealt afterward. @returns the file of each part */
  end(): readonly DealtFile[] {
    this.#sizes.forEach((size, into) => size > 0 && this.#write(into));
    const { count } = this.#options;
    return Array.from({ length: count }, (_, part) => ({
      path: this.#pathOf(part),
      blocks: this.#written.filter((_blocks, into) => into % count === part).flat(),
      histories: this.#histories[part] ?? 0,
    }));
  }

  /** The part of a history that comes for the first time, + 1. */
  #meet(code: number): number {
    const { histories, near } = this.#options;
    const part = this.#dealer.shardOfWhole(code + near.columns.bounds[0]);
    histories.partOf[code] = part + 1;
    this.#histories[part] = (this.#histories[part] ?? 0) + 1;
    return part + 1;
  }

  #pathOf(part: number): string {
    return join(this.#options.folder, `${part}-${this.#options.dealer}`);
  }

  #write(into: number): void {
    const part = into % this.#options.count;
    appendFileSync(this.#pathOf(part), this.#open.bytes(into));
    const index = this.#blocks[part] ?? 0;
    this.#blocks[part] = index + 1;
    this.#written[into]?.push({ index, size: this.#sizes[into] ?? 0 });
    this.#sizes[into] = 0;
  }
}
