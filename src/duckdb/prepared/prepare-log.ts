/** Event log → a prepared log, however large: events are dealt to parts on disk by their histories, and memory holds one part. */
import type { GroupedClicks } from '../../histories/grouped-clicks.js';
import type { Dropped, HistoriesSource, Ties } from '../../histories/histories.js';
import { shapeShard } from '../../histories/shape-shard.js';
import { dealShard, keyOfPlace, shardCountOf, type Shard } from '../../histories/shard.js';
import type { TimeSpan } from '../../histories/time-span.js';
import type { Source } from '../sources/event-source.js';
import { groupEvents, type GroupedEvents, type GroupOptions, type ReadProgress } from '../events/group-events.js';
import type { PreparedEvents } from '../events/prepare-events.js';
import {
  describeTypes,
  groupRowsOf,
  historiesOf,
  noteBadRows,
  readGrouped,
  splitOptions,
  type HistoriesReading,
} from '../events/read-histories.js';
import { dealCodes, type DealtParts } from './deal-codes.js';
import { dealEvents, type DealtEvents } from './deal-events.js';
import { dealAgain } from './deal-again.js';
import { writeCodedParts } from './part-threads.js';
import { needsTexts, writeShaped, type PartTask, type Shaping, type WrittenPart } from './write-part.js';
import type { WrittenShard } from './write-shard.js';
import { listsInOrder, tableInOrder } from './rows-in-order.js';
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
  /** events that memory holds at a time; default those of a shard, or 16 million where that is more; of rows 16 million */
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
 * Rows that are histories of their own (`columns`, or lists without a history) have no key that could be dealt: beyond
 * what memory holds, they are sorted on disk by what they hold, and are dealt by their places.
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
  return writePreparedFolder(folder, writing, async (place) => {
    const { clicks, types } = await readGrouped<GroupedEvents | WrittenEvents>(source, reading, {
      keyed: async (events, how, columnTypes) => ({
        log: await writeKeyed({ ...options, reading, place, events, how, types: columnTypes }),
        droppedBefore: events.droppedBefore,
      }),
      rows: async (events, how, columnTypes) => {
        const { columns } = reading;
        if (events.size * (columns?.length ?? 1) <= (options.partEvents ?? leastPart)) {
          return groupRowsOf(reading)(events, how, columnTypes);
        }
        const log = await writeRows({ ...options, reading, place, events, how, types: columnTypes });
        return { log, droppedBefore: events.droppedBefore };
      },
    });
    if ('log' in clicks) {
      noteBadRows(clicks.droppedBefore, source, reading);
      return clicks.log;
    }
    return writeHistories(place, historiesOf({ clicks, types }, source, reading), writingWith(options));
  });
}

/** What was written while it was read. */
interface WrittenEvents extends Pick<GroupedEvents, 'droppedBefore'> {
  readonly log: WrittenLog;
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
  const { writing, events, how, onProgress } = keyed;
  const { partEvents = Math.max(leastPart, writing.shardClicks) } = keyed;
  const source = describeTypes(keyed.types);
  const count = Math.ceil(events.size / partEvents);
  if (count < 2) return writeWhole(keyed, source);
  onProgress?.({ stage: 'dealing', share: 0 });
  const dealing: GroupOptions = { ...how, onProgress: ({ share }) => onProgress?.({ stage: 'dealing', share }) };
  const dealt = await dealCodes(events, count, dealing);
  const written = await (dealt === undefined
    ? writeDealt(await dealEvents(events, count, dealing))
    : writeCodes(dealt));
  return dealParts(keyed, written, { source, partEvents, areShards: count });

  function writeDealt({ parts, keys, timeSpan }: DealtEvents): Promise<WrittenParts> {
    const each: GroupedParts['each'] = async (visit) => {
      // oxlint-disable-next-line no-await-in-loop -- memory holds one part
      for (const part of parts) await visit(part.size === 0 ? undefined : await part.group());
    };
    const write = writerOf(keyed, { each, size: events.size, timeSpan });
    return writeParts(keyed, { keys, timeSpan, missing: 0 }, write);
  }

