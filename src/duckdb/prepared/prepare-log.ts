/** Event log → a prepared log, however large: events are dealt to parts on disk by their histories, and memory holds one part. */
import { named, sentence } from '../../checks.js';
import { formatBytes } from '../../numerics/memory-layout.js';
import { withThousands } from '../../numerics/thousands.js';
import type { Dropped, HistoriesSource, Ties } from '../../histories/histories.js';
import { shapeShard, type ShapedShard } from '../../histories/shape-shard.js';
import { dealShard, shardCountOf, type Shard } from '../../histories/shard.js';
import type { TimeSpan } from '../../histories/time-span.js';
import type { Source } from '../sources/event-source.js';
import { tellNote } from '../events/check-keys.js';
import { groupEvents, type GroupedEvents, type GroupOptions, type ReadProgress } from '../events/group-events.js';
import type { PreparedEvents } from '../events/prepare-events.js';
import {
  describeTypes,
  historiesOf,
  noteBadRows,
  readGrouped,
  splitOptions,
  type HistoriesReading,
} from '../events/read-histories.js';
import { dealCodes } from './deal-codes.js';
import { dealEvents } from './deal-events.js';
import { dealAgain } from './deal-again.js';
import {
  ShardWriter,
  writeHistories,
  writePreparedFolder,
  type PreparedPlace,
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
 * are read into memory, and a note says how much that is.
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
    onEvents: (events) => {
      if (writing.areRows) tellOfRows(events, options.reading);
      options.reading.onEvents?.(events);
    },
  };
  return writePreparedFolder(folder, writing, async (place) => {
    const { clicks, types } = await readGrouped(source, reading, async (events, how, columnTypes) => ({
      log: await writeKeyed({ ...options, reading, place, events, how, types: columnTypes }),
      droppedBefore: events.droppedBefore,
    }));
    if ('log' in clicks) {
      noteBadRows(clicks.droppedBefore, source, reading);
      return clicks.log;
    }
    return writeHistories(place, historiesOf({ clicks, types }, source, reading), writingWith(options));
  });
}

/** Bytes that a click of rows of ten takes at the peak, measured on 2M and 10M: rows are put in order by their contents. */
const rowBytes = 48;
const rowBytesWithNumbers = 64;
/** From here on it is said. */
const mostRowBytes = 1e9;

/** Says what rows without keys take, where it is much. */
function tellOfRows(events: number, { time, weight, onNote }: HistoriesReading): void {
  const each = time === undefined && weight === undefined ? rowBytes : rowBytesWithNumbers;
  if (events * each < mostRowBytes) return;
  tellNote(
    { onNote },
    sentence`rows that are histories of their own have no key to be dealt by, so all ${withThousands(events)} clicks are
      read into memory, which takes about ${formatBytes(events * each)} (${each} bytes each); with a key for each row, given
      with ${named('history')}, memory holds one shard`,
  );
}

function writingWith({ writing, onProgress }: PrepareOptions): WritePreparedOptions {
  return { ...writing, onProgress: (share) => onProgress?.({ stage: 'writing', share }) };
}

interface Keyed extends PrepareOptions {
  readonly place: PreparedPlace;
  readonly events: PreparedEvents;
  readonly how: GroupOptions;
  readonly types: ReadonlyMap<string, string>;
}

/** Writes a log whose histories have keys. */
async function writeKeyed(keyed: Keyed): Promise<WrittenLog> {
  const { writing, events, how, place } = keyed;
  const { partEvents = Math.max(leastPart, writing.shardClicks) } = keyed;
  const source = describeTypes(keyed.types);
  const count = Math.ceil(events.size / partEvents);
  if (count < 2) return writeWhole(keyed, source);
  const { writer, paths, counts, keys, ...known } = await writeParts(keyed, count);
  const shards = shardCountOf(writer.clicks, writing.shardClicks);
  const left = withClicks(keys, counts);
  const said = { ...known, source };
  // the parts are the shards unless merging or a cap has left fewer clicks, or none of a category
  if (shards === count && left.placeOf === undefined) return writer.finish({ keys, counts, known: said }, writing);
  const perPart = Math.max(1, Math.floor(partEvents / writing.shardClicks));
  const again = new ShardWriter(place);
  await dealAgain(
    paths,
    { ...known, count: shards, perPart, engine: how.engine, signal: writing.signal },
    async (part, from, to) => {
      const dealt = dealShard(part, shards, left.placeOf);
      for (let i = from; i < to; i++) {
        // oxlint-disable-next-line no-await-in-loop -- memory holds one part
        await again.write(dealt.shard(i));
        keyed.onProgress?.({ stage: 'writing', share: (i + 1) / shards });
      }
    },
  );
  return again.finish({ ...left, known: said }, writing);
}

