/**
 * Events whose histories are narrow whole numbers → files on disk, as the codes that their keys have: one scan of the
 * log, dealt by other threads meanwhile, and nothing to be decoded afterward.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, named, sentence } from '../../checks.js';
import { codeOf } from '../../files/system-errors.js';
import type { TimeSpan } from '../../histories/time-span.js';
import { streamRaw, type RawChunk } from '../engine/raw-columns.js';
import type { GroupOptions } from '../events/group-events.js';
import { codeKeys, isNarrow, type KeyCoder } from '../events/key-index.js';
import { timeSpanOfEvents } from '../events/key-parts.js';
import type { PreparedEvents } from '../events/prepare-events.js';
import { forEachRunInTextOrder } from '../../numerics/text-order.js';
import type { CodedBlock } from './coded-blocks.js';
import type { CodedEvents, CodedPart } from './coded-part.js';
import { mostParts, type DealtCodes } from './deal-blocks.js';
import { startDealers } from './deal-threads.js';
import { NearEvents, nearRoom } from './near-events.js';

/** Events on disk, as codes. */
export interface DealtParts extends CodedEvents {
  readonly parts: readonly CodedPart[];
  /** of all events; undefined without times */
  readonly timeSpan: TimeSpan | undefined;
}

/**
 * Deals events to `count` parts, by the same hash as `dealEvents`: several times faster.
 *
 * @returns undefined where the keys of the histories are no narrow whole numbers, or the parts are too many
 */
export async function dealCodes(
  events: PreparedEvents,
  count: number,
  { engine, signal, onProgress }: GroupOptions,
): Promise<DealtParts | undefined> {
  const [history, category] = events.keys;
  if (history === undefined || category === undefined) throw new Error('events need a history and a category');
  if (!isNarrow(history.bounds) || count > mostParts) return undefined;
  const { relation, seconds, weight, timeReading } = events;
  const { connection, folder } = engine;
  const historyCoder = await codeKeys(connection, { ...history, relation, hasKeys: false }, signal);
  const categoryCoder = await codeKeys(connection, { ...category, relation, hasKeys: true }, signal);
  const columns = { hasTimes: seconds !== undefined, hasWeights: weight !== undefined, bounds: history.bounds };
  const room = new Uint32Array(new SharedArrayBuffer(4 * historyCoder.codes));
  const codes = {
    // nobody asks for it once the keys of the parts are known: its room is used again
    partOf: new Uint16Array(room.buffer, 0, room.length),
    hasCategory: new Uint8Array(new SharedArrayBuffer(categoryCoder.codes)),
  };
  const near = nearRoom(columns);
  const dealt = join(folder, 'codes');
  mkdirSync(dealt);
  const dealers = startDealers({ near, folder: dealt, count, codes }, (block) => gathered.free(block));
  const gathered = new NearEvents(near, (full) => dealers.deal(full));
  const add = async (block: CodedBlock, from: number): Promise<void> => {
    for (let at = from; at < block.size; at = gathered.add(block, at)) await dealers.freed();
  };
  const pairs = pairsOf(historyCoder, categoryCoder);
  const selected = [...pairs.selected, seconds, weight].filter((sql) => sql !== undefined);
  let done = 0;
  const files = await deal().catch((error: unknown) => refuseFull(error, folder));
  categoryCoder.count?.(...codesMet(codes));
  const { keys = [], places } = categoryCoder.index();
  const timeSpan = seconds === undefined ? undefined : await timeSpanOfEvents(relation, seconds, engine, timeReading);
  const keysOf = keysOfParts(codes, count, history.bounds);
  const parts = files.map((ofPart, part) => ({
    files: ofPart,
    size: ofPart.flatMap(({ blocks }) => blocks).reduce((sum, { size }) => sum + size, 0),
    wholeKeys: keysOf(part),
  }));
  return { columns, room, categoryKeys: keys, places, parts, timeSpan };

  async function deal() {
    try {
      await streamRaw(connection, `SELECT ${selected.join(', ')} FROM ${relation}`, signal, (chunk) => {
        const size = chunk.rowCount;
        const times = seconds === undefined ? undefined : chunk.float64(pairs.selected.length);
        const weights = weight === undefined ? undefined : chunk.float64(selected.length - 1);
        const block = { size, pairs: pairs.read(chunk), times, weights };
        const taken = gathered.add(block, 0);
        done += size;
        onProgress?.({ stage: 'keys', share: done / events.size });
        return taken < size ? add(block, taken) : undefined;
      });
      gathered.end();
      return await dealers.end();
    } finally {
      await dealers.stop();
    }
  }
}

/** How both codes of an event are read, side by side as blocks have them. */
function pairsOf(history: KeyCoder, category: KeyCoder) {
  if (history.whole !== undefined && category.whole !== undefined) {
    // one column instead of two: DuckDB hands over each by itself
    return {
      selected: [`(${history.whole} << 32) | ${category.whole}`],
      read: (chunk: RawChunk): Int32Array => {
        const { buffer, byteOffset, length } = chunk.words(0);
        return new Int32Array(buffer, byteOffset, length);
      },
    };
  }
  const codes = new Int32Array(2048);
  const pairs = new Int32Array(2 * codes.length);
  return {
    selected: [history.selected, category.selected],
    read: (chunk: RawChunk): Int32Array => {
      [category, history].forEach((coder, place) => {
        coder.code(chunk, 1 - place, codes);
        for (let i = 0; i < chunk.rowCount; i++) pairs[2 * i + place] = codes[i] ?? 0;
      });
      return pairs;
    },
  };
}

function codesMet({ hasCategory }: DealtCodes): readonly [codes: Int32Array, size: number] {
  const met = new Int32Array(hasCategory.length);
  let size = 0;
  for (let code = 0; code < hasCategory.length; code++) if (hasCategory[code] === 1) met[size++] = code;
  return [met, size];
}

/** The keys that histories of a part can have, in the byte order of their texts, which is walked once for all parts. */
export function keysOfParts({ partOf }: DealtCodes, count: number, [least, greatest]: readonly [number, number]) {
  const ends = new Uint32Array(count + 1);
  for (let code = 0; code < partOf.length; code++) {
    const part = partOf[code] ?? 0;
    ends[part] = (ends[part] ?? 0) + 1;
  }
  // keys of no part are nowhere
  ends[0] = 0;
  for (let part = 1; part <= count; part++) ends[part] = (ends[part] ?? 0) + (ends[part - 1] ?? 0);
  const keys = new Int32Array(new SharedArrayBuffer(4 * (ends[count] ?? 0)));
  const next = Uint32Array.of(0, ...ends.subarray(0, count));
  forEachRunInTextOrder(least, greatest, (first, run, step) => {
    let key = first;
    for (let i = 0; i < run; i++, key += step) {
      const part = partOf[key - least] ?? 0;
      if (part === 0) continue;
      const at = next[part] ?? 0;
      keys[at] = key;
      next[part] = at + 1;
    }
  });
  return (part: number): Int32Array => keys.subarray(ends[part], ends[part + 1]);
}

function refuseFull(error: unknown, folder: string): never {
  if (!['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '')) throw error;
  throw new InputError(
    sentence`the disk is full while the events are dealt to parts; free some space or name another folder with
      ${named('temporaryFolder')} (now ${folder})`,
    { cause: error },
  );
}