  function writeCodes({ parts, timeSpan, ...coded }: DealtParts): Promise<WrittenParts> {
    const about = { keys: coded.categoryKeys, timeSpan, missing: 0 };
    const known = { ...coded, shaping: shapingOf(events, keyed, timeSpan) };
    // threads get copies: where the keys are not asked for, of nothing but their number
    const log = needsTexts(known) ? known : { ...known, categoryKeys: Array<string>(coded.categoryKeys.length) };
    return writeParts(keyed, about, async (take, pathOf) => {
      const tasks = parts.map((part, index) => ({ part, index, path: pathOf(index) }));
      for (const { part, index, path } of tasks) if (part.size === 0) take(index, await writeEmpty(keyed, path));
      const full = tasks.filter(({ part }) => part.size > 0);
      let done = 0;
      const onWritten = (one: WrittenPart, task: PartTask): void => {
        take(
          tasks.findIndex(({ path }) => path === task.path),
          one,
        );
        onProgress?.({ stage: 'clicks', share: ++done / full.length });
      };
      await writeCodedParts(full, log, { signal: writing.signal, onWritten });
    });
  }
}

/** Writes a log of rows that memory does not hold: sorted by what they hold, and dealt by their places. */
async function writeRows(keyed: Keyed): Promise<WrittenLog> {
  const { events, how, types, reading, partEvents = leastPart } = keyed;
  const { columns } = reading;
  const ordered =
    columns === undefined
      ? await listsInOrder(events, how, partEvents)
      : await tableInOrder(events, { ...how, columns, types }, partEvents);
  let histories = 0;
  const renamed = (shard: Shard): Shard => ({ ...shard, keys: shard.keys.map(() => keyOfPlace(histories++)) });
  const size = events.size * (columns?.length ?? 1);
  const written = await writeParts(keyed, ordered, writerOf(keyed, { ...ordered, size, renamed }));
  const source = columns === undefined ? describeTypes(types) : null;
  return dealParts(keyed, written, { source, partEvents, areShards: undefined });
}

