/**
 * Opens a prepared log: its manifest is checked, its files are counted and weighed, and each shard is compared with its
 * fingerprint when it is read.
 */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { join } from 'node:path';
import { InputError } from '../../checks.js';
import type { LogManifest, PreparedLog, ShardEntry } from '../../histories/prepared-log.js';
import type { Shard } from '../../histories/shard.js';
import { contentIdOfJson, fingerprint, FingerprintStream } from '../../numerics/fingerprint.js';
import { openParquet, type ParquetFile } from '../engine/open-parquet.js';
import { columnOf, listRoom, listsIn, stringsIn } from '../engine/raw-vectors.js';
import { readPlainClicks } from './plain-shard.js';
import { manifestName, vocabularyName } from './names.js';

/**
 * Opens the folder of a prepared log.
 *
 * @throws InputError for a folder of another kind or format, a file that is missing or of another size, or categories
 *   of another log
 */
export async function openPrepared(folder: string): Promise<PreparedLog> {
  const manifest = await readManifest(folder);
  for (const { file, bytes } of [...manifest.shards, { file: vocabularyName, bytes: undefined }]) {
    // oxlint-disable-next-line no-await-in-loop -- the first that is wrong is named
    const status = await stat(join(folder, file)).catch(() => undefined);
    if (status === undefined) throw new InputError(`${place(folder)} lacks ${file}; prepare the log again`);
    if (bytes === undefined || status.size === bytes) continue;
    throw new InputError(
      `${join(folder, file)} must have ${bytes} bytes, got ${status.size}: it is damaged or of another log; ` +
        'prepare the log again',
    );
  }
  const { keys: categoryKeys, counts } = await readVocabulary(join(folder, vocabularyName));
  const shards = manifest.shards.map((shard) => shard.fingerprint);
  const entryOf = (index: number, signal: AbortSignal | undefined): ShardEntry => {
    const entry = manifest.shards[index];
    if (entry === undefined) throw new InputError(`shard must be from 0 to ${shards.length - 1}, got ${index}`);
    signal?.throwIfAborted();
    return entry;
  };
  const read = async (index: number, hasKeys: boolean, signal?: AbortSignal): Promise<Shard> => {
    const entry = entryOf(index, signal);
    return readShard(join(folder, entry.file), { entry, manifest, hasKeys, signal });
  };
  if (fingerprint(categoryKeys, shards) !== manifest.fingerprint) {
    throw new InputError(`${join(folder, vocabularyName)} is damaged or of another log; prepare the log again`);
  }
  if (contentIdOfJson(manifest, counts) !== manifest.contentId) {
    throw new InputError(
      `${place(folder)} is damaged: ${manifestName} or ${vocabularyName} is not what was written; prepare the log again`,
    );
  }
  return {
    manifest,
    categoryKeys,
    readShard: (index, signal) => read(index, true, signal),
    readClicks: async (index, signal) => {
      const entry = entryOf(index, signal);
      const plain = await readPlainClicks(join(folder, entry.file), { entry, manifest, signal });
      if (plain !== undefined) return plain;
      const { keys: _, ...clicks } = await read(index, false, signal);
      return clicks;
    },
    streamShard: (index, signal) => streamShard(join(folder, manifest.shards[index]?.file ?? ''), manifest, signal),
  };
}

function place(folder: string): string {
  return `the prepared log ${JSON.stringify(folder)}`;
}

async function readManifest(folder: string): Promise<LogManifest> {
  const path = join(folder, manifestName);
  if (!existsSync(path)) {
    throw new InputError(`${JSON.stringify(folder)} must be a folder of prepare, got one without ${manifestName}`);
  }
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is damaged' : 'it cannot be read';
    throw new InputError(`${path} must be the manifest of a prepared log: ${why}; prepare the log again`);
  }
  if (typeof manifest === 'object' && manifest !== null && 'format' in manifest && manifest.format !== 1) {
    throw new InputError(
      `${path} must be of format 1, got ${String(manifest.format)}: another version of category2vec wrote ` +
        'it; prepare the log again',
    );
  }
  if (!isManifest(manifest)) {
    throw new InputError(`${path} must be the manifest of a prepared log, got something else; prepare the log again`);
  }
  return manifest;
}

function isManifest(value: unknown): value is LogManifest {
  if (typeof value !== 'object' || value === null || !('shards' in value) || !Array.isArray(value.shards)) return false;
  const given = new Map<string, unknown>(Object.entries(value));
  const areCounts = ['histories', 'clicks', 'categories', 'seed', 'shardClicks'].every((name) =>
    isCount(given.get(name)),
  );
  const areObjects = ['log', 'filters', 'defaults', 'dropped'].every((name) => isObject(given.get(name)));
  const sums = { histories: 0, clicks: 0 };
  for (const shard of value.shards as readonly unknown[]) {
    if (!isEntry(shard)) return false;
    sums.histories += shard.histories;
    sums.clicks += shard.clicks;
  }
  return areCounts && areObjects && sums.histories === given.get('histories') && sums.clicks === given.get('clicks');
}