/** Writes a log that memory holds. */
async function writeWhole(keyed: Keyed, source: HistoriesSource): Promise<WrittenLog> {
  const { writing, events, how, place } = keyed;
  const grouping = await groupEvents(events, how);
  how.onProgress?.({ stage: 'filtering', share: 0 });
  const { shard, counts, timeSpan = null, ties = null, dropped, hasSessions } = shaped(grouping, keyed);
  const left = withClicks(grouping.grouped.categoryKeys, counts);
  const dealt = dealShard(shard, shardCountOf(shard.items.length, writing.shardClicks), left.placeOf);
  const writer = new ShardWriter(place);
  for (let i = 0; i < dealt.count; i++) {
    writing.signal?.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- memory holds one shard more
    await writer.write(dealt.shard(i));
    keyed.onProgress?.({ stage: 'writing', share: (i + 1) / dealt.count });
  }
  const has = { hasTimes: shard.times !== undefined, hasWeights: shard.weights !== undefined, hasSessions };
  return writer.finish({ ...left, known: { ...has, dropped, ties, timeSpan, source } }, writing);
}

/** Deals the events to parts, and writes the histories of each as a shard. */
async function writeParts(keyed: Keyed, count: number) {
  const { events, how, place, writing, onProgress } = keyed;
  onProgress?.({ stage: 'dealing', share: 0 });
  const dealing: GroupOptions = { ...how, onProgress: ({ share }) => onProgress?.({ stage: 'dealing', share }) };
  const { parts, keys, timeSpan } =
    (await dealCodes(events, count, dealing)) ?? (await dealEvents(events, count, dealing));
  const writer = new ShardWriter(place);
  const paths: string[] = [];
  const counts = new Float64Array(keys.length);
  const dropped: Record<'repeats' | 'maxHistory' | 'clicksPerCategory', number> = {
    repeats: 0,
    maxHistory: 0,
    clicksPerCategory: 0,
  };
  const ties: Ties = { ordered: 0, ofOrdered: 0, cut: 0, ofCut: 0 };
  let hasSessions = false;
  for (const [i, part] of parts.entries()) {
    writing.signal?.throwIfAborted();
    if (part.size === 0) {
      paths.push(await writer.write(emptyShard(events)));
      continue;
    }
    const one = shaped({ ...events, grouped: await part.group() }, keyed, timeSpan);
    add(dropped, one.dropped);
    if (one.ties !== undefined) add(ties, one.ties);
    hasSessions ||= one.hasSessions;
    for (let place = 0; place < counts.length; place++) counts[place] = (counts[place] ?? 0) + (one.counts[place] ?? 0);
    paths.push(await writer.write(one.shard));
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
function shaped({ grouped, ...known }: GroupedEvents, { reading }: Keyed, timeSpan?: TimeSpan): ShapedShard {
  const { filters, isOrdered, seed } = splitOptions(reading);
  return shapeShard(grouped, { ...known, filters, isOrdered, seed, timeSpan });
}

/** The categories that have clicks; `placeOf` their new numbers, undefined where all have. */
function withClicks(keys: readonly string[], counts: Float64Array) {
  if (counts.every((clicks) => clicks > 0)) return { keys, counts, placeOf: undefined };
  let next = 0;
  const placeOf = Int32Array.from(counts, (clicks) => (clicks > 0 ? next++ : -1));
  return { keys: keys.filter((_, place) => (counts[place] ?? 0) > 0), counts: counts.filter(Boolean), placeOf };
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
