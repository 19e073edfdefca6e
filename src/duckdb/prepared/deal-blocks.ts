/** Events of near histories → files, one for each part: what one thread of several does, each for histories of its own. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { WholeShards } from '../../histories/whole-shards.js';
import { bytesPerEvent, CodedBlocks } from './coded-blocks.js';
import type { NearBlock, NearRoom } from './near-events.js';

/** Events in one block of a file. */
export const blockEvents = 4096;
/** Blocks of all parts that are filled at a time. */
const mostBlocks = 1024;
/** Parts at most: each has two blocks. */
export const mostParts = mostBlocks / 2;

/** What dealing finds out: threads share it, and none asks for the histories of another. */
export interface DealtCodes {
  /** part of each history's code + 1; 0 where no near history was met */
  readonly partOf: Uint16Array<SharedArrayBuffer>;
  /** 1 for each category's code that was met */
  readonly hasCategory: Uint8Array<SharedArrayBuffer>;
}

/** How events are dealt; a thread can be told of it. */
export interface DealOptions {
  readonly near: NearRoom;
  /** of the files */
  readonly folder: string;
  /** parts */
  readonly count: number;
  readonly codes: DealtCodes;
  /** which of how many deals here, each the histories of the groups that `dealerOf` gives it */
  readonly dealer: number;
  readonly dealers: number;
}

/** What a file holds. */
export interface DealtFile {
  readonly path: string;
  /** events of its blocks as they stand in it: blocks of near histories side by side */
  readonly blocks: readonly { readonly index: number; readonly size: number }[];
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
  readonly #shards: WholeShards;
  readonly #near: CodedBlocks;
  /** blocks that are filled: of each way of this dealer, one for each part */
  readonly #open: CodedBlocks<ArrayBuffer>;
  /** where the next pair of each of these goes in the words */
  readonly #next: Uint32Array;
  /** what was written of each of these */
  readonly #written: { readonly index: number; readonly size: number }[][];
  /** blocks of each part */
  readonly #blocks: Uint32Array;
  /** 1 for each group of which an event has come */
  readonly #isMet: Uint8Array;
  /** parts of the histories of one group, as `partOf` has them: copied at one go, they are in the cache at once */
  readonly #nearPartOf: Uint16Array;

  constructor(options: DealOptions) {
    const { near, count, dealer, dealers } = options;
    this.#options = options;
    this.#shards = new WholeShards(count);
    this.#near = new CodedBlocks(near.room, near.events, near.columns);
    const ways = Math.ceil((waysOf(options) - dealer) / dealers);
    const bytes = ways * count * blockEvents * bytesPerEvent(near.columns);
    this.#open = new CodedBlocks(new ArrayBuffer(bytes), blockEvents, near.columns);
    this.#next = new Uint32Array(ways * count).map((_, into) => into * this.#open.perBlock);
    this.#written = Array.from({ length: ways * count }, () => []);
    this.#blocks = new Uint32Array(count);
    this.#isMet = new Uint8Array(near.groups);
    this.#nearPartOf = new Uint16Array(2 ** near.shift);
  }

  /** Deals the events of a block. @throws the system's error where a file cannot be written */
  deal({ block, group, size }: NearBlock): void {
    if (this.#isMet[group] === 0) this.#meet(group);
    const { count, dealers } = this.#options;
    const { hasCategory } = this.#options.codes;
    const [least, partOf] = [group * this.#nearPartOf.length, this.#nearPartOf];
    partOf.set(this.#options.codes.partOf.subarray(least, least + partOf.length));
    const { pairs, times, weights } = this.#near.block(block, size);
    const [open, next] = [this.#open, this.#next];
    const { words, perBlock } = open;
    const first = Math.floor(wayOf(group, this.#options) / dealers) * count - 1;
    const hasMore = times !== undefined || weights !== undefined;
    for (let i = 0; i < size; i++) {
      const category = pairs[2 * i] ?? 0;
      const code = pairs[2 * i + 1] ?? 0;
      const into = first + (partOf[code - least] ?? 0);
      const at = next[into] ?? 0;
      words[at] = category;
      words[at + 1] = code;
      hasCategory[category] = 1;
      if (hasMore) open.setMore(at, times?.[i], weights?.[i]);
      next[into] = at + 2;
      if (at + 2 === into * perBlock + 2 * blockEvents) this.#write(into);
    }
  }

  /** Writes what is left; nothing is dealt afterward. @returns the file of each part */
  end(): readonly DealtFile[] {
    this.#next.forEach((_, into) => this.#sizeOf(into) > 0 && this.#write(into));
    const { count } = this.#options;
    return Array.from({ length: count }, (_, part) => ({
      path: this.#pathOf(part),
      blocks: this.#written.filter((_blocks, into) => into % count === part).flat(),
    }));
  }

  /** Finds the parts of near histories, whether they have events or not: most have. */
  #meet(group: number): void {
    const { near, codes } = this.#options;
    const { partOf } = codes;
    const [least] = near.columns.bounds;
    const end = Math.min(partOf.length, (group + 1) * 2 ** near.shift);
    this.#shards.forEach(least + group * 2 ** near.shift, least + end, (first, shards) => {
      for (let i = 0; i < shards.length; i++) partOf[first - least + i] = (shards[i] ?? 0) + 1;
    });
    this.#isMet[group] = 1;
  }

  #pathOf(part: number): string {
    return join(this.#options.folder, `${part}-${this.#options.dealer}`);
  }

  #sizeOf(into: number): number {
    return ((this.#next[into] ?? 0) - into * this.#open.perBlock) / 2;
  }

  #write(into: number): void {
    const part = into % this.#options.count;
    appendFileSync(this.#pathOf(part), this.#open.bytes(into));
    const index = this.#blocks[part] ?? 0;
    this.#blocks[part] = index + 1;
    this.#written[into]?.push({ index, size: this.#sizeOf(into) });
    this.#next[into] = into * this.#open.perBlock;
  }
}
