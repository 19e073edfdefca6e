/** Histories → a folder of shards: Parquet with list columns, the vocabulary, and a manifest that says how they were made. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../checks.js';
import { writeOutputs } from '../../files/atomic-file.js';
import { outputError } from '../../files/system-errors.js';
import type { Histories } from '../../histories/histories.js';
import type { LogManifest, ShardEntry } from '../../histories/prepared-log.js';
import { dealHistories, type Shard } from '../../histories/shard.js';
import { contentIdOfJson, fingerprint } from '../../numerics/fingerprint.js';
import { numberColumn, textColumn, writeParquet } from '../engine/write-parquet.js';
import { manifestName, preparedNames, shardName, vocabularyName } from './names.js';
import { writeShard, type WrittenShard } from './write-shard.js';
import { byteOrderOf } from '../../vocabulary.js';

/** How the histories were made, and how they are dealt. */
export interface WritePreparedOptions extends Pick<
  LogManifest,
  'log' | 'filters' | 'defaults' | 'seed' | 'shardClicks' | 'areRows'
> {
  /** write into a folder that holds other files too */
  readonly overwrite?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** told the share of the shards that are written, 0 … 1 */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** A prepared log that was written. */
export interface WrittenLog {
  readonly manifest: LogManifest;
  /** clicks of a history → how many histories have so many */
  readonly lengths: ReadonlyMap<number, number>;
}

/** Where a prepared log is written. */
export interface PreparedPlace {
  /** a folder that is there */
  readonly into: string;
  /** what it becomes, as the caller named it */
  readonly folder: string;
}

/** Makes the folder of a prepared log: whole or not at all. */
export async function writePreparedFolder<Result>(
  folder: string,
  { overwrite, signal }: Pick<WritePreparedOptions, 'overwrite' | 'signal'>,
  write: (place: PreparedPlace) => Promise<Result>,
): Promise<Result> {
  const place = { folder, kind: 'prepared log', ours: await preparedNames(folder), overwrite };
  return writeOutputs([place], ([into = '']) => write({ into, folder }), { signal });
}

/**
 * Writes histories in memory. Same histories and options, same bytes.
 *
 * @param histories - before `minCount` and `minHistories`, with single-category ones; with keys unless they are rows,
 *   in time order where they have times
 */
export async function writeHistories(
  place: PreparedPlace,
  histories: Histories,
  options: WritePreparedOptions,
): Promise<WrittenLog> {
  if (histories.keys === undefined && !options.areRows) {
    throw new InputError('a prepared log needs the keys of its histories');
  }
  const { keys, counts, placeOf } = inByteOrder(histories);
  const dealt = dealHistories(histories, placeOf, options.shardClicks);
  const writer = new ShardWriter(place);
  for (let i = 0; i < dealt.count; i++) {
    options.signal?.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- memory holds one shard
    await writer.write(dealt.shard(i));
    options.onProgress?.((i + 1) / dealt.count);
  }
  const { dropped, ties = null, timeSpan = null, source = null } = histories;
  const known = {
    hasTimes: histories.times !== undefined,
    hasWeights: histories.weights !== undefined,
    hasSessions: histories.users !== undefined,
    dropped,
    ties,
    timeSpan,
    source,
  };
  return writer.finish({ keys, counts, known }, options);
}

/** What a manifest says beside how the log was made and its shards. */
export type KnownOfLog = Pick<
  LogManifest,
  'hasTimes' | 'hasWeights' | 'hasSessions' | 'dropped' | 'ties' | 'timeSpan' | 'source'
>;

/** Writes shards one after the other, then what is said of all of them. */
export class ShardWriter {
  readonly #place: PreparedPlace;
  readonly #shards: ShardEntry[] = [];
  readonly #lengths = new Map<number, number>();

  constructor(place: PreparedPlace) {
    this.#place = place;
  }

  /** Clicks so far. */
  get clicks(): number {
    return this.#shards.reduce((sum, { clicks }) => sum + clicks, 0);
  }

  /** Writes the next shard. @returns its path */
  async write(shard: Shard): Promise<string> {
    const path = this.pathOf(this.#shards.length);
    // here, as whoever reads the log would take it for a failure of reading
    this.add(await writeShard(path, shard).catch((error: unknown) => this.refuse(error)));
    return path;
  }

  /** Where a shard is to be written. */
  pathOf(index: number): string {
    return join(this.#place.into, shardName(index));
  }

  /** Takes in the next shard, which was written where it belongs. */
  add({ lengths, ...sizes }: WrittenShard): void {
    this.#shards.push({ file: shardName(this.#shards.length), ...sizes });
    for (const [length, histories] of lengths) this.#lengths.set(length, (this.#lengths.get(length) ?? 0) + histories);
  }

  /** Says that the folder cannot be written. */
  refuse(error: unknown): never {
    throw outputError(this.#place.folder, error);
  }

  /**
   * Writes vocabulary and manifest.
   *
   * @param keys - ascending by their bytes; each has clicks
   */
  async finish(
    {
      keys,
      counts,
      known,
    }: { readonly keys: readonly string[]; readonly counts: Float64Array; readonly known: KnownOfLog },
    { log, filters, defaults, seed, shardClicks, areRows }: WritePreparedOptions,
  ): Promise<WrittenLog> {
    const columns = [textColumn('category', keys), numberColumn('count', counts)];
    const { into } = this.#place;
    const vocabulary = writeParquet(join(into, vocabularyName), columns, { rows: keys.length });
    await vocabulary.catch((error: unknown) => this.refuse(error));
    const { hasTimes, hasWeights, hasSessions, dropped, ties, timeSpan, source } = known;
    const shards = this.#shards;
    const described: Omit<LogManifest, 'contentId'> = {
      format: 1,
      log,
      filters,
      defaults,
      seed,
      shardClicks,
      histories: shards.reduce((sum, { histories }) => sum + histories, 0),
      clicks: this.clicks,
      categories: keys.length,
      hasTimes,
      hasWeights,
      hasSessions,
      areRows,
      dropped,
      ties,
      timeSpan,
      source,
      shards,
      fingerprint: fingerprint(
        keys,
        shards.map((shard) => shard.fingerprint),
      ),
    };
    const manifest = { ...described, contentId: contentIdOfJson(described, counts) };
    await writeFile(join(into, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
    return { manifest, lengths: this.#lengths };
  }
}

/** The vocabulary in the order of its keys' bytes, and the place of each of its rows there. */
function inByteOrder({ vocabulary }: Pick<Histories, 'vocabulary'>) {
  const { keys, counts } = vocabulary;
  const { order, placeOf } = byteOrderOf(keys);
  return {
    keys: Array.from(order, (row) => keys[row] ?? ''),
    counts: Float64Array.from(order, (row) => counts[row] ?? 0),
    placeOf,
  };
}
