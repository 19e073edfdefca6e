/** Codes of events, dealt to files by their histories, and what each file holds, grouped: both without DuckDB. */
import { appendFileSync, closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError, named, sentence } from '../../checks.js';
import { codeOf } from '../../files/system-errors.js';
import type { GroupedClicks } from '../../histories/grouped-clicks.js';
import { ShardDealer } from '../../histories/shard.js';
import { forEachInTextOrder } from '../../numerics/text-order.js';
import type { Block } from '../events/group-events.js';

/** Events in one block of a file. */
const blockEvents = 8192;
/** Blocks in memory at most: of each part, so many that the histories of one have their counters in the cache. */
export const mostBlocks = 512;
const blocksPerPart = 64;

/** Which numbers events have beside their two codes, and the range of the histories' keys. */
export interface CodedColumns {
  readonly hasTimes: boolean;
  readonly hasWeights: boolean;
  /** least and greatest key of a history; a code is the key less the least */
  readonly bounds: readonly [least: number, greatest: number];
}

/** A file of events; a thread can be told of it. */
export interface CodedPart extends CodedColumns {
  readonly path: string;
  /** events */
  readonly size: number;
  /** places of its blocks and the events of each, those of near histories side by side */
  readonly blocks: readonly { readonly index: number; readonly size: number }[];
}

/** Where the columns of a block stand in it, in numbers of their own size: those of 64 bits first. */
function layoutOf({ hasTimes, hasWeights }: CodedColumns, events = blockEvents) {
  const wide = Number(hasTimes) + Number(hasWeights);
  return {
    words: (2 + 2 * wide) * events,
    history: 2 * wide * events,
    category: (2 * wide + 1) * events,
    times: 0,
    weights: Number(hasTimes) * events,
  };
}

/** Events of near histories that wait for being dealt together, and how many such groups there are. */
const nearEvents = 2048;
const nearGroups = 256;

/**
 * Deals events to files, one for each part, in blocks of one size: first those of near histories side by side, then
 * these to their parts, so that both find what they look up and write in the cache.
 */
export class SpilledCodes {
  readonly #folder: string;
  readonly #columns: CodedColumns;
  readonly #dealer: ShardDealer;
  /** part of each code + 1; 0 where it was not met */
  readonly #partOf: Uint16Array;
  readonly #near: Blocks;
  /** code → group of near histories */
  readonly #nearShift: number;
  readonly #open: Blocks;
  /** blocks of a part */
  readonly #ways: number;
  /** code → block of its part */
  readonly #shift: number;
  readonly #written: { readonly index: number; readonly size: number }[][];
  readonly #blocks: Uint32Array;

  /** @param folder - created here */
  constructor(folder: string, columns: CodedColumns, count: number) {
    const [least, greatest] = columns.bounds;
    const range = greatest - least + 1;
    const bits = Math.ceil(Math.log2(range));
    this.#folder = folder;
    this.#columns = columns;
    this.#dealer = new ShardDealer(count);
    this.#partOf = new Uint16Array(range);
    this.#near = new Blocks(nearGroups, nearEvents, columns);
    this.#nearShift = Math.max(0, bits - Math.log2(nearGroups));
    this.#ways = 2 ** Math.floor(Math.log2(Math.min(blocksPerPart, mostBlocks / count)));
    this.#shift = Math.max(0, bits - Math.log2(this.#ways));
    this.#open = new Blocks(count * this.#ways, blockEvents, columns);
    this.#written = Array.from({ length: count * this.#ways }, () => []);
    this.#blocks = new Uint32Array(count);
    mkdirSync(folder);
  }

  add({ size, history, category, times, weights }: Block): void {
    const near = this.#near;
    const { sizes, words, doubles, layout } = near;
    const shift = this.#nearShift;
    const hasMore = times !== undefined || weights !== undefined;
    for (let i = 0; i < size; i++) {
      const code = history[i] ?? 0;
      const group = code >>> shift;
      const at = sizes[group] ?? 0;
      const block = group * layout.words;
      words[block + layout.history + at] = code;
      words[block + layout.category + at] = category[i] ?? 0;
      if (hasMore) {
        if (times !== undefined) doubles[block / 2 + layout.times + at] = times[i] ?? 0;
        if (weights !== undefined) doubles[block / 2 + layout.weights + at] = weights[i] ?? 1;
      }
      sizes[group] = at + 1;
      if (at + 1 === nearEvents) this.#deal(group);
    }
  }

