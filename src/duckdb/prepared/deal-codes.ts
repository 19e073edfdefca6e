/**
 * Events whose histories are narrow whole numbers → files on disk, as the codes that their keys have: one scan of the
 * log, and nothing to be decoded afterward.
 */
import { appendFileSync, closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, named, sentence } from '../../checks.js';
import { codeOf } from '../../files/system-errors.js';
import { ShardDealer } from '../../histories/shard.js';
import { streamRaw } from '../engine/raw-columns.js';
import { keepBlock, placeClicks, type Block, type GroupOptions } from '../events/group-events.js';
import { codeKeys, isNarrow } from '../events/key-index.js';
import { timeSpanOfEvents } from '../events/key-parts.js';
import type { PreparedEvents } from '../events/prepare-events.js';
import type { DealtEvents } from './deal-events.js';

/** Events in one block of a file. */
const blockEvents = 8192;
/** Blocks in memory at most: of each part, so many that the histories of one have their counters in the cache. */
const mostBlocks = 512;
const blocksPerPart = 64;

/**
 * Deals events to `count` parts, by the same hash as `dealEvents`: several times faster.
 *
 * @returns undefined where the keys of the histories are no narrow whole numbers, or the parts are too many
 */
export async function dealCodes(
  events: PreparedEvents,
  count: number,
  { engine, signal, onProgress }: GroupOptions,
): Promise<DealtEvents | undefined> {
  const [history, category] = events.keys;
  if (history === undefined || category === undefined) throw new Error('events need a history and a category');
  if (!isNarrow(history.bounds) || count > mostBlocks) return undefined;
  const { relation, seconds, weight, timeReading } = events;
  const { connection, folder } = engine;
  const histories = { ...history, relation, hasKeys: true };
  const historyCoder = await codeKeys(connection, histories, signal);
  const categoryCoder = await codeKeys(connection, { ...category, relation, hasKeys: true }, signal);
  const spill = new SpilledEvents(join(folder, 'codes'), events, { bounds: history.bounds, count });
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
  spill.end();
  const categories = categoryCoder.index();
  const keys = categories.keys ?? [];
  return {
    keys,
    timeSpan: seconds === undefined ? undefined : await timeSpanOfEvents(relation, seconds, engine, timeReading),
    parts: Array.from({ length: count }, (_, part) => ({
      size: spill.sizeOf(part),
      group: async () => {
        const coder = await codeKeys(connection, histories, signal);
        const block = spill.read(part);
        await rm(spill.pathOf(part), { force: true });
        coder.count?.(block.history, block.size);
        const placed = placeClicks({ ...events, size: block.size }, coder.index(), categories);
        placed.place(block);
        return placed.grouped;
      },
    })),
  };
}

/** Events that are being dealt to a file, with those of histories that are near each other. */
interface Open extends Block {
  size: number;
  readonly bytes: Uint8Array;
}

/** Where a block stands in the file of its part. */
interface Written {
  readonly index: number;
  readonly size: number;
}

/** Events in files, one for each part, in blocks of one size. */
class SpilledEvents {
  readonly #folder: string;
  readonly #events: Pick<PreparedEvents, 'seconds' | 'weight'>;
  readonly #dealer: ShardDealer;
  readonly #least: number;
  /** part of each code + 1; 0 where it was not met */
  readonly #partOf: Uint16Array;
  /** blocks of a part */
  readonly #ways: number;
  /** code → block of its part */
  readonly #shift: number;
  readonly #open: (Open | undefined)[];
  readonly #written: Written[][];
  readonly #blocks: Uint32Array;

