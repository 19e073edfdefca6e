/**
 * Events whose histories are narrow whole numbers → files on disk, as the codes that their keys have: one scan of the
 * log, dealt by other threads meanwhile, and nothing to be decoded afterward.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, named, sentence } from '../../checks.js';
import { codeOf } from '../../files/system-errors.js';
import type { TimeSpan } from '../../histories/time-span.js';
import { streamRaw } from '../engine/raw-columns.js';
import type { Block, GroupOptions } from '../events/group-events.js';
import { codeKeys, isNarrow } from '../events/key-index.js';
import { timeSpanOfEvents } from '../events/key-parts.js';
import type { PreparedEvents } from '../events/prepare-events.js';
import type { CodedEvents, CodedPart } from './coded-part.js';
import { mostParts, type DealtHistories } from './deal-blocks.js';
import { startDealers } from './deal-threads.js';
import { NearEvents, nearRoom } from './near-events.js';

/** Events on disk, as codes. */
export interface DealtCodes extends CodedEvents {
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
): Promise<DealtCodes | undefined> {
  const [history, category] = events.keys;
  if (history === undefined || category === undefined) throw new Error('events need a history and a category');
  if (!isNarrow(history.bounds) || count > mostParts) return undefined;
  const { relation, seconds, weight, timeReading } = events;
  const { connection, folder } = engine;
  const historyCoder = await codeKeys(connection, { ...history, relation, hasKeys: false }, signal);
  const categoryCoder = await codeKeys(connection, { ...category, relation, hasKeys: true }, signal);
  const columns = { hasTimes: seconds !== undefined, hasWeights: weight !== undefined, bounds: history.bounds };
  const histories = roomForHistories(historyCoder.codes);
  const near = nearRoom(columns);
  const dealt = join(folder, 'codes');
  mkdirSync(dealt);
  const dealers = startDealers({ near, folder: dealt, count, histories }, (block) => gathered.free(block));
  const gathered = new NearEvents(near, (full) => dealers.deal(full));
  const add = async (block: Block, from: number): Promise<void> => {
    for (let at = from; at < block.size; at = gathered.add(block, at)) await dealers.freed();
  };
  const reused = { history: new Int32Array(2048), category: new Int32Array(2048) };
  const selected = [historyCoder.selected, categoryCoder.selected, seconds, weight].filter((sql) => sql !== undefined);
  let done = 0;
  const files = await deal().catch((error: unknown) => refuseFull(error, folder));
  const { keys = [], places } = categoryCoder.index();
  const timeSpan = seconds === undefined ? undefined : await timeSpanOfEvents(relation, seconds, engine, timeReading);
  const parts = files.map((ofPart, part) => ({
    part,
    files: ofPart,
    size: ofPart.flatMap(({ blocks }) => blocks).reduce((sum, { size }) => sum + size, 0),
  }));
  return { columns, histories, categoryKeys: keys, places, parts, timeSpan };

  async function deal() {
    try {
      await streamRaw(connection, `SELECT ${selected.join(', ')} FROM ${relation}`, signal, (chunk) => {
        const size = chunk.rowCount;
        historyCoder.code(chunk, 0, reused.history);
        categoryCoder.code(chunk, 1, reused.category);
        categoryCoder.count?.(reused.category, size);
        const times = seconds === undefined ? undefined : chunk.float64(2);
        const weights = weight === undefined ? undefined : chunk.float64(selected.length - 1);
        const block = { ...reused, size, times, weights };
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

/** Shared, as whoever reads a part is told what whoever dealt it has learned. */
function roomForHistories(codes: number): DealtHistories {
  return {
    partOf: new Uint16Array(new SharedArrayBuffer(2 * codes)),
    counts: new Uint32Array(new SharedArrayBuffer(4 * codes)),
  };
}

function refuseFull(error: unknown, folder: string): never {
  if (!['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '')) throw error;
  throw new InputError(
    sentence`the disk is full while the events are dealt to parts; free some space or name another folder with
      ${named('temporaryFolder')} (now ${folder})`,
    { cause: error },
  );
}
