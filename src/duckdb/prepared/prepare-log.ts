/** Event log → a prepared log, however large: events are dealt to parts on disk by their histories, and memory holds one part. */
import { buildHistories } from '../../histories/build-histories.js';
import type { Dropped, Histories, Ties } from '../../histories/histories.js';
import { dealShard, numberClicks, shardCountOf, type Shard } from '../../histories/shard.js';
import type { Source } from '../sources/event-source.js';
import { groupEvents, type GroupOptions, type ReadProgress } from '../events/group-events.js';
import type { PreparedEvents } from '../events/prepare-events.js';
import {
  describeTypes,
  historiesOf,
  noteBadRows,
  readGrouped,
  splitOptions,
  type HistoriesReading,
} from '../events/read-histories.js';
import { dealEvents } from './deal-events.js';
import { dealAgain } from './deal-again.js';
import {
  inByteOrder,
  ShardWriter,
  writeHistories,
  writePreparedFolder,
  type WritePreparedOptions,
  type WrittenLog,
} from './write-prepared.js';

/** What is read, and how it is written. */
export interface PrepareOptions {
  /** columns and filters; those on counts are left to whoever reads the prepared log */
  readonly reading: HistoriesReading;
  readonly writing: Omit<WritePreparedOptions, 'onProgress'>;
  /** events that memory holds at a time; default those of a shard, or 16 million where that is more */
  readonly partEvents?: number | undefined;
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
}

/** How far it has come. */
export interface PrepareProgress {
  readonly stage: ReadProgress['stage'] | 'dealing' | 'writing';
  /** share of the stage that is done, 0 … 1 */
  readonly share: number;
}

const leastPart = 16_000_000;

/**
 * Reads an event log and writes its histories in shards; the folder appears whole or not at all, with the same bytes
 * however the log was read.
 *
 * Rows that are histories of their own (`columns`, or lists without a history) have no key that could be dealt: they
 * are read into memory.
 *
 * @throws InputError as `readHistories` and `writeOutputs`
 */
export async function prepareLogWith(folder: string, source: Source, options: PrepareOptions): Promise<WrittenLog> {
  const { writing, onProgress } = options;
  const reading: HistoriesReading = {
    ...options.reading,
    minCount: undefined,
    minHistories: undefined,
    isOrdered: options.reading.time !== undefined,
    keepKeys: !writing.areRows,
    keepSingles: true,
    signal: writing.signal,
    onProgress,
  };
  return writePreparedFolder(folder, writing, async (into) => {
    const { clicks, types } = await readGrouped(source, reading, async (events, how, columnTypes) => ({
      log: await writeKeyed({ ...options, reading, into, events, how, types: columnTypes }),
      droppedBefore: events.droppedBefore,
    }));
    if ('log' in clicks) {
      noteBadRows(clicks.droppedBefore, source, reading);
      return clicks.log;
    }
    return writeHistories(into, historiesOf({ clicks, types }, source, reading), writingWith(options));
  });
}

function writingWith({ writing, onProgress }: PrepareOptions): WritePreparedOptions {
  return { ...writing, onProgress: (share) => onProgress?.({ stage: 'writing', share }) };
}

interface Keyed extends PrepareOptions {
  readonly into: string;
  readonly events: PreparedEvents;
  readonly how: GroupOptions;
  readonly types: ReadonlyMap<string, string>;
}

/** Writes a log whose histories have keys. */
async function writeKeyed(keyed: Keyed): Promise<WrittenLog> {
  const { writing, events, how, into } = keyed;
  const { partEvents = Math.max(leastPart, writing.shardClicks) } = keyed;
  const source = describeTypes(keyed.types);
  const count = Math.ceil(events.size / partEvents);
  if (count < 2) {
    const histories = shaped(await groupEvents(events, how), keyed);
    return writeHistories(into, { ...histories, source }, writingWith(keyed));
  }
  const { writer, paths, counts, keys, ...known } = await writeParts(keyed, count);
  const shards = shardCountOf(writer.clicks, writing.shardClicks);
  const hasAll = counts.every((clicks) => clicks > 0);
  const said = { ...known, source };
  // the parts are the shards unless merging or a cap has left fewer clicks, or none of a category
  if (shards === count && hasAll) return writer.finish({ keys, counts, known: said }, writing);
  const newPlaces = Int32Array.from(counts, (clicks) => Number(clicks > 0));
  newPlaces.forEach((isLeft, place) => (newPlaces[place] = (place === 0 ? 0 : (newPlaces[place - 1] ?? 0)) + isLeft));
  const placeOf = newPlaces.map((end) => end - 1);
  const perPart = Math.max(1, Math.floor(partEvents / writing.shardClicks));
  const again = new ShardWriter(into);
  await dealAgain(
    paths,
    { ...known, count: shards, perPart, engine: how.engine, signal: writing.signal },
    async (part, from, to) => {
      const dealt = dealShard(part, shards, placeOf);
      for (let i = from; i < to; i++) {
        // oxlint-disable-next-line no-await-in-loop -- memory holds one part
        await again.write(dealt.shard(i));
        keyed.onProgress?.({ stage: 'writing', share: (i + 1) / shards });
      }
    },
  );
  const left = { keys: keys.filter((_, place) => (counts[place] ?? 0) > 0), counts: counts.filter(Boolean) };
  return again.finish({ ...left, known: said }, writing);
}