  constructor(
    folder: string,
    events: Pick<PreparedEvents, 'seconds' | 'weight'>,
    { bounds: [least, greatest], count }: { readonly bounds: readonly [number, number]; readonly count: number },
  ) {
    const range = greatest - least + 1;
    this.#folder = folder;
    this.#events = events;
    this.#dealer = new ShardDealer(count);
    this.#least = least;
    this.#partOf = new Uint16Array(range);
    this.#ways = 2 ** Math.floor(Math.log2(Math.min(blocksPerPart, mostBlocks / count)));
    this.#shift = Math.max(0, Math.ceil(Math.log2(range)) - Math.log2(this.#ways));
    this.#open = Array.from({ length: count * this.#ways });
    this.#written = Array.from({ length: count * this.#ways }, () => []);
    this.#blocks = new Uint32Array(count);
    mkdirSync(folder);
  }

  add({ size, history, category, times, weights }: Block): void {
    const partOf = this.#partOf;
    for (let i = 0; i < size; i++) {
      const code = history[i] ?? 0;
      let part = partOf[code] ?? 0;
      if (part === 0) {
        part = this.#dealer.shardOf(String(code + this.#least)) + 1;
        partOf[code] = part;
      }
      const way = (part - 1) * this.#ways + (code >>> this.#shift);
      const block = (this.#open[way] ??= openBlock(this.#events));
      const at = block.size++;
      block.history[at] = code;
      block.category[at] = category[i] ?? 0;
      if (block.times !== undefined) block.times[at] = times?.[i] ?? 0;
      if (block.weights !== undefined) block.weights[at] = weights?.[i] ?? 1;
      if (block.size === blockEvents) this.#write(way, block);
    }
  }

  /** Writes what is left; nothing is added afterward. */
  end(): void {
    this.#open.forEach((block, way) => block !== undefined && this.#write(way, block));
    this.#open.length = 0;
  }

  sizeOf(part: number): number {
    return this.#of(part).reduce((sum, { size }) => sum + size, 0);
  }

  pathOf(part: number): string {
    return join(this.#folder, String(part));
  }

  /** All events of a part, those of near histories side by side. */
  read(part: number): Block {
    const kept = keepBlock({ ...this.#events, size: this.sizeOf(part) });
    const block = openBlock(this.#events);
    const file = openSync(this.pathOf(part), 'r');
    try {
      for (const { index, size } of this.#of(part)) {
        const { bytes } = block;
        if (readSync(file, bytes, 0, bytes.length, index * bytes.length) !== bytes.length) {
          throw new InputError(`${this.pathOf(part)} was cut short by another program while the log was prepared`);
        }
        kept.history.set(block.history.subarray(0, size), kept.size);
        kept.category.set(block.category.subarray(0, size), kept.size);
        if (block.times !== undefined) kept.times?.set(block.times.subarray(0, size), kept.size);
        if (block.weights !== undefined) kept.weights?.set(block.weights.subarray(0, size), kept.size);
        kept.size += size;
      }
    } finally {
      closeSync(file);
    }
    return kept;
  }

  #of(part: number): Written[] {
    return this.#written.slice(part * this.#ways, (part + 1) * this.#ways).flat();
  }

  #write(way: number, block: Open): void {
    const part = Math.floor(way / this.#ways);
    try {
      appendFileSync(this.pathOf(part), block.bytes);
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
    this.#written[way]?.push({ index, size: block.size });
    block.size = 0;
  }
}

/** Room for a block, as it stands in the file: numbers of 64 bits first. */
function openBlock({ seconds, weight }: Pick<PreparedEvents, 'seconds' | 'weight'>): Open {
  const wide = [seconds, weight].filter((sql) => sql !== undefined).length;
  const bytes = new Uint8Array((8 + 8 * wide) * blockEvents);
  const { buffer } = bytes;
  const after = 8 * wide * blockEvents;
  return {
    size: 0,
    bytes,
    times: seconds === undefined ? undefined : new Float64Array(buffer, 0, blockEvents),
    weights: weight === undefined ? undefined : new Float64Array(buffer, 8 * (wide - 1) * blockEvents, blockEvents),
    history: new Int32Array(buffer, after, blockEvents),
    category: new Int32Array(buffer, after + 4 * blockEvents, blockEvents),
  };
}