  /** Writes what is left; nothing is added afterward. */
  end(): readonly CodedPart[] {
    for (let group = 0; group < nearGroups; group++) this.#deal(group);
    this.#open.sizes.forEach((size, way) => size > 0 && this.#write(way));
    return Array.from(this.#blocks, (_, part) => {
      const blocks = this.#written.slice(part * this.#ways, (part + 1) * this.#ways).flat();
      return {
        ...this.#columns,
        path: this.#pathOf(part),
        size: blocks.reduce((sum, { size }) => sum + size, 0),
        blocks,
      };
    });
  }

  /** Deals events of near histories to their parts. */
  #deal(group: number): void {
    const { sizes, words, doubles, layout } = this.#open;
    const near = this.#near.block(group);
    const [partOf, ways, shift] = [this.#partOf, this.#ways, this.#shift];
    const hasMore = near.times !== undefined || near.weights !== undefined;
    for (let i = 0; i < near.size; i++) {
      const code = near.history[i] ?? 0;
      const part = partOf[code] || this.#meet(code);
      const way = (part - 1) * ways + (code >>> shift);
      const at = sizes[way] ?? 0;
      const block = way * layout.words;
      words[block + layout.history + at] = code;
      words[block + layout.category + at] = near.category[i] ?? 0;
      if (hasMore) {
        if (near.times !== undefined) doubles[block / 2 + layout.times + at] = near.times[i] ?? 0;
        if (near.weights !== undefined) doubles[block / 2 + layout.weights + at] = near.weights[i] ?? 1;
      }
      sizes[way] = at + 1;
      if (at + 1 === blockEvents) this.#write(way);
    }
    this.#near.sizes[group] = 0;
  }

  /** The part of a history that comes for the first time, + 1. */
  #meet(code: number): number {
    const part = this.#dealer.shardOfWhole(code + this.#columns.bounds[0]) + 1;
    this.#partOf[code] = part;
    return part;
  }

  #pathOf(part: number): string {
    return join(this.#folder, String(part));
  }

  #write(way: number): void {
    const part = Math.floor(way / this.#ways);
    try {
      appendFileSync(this.#pathOf(part), this.#open.bytes(way));
    } catch (error) {
      if (!['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '')) throw error;
      throw new InputError(
        sentence`the disk is full while the events are dealt to parts; free some space or name another folder with
          ${named('temporaryFolder')} (now ${dirname(dirname(this.#folder))})`,
        { cause: error },
      );
    }
    const index = this.#blocks[part] ?? 0;
    this.#blocks[part] = index + 1;
    this.#written[way]?.push({ index, size: this.#open.sizes[way] ?? 0 });
    this.#open.sizes[way] = 0;
  }
}

/** Blocks of one size, one after the other, as they stand in files. */
class Blocks {
  readonly layout: ReturnType<typeof layoutOf>;
  readonly words: Int32Array<ArrayBuffer>;
  readonly doubles: Float64Array;
  /** events in each */
  readonly sizes: Uint32Array;
  readonly #columns: CodedColumns;
  readonly #events: number;

  constructor(count: number, events: number, columns: CodedColumns) {
    this.layout = layoutOf(columns, events);
    this.words = new Int32Array(count * this.layout.words);
    this.doubles = new Float64Array(this.words.buffer);
    this.sizes = new Uint32Array(count);
    this.#columns = columns;
    this.#events = events;
  }

  bytes(index: number): Uint8Array<ArrayBuffer> {
    const { words } = this.layout;
    return new Uint8Array(this.words.buffer, 4 * index * words, 4 * words);
  }

  /** Views on a block. */
  block(index: number): Block {
    const { layout, words, doubles } = this;
    const first = index * layout.words;
    const part = <Numbers extends Int32Array | Float64Array>(numbers: Numbers, from: number) =>
      numbers.subarray(from, from + this.#events) as Numbers;
    return {
      size: this.sizes[index] ?? 0,
      history: part(words, first + layout.history),
      category: part(words, first + layout.category),
      times: this.#columns.hasTimes ? part(doubles, first / 2 + layout.times) : undefined,
      weights: this.#columns.hasWeights ? part(doubles, first / 2 + layout.weights) : undefined,
    };
  }
}

/** The categories of coded events. */
export interface CodedCategories {
  /** ascending by their bytes */
  readonly categoryKeys: readonly string[];
  /** the place of a code's key among the keys; undefined where the code is the place */
  readonly places: Int32Array | undefined;
}

/** Clicks grouped by history, the keys of these as numbers. */
export interface CodedClicks extends Omit<GroupedClicks, 'historyKeys'> {
  /** shape [H], in the byte order of their texts */
  readonly wholeKeys: Int32Array;
}

/**
 * The events of a part, grouped by history: the file is read twice, first to count the events of each history, then to
 * put each where it belongs, so that memory holds them once.
 */
export function readCodedPart(part: CodedPart, { categoryKeys, places }: CodedCategories): CodedClicks {
  const { size, hasTimes, hasWeights, bounds } = part;
  const [least, greatest] = bounds;
  const layout = layoutOf(part);
  const next = new Uint32Array(greatest - least + 1);
  const file = openSync(part.path, 'r');
  try {
    const codes = new Int32Array(blockEvents);
    readBlocks(file, part, { into: codes, from: layout.history }, (events) => countCodes(codes, events, next));
    const { starts, wholeKeys } = startsInTextOrder(next, bounds);
    const clicks = {
      categories: new Int32Array(size),
      times: hasTimes ? new Float64Array(size) : undefined,
      weights: hasWeights ? new Float64Array(size) : undefined,
    };
    const room = new Blocks(1, blockEvents, part);
    const block = room.block(0);
    readBlocks(file, part, { into: room.words, from: 0 }, (events) =>
      placeBlock({ ...block, size: events }, { next, places, ...clicks }),
    );
    return { ...clicks, starts, wholeKeys, categoryKeys };
  } finally {
    closeSync(file);
  }
}

/** Reads some words of each block. */
function readBlocks(
  file: number,
  part: CodedPart,
  { into, from }: { readonly into: Int32Array; readonly from: number },
  visit: (size: number) => void,
): void {
  const { words } = layoutOf(part);
  for (const { index, size } of part.blocks) {
    if (readSync(file, into, 0, into.byteLength, 4 * (index * words + from)) !== into.byteLength) {
      throw new InputError(`${part.path} was cut short by another program while the log was prepared`);
    }
    visit(size);
  }
}

function countCodes(codes: Int32Array, size: number, counts: Uint32Array): void {
  for (let i = 0; i < size; i++) {
    const code = codes[i] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
}

/**
 * Where the events of each history start, in the byte order of the keys.
 *
 * @param counts - events of each code; the start of each history afterward
 */
function startsInTextOrder(counts: Uint32Array, [least, greatest]: CodedColumns['bounds']) {
  let histories = 0;
  for (let code = 0; code < counts.length; code++) if (counts[code] !== 0) histories++;
  const starts = new Uint32Array(histories + 1);
  const wholeKeys = new Int32Array(histories);
  let history = 0;
  let at = 0;
  forEachInTextOrder(least, greatest, (key) => {
    const count = counts[key - least] ?? 0;
    if (count === 0) return;
    counts[key - least] = at;
    at += count;
    wholeKeys[history++] = key;
    starts[history] = at;
  });
  return { starts, wholeKeys };
}

interface PlacedClicks extends Pick<GroupedClicks, 'categories' | 'times' | 'weights'> {
  /** where the next event of each history goes, by its code */
  readonly next: Uint32Array;
  readonly places: Int32Array | undefined;
}

function placeBlock(block: Block, { next, places, categories, times, weights }: PlacedClicks): void {
  const { size, history, category } = block;
  const hasMore = times !== undefined || weights !== undefined;
  for (let i = 0; i < size; i++) {
    const code = history[i] ?? 0;
    const at = next[code] ?? 0;
    next[code] = at + 1;
    const coded = category[i] ?? 0;
    categories[at] = places === undefined ? coded : (places[coded] ?? 0);
    if (!hasMore) continue;
    if (times !== undefined) times[at] = block.times?.[i] ?? 0;
    if (weights !== undefined) weights[at] = block.weights?.[i] ?? 1;
  }
}