/** Deals the events to parts, and writes the histories of each as a shard. */
async function writeParts(keyed: Keyed, count: number) {
  const { events, how, into, writing, onProgress } = keyed;
  onProgress?.({ stage: 'dealing', share: 0 });
  const { parts, keys, timeSpan } = await dealEvents(events, count, how);
  const writer = new ShardWriter(into);
  const paths: string[] = [];
  const counts = new Float64Array(keys.length);
  const dropped: Record<'repeats' | 'maxHistory' | 'clicksPerCategory', number> = {
    repeats: 0,
    maxHistory: 0,
    clicksPerCategory: 0,
  };
  const ties: Ties = { ordered: 0, ofOrdered: 0, cut: 0, ofCut: 0 };
  let hasSessions = false;
  for (const [i, { remove, ...part }] of parts.entries()) {
    writing.signal?.throwIfAborted();
    if (part.size === 0) {
      paths.push(await writer.write(emptyShard(events)));
      continue;
    }
    const grouped = await groupEvents(part, { ...how, keepKeys: true, onProgress: undefined });
    const histories = shaped(grouped, keyed, timeSpan);
    await remove();
    add(dropped, histories.dropped);
    if (histories.ties !== undefined) add(ties, histories.ties);
    hasSessions ||= histories.users !== undefined;
    paths.push(await writer.write(numbered(histories, keys, counts)));
    onProgress?.({ stage: 'clicks', share: (i + 1) / count });
  }
  const all: Dropped = { ...events.droppedBefore, ...dropped, minCount: 0, minHistories: 0, singles: 0 };
  const hasTimes = events.seconds !== undefined;
  const hasWeights =
    events.weight !== undefined || (hasTimes && splitOptions(keyed.reading).filters.halfLife !== 'none');
  return {
    writer,
    paths,
    counts,
    keys,
    hasTimes,
    hasWeights,
    hasSessions,
    dropped: all,
    ties: hasTimes ? ties : null,
    timeSpan: timeSpan ?? null,
  };
}

/** Histories of a whole log, or of a part with the times of the whole. */
function shaped(
  { grouped, ...known }: Awaited<ReturnType<typeof groupEvents>>,
  { reading }: Keyed,
  timeSpan?: Histories['timeSpan'],
): Histories {
  const { filters, isOrdered, keepKeys, keepSingles, seed } = splitOptions(reading);
  return buildHistories(grouped, { filters, isOrdered, keepKeys, keepSingles, seed, timeSpan, ...known });
}

/** Histories of a part in the numbering of the log's keys; their clicks are counted. */
function numbered(histories: Histories, keys: readonly string[], counts: Float64Array): Shard {
  const { keys: own, counts: ownCounts, placeOf } = inByteOrder(histories);
  const places = new Int32Array(own.length);
  let place = 0;
  own.forEach((key, i) => {
    while (keys[place] !== key) {
      if (++place >= keys.length) throw new Error(`the category ${JSON.stringify(key)} is not among those of the log`);
    }
    places[i] = place;
    counts[place] = (counts[place] ?? 0) + (ownCounts[i] ?? 0);
  });
  const { items, offsets, times, weights, keys: historyKeys = [] } = histories;
  const shard = { keys: historyKeys, items, offsets, times, weights };
  numberClicks(
    shard,
    placeOf.map((placeAmongOwn) => places[placeAmongOwn] ?? 0),
  );
  return shard;
}

function emptyShard({ seconds, weight }: PreparedEvents): Shard {
  return {
    keys: [],
    items: new Int32Array(0),
    offsets: new Uint32Array(1),
    times: seconds === undefined ? undefined : new Float64Array(0),
    weights: weight === undefined ? undefined : new Float32Array(0),
  };
}

/** Adds numbers by name. */
function add<Name extends string>(sum: Record<Name, number>, more: { readonly [Key in Name]?: number }): void {
  for (const name in sum) sum[name] += more[name] ?? 0;
}
