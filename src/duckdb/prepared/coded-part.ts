/** What the files of a part hold, grouped by history: without DuckDB, so that a thread of its own can do it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { InputError } from '../../checks.js';
import type { GroupedClicks } from '../../histories/grouped-clicks.js';
import { bytesPerEvent, CodedBlocks, type CodedBlock, type CodedColumns } from './coded-blocks.js';
import { blockEvents, type DealtFile } from './deal-blocks.js';

/** Events on disk; a thread can be told of it. */
export interface CodedPart {
  readonly files: readonly DealtFile[];
  /** events */
  readonly size: number;
  /** keys that histories of the part can have, in the byte order of their texts */
  readonly wholeKeys: Int32Array;
}

/** What all parts of coded events have in common. */
export interface CodedEvents {
  readonly columns: CodedColumns;
  /** room for a number of each history's code; parts have no codes in common */
  readonly room: Uint32Array<SharedArrayBuffer>;
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

/** The events of a part, grouped by history: counted first, so that each goes straight to its place. */
export function readCodedPart(part: CodedPart, events: CodedEvents): CodedClicks {
  const { columns, room, categoryKeys, places } = events;
  const [least] = columns.bounds;
  for (const key of part.wholeKeys) room[key - least] = 0;
  forEachBlock(part, columns, ({ size, pairs }) => {
    for (let i = 0; i < size; i++) {
      const code = pairs[2 * i + 1] ?? 0;
      room[code] = (room[code] ?? 0) + 1;
    }
  });
  const { starts, wholeKeys } = startsOf(part, events);
  const clicks = {
    categories: new Int32Array(part.size),
    times: columns.hasTimes ? new Float64Array(part.size) : undefined,
    weights: columns.hasWeights ? new Float64Array(part.size) : undefined,
  };
  const placed = { next: room, places, ...clicks };
  forEachBlock(part, columns, (block) => placeBlock(block, placed));
  return { ...clicks, starts, wholeKeys, categoryKeys };
}

function forEachBlock(part: CodedPart, columns: CodedColumns, visit: (block: CodedBlock) => void): void {
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

/** Where the events of each history start, in the order of the keys; these also replace the counts. */
function startsOf({ wholeKeys: all }: CodedPart, { columns, room }: CodedEvents) {
  const [least] = columns.bounds;
  const starts = new Uint32Array(all.length + 1);
  const wholeKeys = new Int32Array(all.length);
  let histories = 0;
  let at = 0;
  for (const key of all) {
    const count = room[key - least] ?? 0;
    if (count === 0) continue;
    room[key - least] = at;
    at += count;
    wholeKeys[histories++] = key;
    starts[histories] = at;
  }
  return { starts: starts.subarray(0, histories + 1), wholeKeys: wholeKeys.subarray(0, histories) };
}

interface PlacedClicks extends Pick<GroupedClicks, 'categories' | 'times' | 'weights'> {
  /** where the next event of each history goes, by its code */
  readonly next: Uint32Array;
  readonly places: Int32Array | undefined;
}

function placeBlock(block: CodedBlock, { next, places, categories, times, weights }: PlacedClicks): void {
  const { size, pairs } = block;
  const hasMore = times !== undefined || weights !== undefined;
  for (let i = 0; i < size; i++) {
    const code = pairs[2 * i + 1] ?? 0;
    const at = next[code] ?? 0;
    next[code] = at + 1;
    const category = pairs[2 * i] ?? 0;
    categories[at] = places === undefined ? category : (places[category] ?? 0);
    if (!hasMore) continue;
    if (times !== undefined) times[at] = block.times?.[i] ?? 0;
    if (weights !== undefined) weights[at] = block.weights?.[i] ?? 1;
  }
}
