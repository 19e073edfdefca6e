/** What the files of a part hold, grouped by history: without DuckDB, so that a thread of its own can do it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { InputError } from '../../checks.js';
import type { GroupedClicks } from '../../histories/grouped-clicks.js';
import { forEachRunInTextOrder } from '../../numerics/text-order.js';
import type { Block } from '../events/group-events.js';
import { bytesPerEvent, CodedBlocks, type CodedColumns } from './coded-blocks.js';
import { blockEvents, type DealtFile, type DealtHistories } from './deal-blocks.js';

/** Events on disk; a thread can be told of it. */
export interface CodedPart {
  /** its number */
  readonly part: number;
  readonly files: readonly DealtFile[];
  /** events */
  readonly size: number;
}

/** What all parts of coded events have in common. */
export interface CodedEvents {
  readonly columns: CodedColumns;
  readonly histories: DealtHistories;
  /** keys of the categories, ascending by their bytes */
  readonly categoryKeys: readonly string[];
  /** the place of a category code's key among the keys; undefined where the code is the place */
  readonly places: Int32Array | undefined;
}

/** Clicks grouped by history, the keys of these as numbers. */
export interface CodedClicks extends Omit<GroupedClicks, 'historyKeys'> {
  /** shape [H], in the byte order of their texts */
  readonly wholeKeys: Int32Array;
}

/**
 * The events of a part, grouped by history: each goes straight to its place, as it is known how many a history has.
 * That is overwritten by where its events end, so a part can be read again only after `countAgain`.
 */
export function readCodedPart(part: CodedPart, events: CodedEvents): CodedClicks {
  const { columns, histories, categoryKeys, places } = events;
  const { starts, wholeKeys } = startsInTextOrder(part, events);
  const clicks = {
    categories: new Int32Array(part.size),
    times: columns.hasTimes ? new Float64Array(part.size) : undefined,
    weights: columns.hasWeights ? new Float64Array(part.size) : undefined,
  };
  const placed = { next: histories.counts, places, ...clicks };
  forEachBlock(part, columns, (block) => placeBlock(block, placed));
  return { ...clicks, starts, wholeKeys, categoryKeys };
}

/** Counts the events of each history of a part anew. */
export function countAgain(part: CodedPart, { columns, histories: { partOf, counts } }: CodedEvents): void {
  for (let code = 0; code < counts.length; code++) if (partOf[code] === part.part + 1) counts[code] = 0;
  forEachBlock(part, columns, ({ size, history }) => {
    for (let i = 0; i < size; i++) {
      const code = history[i] ?? 0;
      counts[code] = (counts[code] ?? 0) + 1;
    }
  });
}

function forEachBlock(part: CodedPart, columns: CodedColumns, visit: (block: Block) => void): void {
  const room = new CodedBlocks(new ArrayBuffer(blockEvents * bytesPerEvent(columns)), blockEvents, columns);
  const bytes = room.bytes(0);
  const views = room.block(0, 0);
  for (const { path, blocks } of part.files) {
    if (blocks.length === 0) continue;
    const file = openSync(path, 'r');
    try {
      for (const { index, size } of blocks) {
        if (readSync(file, bytes, 0, bytes.length, index * bytes.length) !== bytes.length) {
          throw new InputError(`${path} was cut short by another program while the log was prepared`);
        }
        visit({ ...views, size });
      }
    } finally {
      closeSync(file);
    }
  }
}

/** Where the events of each history start, in the byte order of the keys; these also replace the counts. */
function startsInTextOrder({ part, files }: CodedPart, { columns, histories: { partOf, counts } }: CodedEvents) {
  const [least, greatest] = columns.bounds;
  const size = files.reduce((sum, { histories }) => sum + histories, 0);
  const starts = new Uint32Array(size + 1);
  const wholeKeys = new Int32Array(size);
  const wanted = part + 1;
  let history = 0;
  let at = 0;
  forEachRunInTextOrder(least, greatest, (first, run, step) => {
    let key = first;
    for (let i = 0; i < run; i++, key += step) {
      const code = key - least;
      if (partOf[code] !== wanted) continue;
      const start = at;
      at = start + (counts[code] ?? 0);
      counts[code] = start;
      wholeKeys[history++] = key;
      starts[history] = at;
    }
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