/** Deals what was written by parts to the shards that there are to be. */
async function dealParts(
  { writing, how, place, onProgress }: Keyed,
  { writer, paths, counts, keys, ...known }: WrittenParts,
  {
    source,
    partEvents,
    areShards,
  }: {
    readonly source: HistoriesSource | null;
    readonly partEvents: number;
    /** how many shards the parts are, where they may be; undefined where they were not dealt */
    readonly areShards: number | undefined;
  },
): Promise<WrittenLog> {
  const shards = shardCountOf(writer.clicks, writing.shardClicks);
  const left = withClicks(keys, counts);
  const said = { ...known, source };
  // the parts are the shards unless merging or a cap has left fewer clicks, or none of a category
  if (shards === areShards && left.placeOf === undefined) return writer.finish({ keys, counts, known: said }, writing);
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
        onProgress?.({ stage: 'writing', share: (i + 1) / shards });
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
  const {
    shard,
    counts,
    timeSpan = null,
    ties = null,
    dropped,
    hasSessions,
  } = shapeShard(grouping.grouped, shapingOf(grouping, keyed));
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

/** What is known of all parts. */
interface AboutParts {
  /** distinct keys of the categories, ascending by their bytes */
  readonly keys: readonly string[];
  /** of all events */
  readonly timeSpan: TimeSpan | undefined;
  /** cells of a table that are missing */
  readonly missing: number;
}

/** Writes parts as shards where `pathOf` says, and tells of each once. */
type WriteEach = (take: (index: number, part: WrittenPart) => void, pathOf: (index: number) => string) => Promise<void>;

type WrittenParts = Awaited<ReturnType<typeof writeParts>>;

/** Writes the histories of each part as a shard. */
async function writeParts(keyed: Keyed, { keys, timeSpan, missing }: AboutParts, write: WriteEach) {
  const { events, place } = keyed;
  const writer = new ShardWriter(place);
  const shards: WrittenShard[] = [];
  const counts = new Float64Array(keys.length);
  const dropped: Record<'repeats' | 'maxHistory' | 'clicksPerCategory', number> = {
    repeats: 0,
    maxHistory: 0,
    clicksPerCategory: 0,
  };
  const ties: Ties = { ordered: 0, ofOrdered: 0, cut: 0, ofCut: 0 };
  let hasSessions = false;
  const take = (index: number, one: WrittenPart): void => {
    shards[index] = one.written;
    add(dropped, one.dropped);
    if (one.ties !== undefined) add(ties, one.ties);
    hasSessions ||= one.hasSessions;
    for (let at = 0; at < counts.length; at++) counts[at] = (counts[at] ?? 0) + (one.counts[at] ?? 0);
  };
  // here, as whoever reads the log would take it for a failure of reading
  await write(take, (index) => writer.pathOf(index)).catch((error: unknown) => writer.refuse(error));
  for (const shard of shards) writer.add(shard);
  const { droppedBefore } = events;
  const before = { ...droppedBefore, missing: droppedBefore.missing + missing };
  const all: Dropped = { ...before, ...dropped, minCount: 0, minHistories: 0, singles: 0 };
  const hasTimes = events.seconds !== undefined;
  return {
    writer,
    paths: shards.map((_, index) => writer.pathOf(index)),
    counts,
    keys,
    hasTimes,
    hasWeights: hasWeightsOf(keyed),
    hasSessions,
    dropped: all,
    ties: hasTimes ? ties : null,
    timeSpan: timeSpan ?? null,
  };
}

/** Parts whose events DuckDB reads. */
interface GroupedParts extends Pick<AboutParts, 'timeSpan'> {
  /** Gives each part once, undefined where it has no events. */
  readonly each: (visit: (part: GroupedClicks | undefined) => Promise<void>) => Promise<void>;
  readonly size: number;
  /** Gives the histories of a part other keys. */
  readonly renamed?: (shard: Shard) => Shard;
}

function writerOf(keyed: Keyed, { each, size, timeSpan, renamed }: GroupedParts): WriteEach {
  const { events, writing, onProgress } = keyed;
  const shaping = shapingOf(events, keyed, timeSpan);
  return async (take, pathOf) => {
    let done = 0;
    let index = 0;
    await each(async (part) => {
      writing.signal?.throwIfAborted();
      const at = index++;
      if (part === undefined) return take(at, await writeEmpty(keyed, pathOf(at)));
      done += part.categories.length;
      const one = shapeShard(part, shaping);
      take(at, await writeShaped(pathOf(at), { ...one, shard: renamed?.(one.shard) ?? one.shard }));
      onProgress?.({ stage: 'clicks', share: done / size });
    });
  };
}

/** How the histories of a log are shaped, or those of a part with the times of the whole. */
function shapingOf(
  { droppedBefore, secondsPerTimeUnit, timeReading }: Omit<GroupedEvents, 'grouped'>,
  { reading }: Keyed,
  timeSpan?: TimeSpan,
): Shaping {
  const { filters, isOrdered, seed } = splitOptions(reading);
  return { droppedBefore, secondsPerTimeUnit, timeReading, filters, isOrdered, seed, timeSpan };
}

/** The categories that have clicks; `placeOf` their new numbers, undefined where all have. */
function withClicks(keys: readonly string[], counts: Float64Array) {
  if (counts.every((clicks) => clicks > 0)) return { keys, counts, placeOf: undefined };
  let next = 0;
  const placeOf = Int32Array.from(counts, (clicks) => (clicks > 0 ? next++ : -1));
  return { keys: keys.filter((_, place) => (counts[place] ?? 0) > 0), counts: counts.filter(Boolean), placeOf };
}

/** Whether clicks come with weights, or get them by their age. */
function hasWeightsOf({ events: { seconds, weight }, reading }: Keyed): boolean {
  return weight !== undefined || (seconds !== undefined && splitOptions(reading).filters.halfLife !== 'none');
}

/** Writes the shard of a part that no history is dealt to. */
async function writeEmpty(keyed: Keyed, path: string): Promise<WrittenPart> {
  const shard = {
    keys: [],
    items: new Int32Array(0),
    offsets: new Uint32Array(1),
    times: keyed.events.seconds === undefined ? undefined : new Float64Array(0),
    weights: hasWeightsOf(keyed) ? new Float32Array(0) : undefined,
  };
  const dropped = { missing: 0, repeats: 0, maxHistory: 0, minCount: 0, minHistories: 0, singles: 0 };
  const known = { counts: new Float64Array(0), ties: undefined, timeSpan: undefined, hasSessions: false };
  return writeShaped(path, { ...known, shard, dropped });
}

/** Adds numbers by name. */
function add<Name extends string>(sum: Record<Name, number>, more: { readonly [Key in Name]?: number }): void {
  for (const name in sum) sum[name] += more[name] ?? 0;
}
