/** Prepared logs on the command line: what is stored of a log, and flags that agree with it or are refused. */
import { InputError } from '../../checks.js';
import { isPrepared } from '../../duckdb/prepared/names.js';
import { openPrepared } from '../../duckdb/prepared/open-prepared.js';
import { prepareLogWith } from '../../duckdb/prepared/prepare-log.js';
import { prepareArriving } from '../../duckdb/prepared/prepare-arriving.js';
import { arrivingClicks } from '../../duckdb/prepared/prepare-arriving-log.js';
import type { WrittenLog } from '../../duckdb/prepared/write-prepared.js';
import { temporaryFolders } from '../../files/temporary-folders.js';
import { defaultShardClicks, type LogManifest, type PreparedLog } from '../../histories/prepared-log.js';
import { filterOptions } from '../../histories/reader-options.js';
import { resolveOptions } from '../../option-table.js';
import type { Call } from '../action.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import { flagOf, tableValues } from './flags.js';
import { anyLogSource, logProvenance, logSource, type LogFlags } from './log-flags.js';
import { clusterLog, fileOptions } from './read-log.js';

/** How a log is dealt. */
export const shardOptions = {
  shardClicks: {
    kind: 'integer',
    min: 1,
    default: defaultShardClicks,
    value: 'count',
    help: 'clicks per shard; memory holds one',
  },
} as const satisfies FlagTable;

/** The flags that a log's shards are made by. */
export type ShardFlags = LogFlags & GivenFlags<typeof shardOptions> & { readonly seed?: number | undefined };

type ShardCall = Pick<Call<ShardFlags>, 'args' | 'flags' | 'progress' | 'streams'>;

/**
 * Reads a log and writes its histories as shards hold them: before the filters on counts, with keys, in time order
 * where there are times.
 */
export async function prepareFromFlags(
  folder: string,
  call: ShardCall,
  {
    overwrite,
    partEvents,
  }: { readonly overwrite?: boolean | undefined; readonly partEvents?: number | undefined } = {},
): Promise<WrittenLog> {
  const { args, flags, progress, streams } = call;
  const { columns, history, seed = 1, shardClicks = shardOptions.shardClicks.default } = flags;
  const { signal } = streams;
  const areRows = columns !== undefined || history === undefined;
  const { source } = logProvenance(anyLogSource(args, flags), flags);
  const { minCount, minHistories, ...filters } = resolveOptions(
    filterOptions,
    tableValues(filterOptions, { ...flags }),
  );
  const log = Object.fromEntries(Object.entries(source ?? {}).flatMap(([name, value]) => entryOf(name, value)));
  const defaults = { minCount, minHistories };
  const writing = { log, filters, defaults, seed, shardClicks, areRows, overwrite, signal };
  const unpruned = { ...call, flags: { ...flags, minCount: undefined, minHistories: undefined } };
  if (flags.engine !== undefined) {
    const onProgress = (share: number): void => progress.update('writing', { share });
    const partClicks = partEvents ?? arrivingClicks;
    const arriving = await clusterLog(call, seed);
    const how = { partClicks, signal, onProgress: progress.onReading };
    return prepareArriving(folder, (visit) => arriving.arrive(visit, how), {
      writing: { ...writing, onProgress },
      partClicks,
    });
  }
  return prepareLogWith(folder, logSource(args, flags), {
    reading: { ...fileOptions(unpruned), seed },
    writing,
    partEvents,
    onProgress: ({ stage, share }) => progress.update(stage === 'writing' ? stage : `reading (${stage})`, { share }),
  });
}

function entryOf(name: string, value: unknown): [string, string | readonly string[]][] {
  if (typeof value === 'string') return [[name, value]];
  return Array.isArray(value) ? [[name, value.map(String)]] : [];
}

/** A temporary folder of shards, made when it is asked for. */
export interface TemporaryShards {
  readonly make: (call: ShardCall) => Promise<PreparedLog>;
  readonly remove: () => Promise<void>;
}

