/**
 * Events whose histories are narrow whole numbers → files on disk, as the codes that their keys have: one scan of the
 * log, and nothing to be decoded afterward.
 */
import { join } from 'node:path';
import type { TimeSpan } from '../../histories/time-span.js';
import { streamRaw } from '../engine/raw-columns.js';
import type { GroupOptions } from '../events/group-events.js';
import { codeKeys, isNarrow } from '../events/key-index.js';
import { timeSpanOfEvents } from '../events/key-parts.js';
import type { PreparedEvents } from '../events/prepare-events.js';
import { mostBlocks, SpilledCodes, type CodedCategories, type CodedPart } from './spilled-codes.js';

/** Events on disk, as codes. */
export interface DealtCodes extends CodedCategories {
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
  if (!isNarrow(history.bounds) || count > mostBlocks) return undefined;
  const { relation, seconds, weight, timeReading } = events;
  const { connection, folder } = engine;
  const historyCoder = await codeKeys(connection, { ...history, relation, hasKeys: false }, signal);
  const categoryCoder = await codeKeys(connection, { ...category, relation, hasKeys: true }, signal);
  const columns = { hasTimes: seconds !== undefined, hasWeights: weight !== undefined, bounds: history.bounds };
  const spill = new SpilledCodes(join(folder, 'codes'), columns, count);
  const reused = { history: new Int32Array(2048), category: new Int32Array(2048) };
  const selected = [historyCoder.selected, categoryCoder.selected, seconds, weight].filter((sql) => sql !== undefined);
  let done = 0;
  await streamRaw(connection, `SELECT ${selected.join(', ')} FROM ${relation}`, signal, (chunk) => {
    const size = chunk.rowCount;
    historyCoder.code(chunk, 0, reused.history);
    categoryCoder.code(chunk, 1, reused.category);
    categoryCoder.count?.(reused.category, size);
    const times = seconds === undefined ? undefined : chunk.float64(2);
    const weights = weight === undefined ? undefined : chunk.float64(selected.length - 1);
    spill.add({ ...reused, size, times, weights });
    done += size;
    onProgress?.({ stage: 'keys', share: done / events.size });
  });
  const parts = spill.end();
  const { keys = [], places } = categoryCoder.index();
  const timeSpan = seconds === undefined ? undefined : await timeSpanOfEvents(relation, seconds, engine, timeReading);
  return { categoryKeys: keys, places, parts, timeSpan };
}