function isEntry(value: unknown): value is ShardEntry {
  if (!isObject(value)) return false;
  const given = new Map<string, unknown>(Object.entries(value));
  const file = given.get('file');
  return (
    typeof file === 'string' &&
    /^shard-\d{5,}\.parquet$/.test(file) &&
    ['bytes', 'histories', 'clicks'].every((name) => isCount(given.get(name))) &&
    typeof given.get('fingerprint') === 'string'
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

async function readVocabulary(
  path: string,
): Promise<{ readonly keys: readonly string[]; readonly counts: Float64Array }> {
  const file = await openParquet(path);
  try {
    const keys = (await file.readText('category')).map((key) => key ?? '');
    return { keys, counts: Float64Array.from(await file.readAttribute('count'), Number) };
  } catch (error) {
    throw file.explain(error);
  } finally {
    file.close();
  }
}

interface ReadingShard {
  readonly entry: ShardEntry;
  readonly manifest: LogManifest;
  /** whether its keys are kept; compared with the fingerprint they are always */
  readonly hasKeys: boolean;
  readonly signal: AbortSignal | undefined;
}

async function readShard(path: string, { entry, manifest, hasKeys, signal }: ReadingShard): Promise<Shard> {
  const file = await openParquet(path);
  const seen = new FingerprintStream();
  seen.beginTexts(entry.histories);
  let shard: Shard;
  try {
    const columns = wantedColumns(file, manifest);
    const onKeys = (keys: readonly string[]): void => seen.addTexts(keys);
    shard = await collectShard({ ...manifest, ...entry, hasKeys, onKeys }, (take) =>
      file.visit(columns, (chunk) => {
        signal?.throwIfAborted();
        take(chunk);
      }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw file.explain(error);
  } finally {
    file.close();
  }
  for (const part of [shard.items, shard.offsets, shard.times, shard.weights]) seen.add(part);
  if (seen.digest() === entry.fingerprint) return shard;
  throw new InputError(
    `${path} is damaged or of another log: its fingerprint is not that of the manifest; prepare the log again`,
  );
}

async function* streamShard(
  path: string,
  manifest: LogManifest,
  signal: AbortSignal | undefined,
): AsyncGenerator<Shard, void> {
  const file = await openParquet(path);
  try {
    for await (const chunk of file.chunks(wantedColumns(file, manifest))) {
      signal?.throwIfAborted();
      yield shardOfChunk(chunk, manifest);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw file.explain(error);
  } finally {
    file.close();
  }
}

/** The histories of one chunk. */
function shardOfChunk(chunk: DuckDBDataChunk, { hasTimes, hasWeights }: LogManifest): Shard {
  const { rowCount } = chunk;
  const room = listRoom(columnOf(chunk, 1));
  const items = new Int32Array(room);
  const times = hasTimes ? new Float64Array(room) : undefined;
  const weights = hasWeights ? new Float32Array(room) : undefined;
  const offsets = new Uint32Array(rowCount + 1);
  [items, ...(times ? [times] : []), ...(weights ? [weights] : [])].forEach((values, i) =>
    listsIn(columnOf(chunk, 1 + i), rowCount, { values, at: 0, offsets: i === 0 ? offsets : undefined }),
  );
  const keys = stringsIn(columnOf(chunk, 0), rowCount).map((key) => key ?? '');
  return { keys, items, offsets, times, weights };
}

/** Names of the columns of a shard's file. @throws InputError where it has others */
function wantedColumns({ columns }: ParquetFile, { hasTimes, hasWeights }: LogManifest): string {
  const wanted = new Map([
    ['key', 'VARCHAR'],
    ['items', 'INTEGER[]'],
    ...(hasTimes ? [['times', 'DOUBLE[]'] as const] : []),
    ...(hasWeights ? [['weights', 'FLOAT[]'] as const] : []),
  ]);
  for (const [name, type] of wanted) {
    if (columns.get(name) === type) continue;
    throw new InputError(`column ${name} must be ${type}, got ${columns.get(name) ?? 'none'}; prepare the log again`);
  }
  return [...wanted.keys()].join(', ');
}

/** What is known of a shard before its chunks are collected. */
export interface CollectOptions
  extends Pick<ShardEntry, 'histories' | 'clicks'>, Pick<LogManifest, 'hasTimes' | 'hasWeights'> {
  /** whether its keys are kept; default true */
  readonly hasKeys?: boolean | undefined;
  /** told the keys of each chunk */
  readonly onKeys?: ((keys: readonly string[]) => void) | undefined;
}

/**
 * Collects a shard from chunks of its columns: key, items, and times and weights where it has them.
 *
 * @throws InputError where it holds more or less than was said
 */
export async function collectShard(
  { histories, clicks, hasTimes, hasWeights, hasKeys = true, onKeys }: CollectOptions,
  read: (take: (chunk: DuckDBDataChunk) => void) => Promise<void>,
): Promise<Shard> {
  const keys: string[] = [];
  const shard = {
    keys,
    items: new Int32Array(clicks),
    offsets: new Uint32Array(histories + 1),
    times: hasTimes ? new Float64Array(clicks) : undefined,
    weights: hasWeights ? new Float32Array(clicks) : undefined,
  };
  const numbers = [shard.items, ...(shard.times ? [shard.times] : []), ...(shard.weights ? [shard.weights] : [])];
  let first = 0;
  let at = 0;
  await read((chunk) => {
    const { rowCount } = chunk;
    if (first + rowCount > histories) throw new InputError('it holds more histories than its manifest says');
    const own = stringsIn(columnOf(chunk, 0), rowCount).map((key) => key ?? '');
    onKeys?.(own);
    if (hasKeys) for (const key of own) keys.push(key);
    let size = 0;
    numbers.forEach(
      (values, i) =>
        (size = listsIn(columnOf(chunk, 1 + i), rowCount, {
          values,
          at,
          offsets: i === 0 ? shard.offsets.subarray(first) : undefined,
        })),
    );
    first += rowCount;
    at += size;
  });
  if (first !== histories || at !== clicks) throw new InputError('it holds fewer clicks than its manifest says');
  return shard;
}