/** Shards that live as long as a command. */
export function temporaryShards(): TemporaryShards {
  const folders = temporaryFolders('category2vec-shards-');
  return {
    async make(call) {
      const into = folders.make('log');
      await prepareFromFlags(into, call);
      return openPrepared(into);
    },
    remove: () => folders.remove(),
  };
}

/** Flags that say how a log is read, which mean nothing for one that is prepared. */
const readingNames = [
  'sql',
  'delimiter',
  'quote',
  'encoding',
  'memoryLimit',
  'extensionFolder',
  'engine',
  'table',
  'work',
  'engineCa',
] as const;
/** Flags that a prepared log knows. */
const logNames = ['history', 'category', 'columns', 'time', 'timeFormat', 'timeUnit', 'weight', 'where'] as const;

/**
 * Opens the prepared log that a command line names in the place of an event log.
 *
 * @returns it, and the flags with what it knows filled in; undefined where an event log is named
 * @throws InputError for a flag that contradicts it, and for other logs beside it
 */
export async function openPreparedLog<Flags extends ShardFlags>(
  args: readonly string[],
  flags: Flags,
): Promise<{ readonly log: PreparedLog; readonly flags: Flags; readonly name: string } | undefined> {
  const name = args.find(isPrepared);
  if (name === undefined) return undefined;
  if (args.length > 1)
    throw new InputError(`a prepared log is read alone, got ${args.join(', ')}; prepare all of it together`);
  const log = await openPrepared(name);
  return { log, flags: checkedFlags(name, log.manifest, flags), name };
}

function checkedFlags<Flags extends ShardFlags>(name: string, manifest: LogManifest, flags: Flags): Flags {
  const given = new Map<string, unknown>(Object.entries(flags));
  const refuse = (flag: string, is: string, got: unknown): never => {
    throw new InputError(
      `${flag} must be ${is}, as when ${name} was prepared, got ${JSON.stringify(got)}; leave it out, or prepare the log again`,
    );
  };
  const isSkipping = given.get('badRows') === 'skip' && given.get('attributes') === undefined;
  const [ofReading] = [
    ...readingNames.filter((one) => given.get(one) !== undefined),
    ...(given.get('header') === false ? ['noHeader'] : []),
    ...(isSkipping ? ['badRows'] : []),
  ];
  if (ofReading !== undefined) {
    throw new InputError(`${flagOf(ofReading)} says how a log is read, but ${name} is prepared already; leave it out`);
  }
  for (const one of logNames) {
    const known = manifest.log[one];
    const got = given.get(one);
    if (got === undefined || JSON.stringify(got) === JSON.stringify(known)) continue;
    refuse(flagOf(one), known === undefined ? 'left out' : JSON.stringify(known), got);
  }
  for (const [one, known] of Object.entries(manifest.filters)) {
    const got = given.get(one);
    if (got !== undefined && got !== known) refuse(flagOf(one), JSON.stringify(known), got);
  }
  const { shardClicks, seed = 1 } = flags;
  if (shardClicks !== undefined && shardClicks !== manifest.shardClicks) {
    refuse('--shard-clicks', String(manifest.shardClicks), shardClicks);
  }
  if (seed !== manifest.seed && drawsLots(manifest, flags)) refuse('--seed', String(manifest.seed), seed);
  const known = Object.fromEntries(logNames.map((one) => [one, manifest.log[one]]));
  return { ...flags, ...manifest.filters, ...manifest.defaults, ...definedOf(flags), ...known };
}

/** Whether the seed has decided anything that the histories asked for depend on. */
function drawsLots({ ties, filters, hasTimes }: LogManifest, flags: ShardFlags): boolean {
  const isOrdered = 'context' in flags && flags.context === 'window';
  // a cluster does not count ties: there may be some
  const { cut, ordered } = ties ?? (hasTimes ? { cut: 1, ordered: 1 } : { cut: 0, ordered: 0 });
  if (filters.maxHistory > 0 && (!hasTimes || cut > 0)) return true;
  return isOrdered && ordered > 0;
}

function definedOf<Flags extends object>(flags: Flags): Partial<Flags> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as Partial<Flags>;
}
