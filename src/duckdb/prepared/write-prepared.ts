/** Histories → a folder of shards: Parquet with list columns, the vocabulary, and a manifest that says how they were made. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../checks.js';
import { duckdbApi } from '../engine/duckdb-package.js';
import { writeOutputs } from '../../files/atomic-file.js';
import { clickCount, historyCount, type Histories } from '../../histories/histories.js';
import type { LogManifest, ShardEntry } from '../../histories/prepared-log.js';
import { dealHistories, fingerprintOfShard, type Shard } from '../../histories/shard.js';
import { fingerprint } from '../../numerics/fingerprint.js';
import { compareKeys } from '../../vocabulary.js';
import { fillLists, fillStrings } from '../engine/raw-vectors.js';
import { numberColumn, textColumn, writeParquet, type OutputColumn } from '../engine/write-parquet.js';
import { manifestName, preparedNames, shardName, vocabularyName } from './names.js';

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

/**
 * Writes histories as a prepared log; the folder appears whole or not at all. Same histories and options, same bytes.
 *
 * @param histories - before `minCount` and `minHistories`, with single-category ones; with keys unless they are rows, in time order where they have times
 * @returns the manifest
 * @throws InputError for what `writeOutputs` says
 */
export async function writePrepared(
  folder: string,
  histories: Histories,
  options: WritePreparedOptions,
): Promise<LogManifest> {
  const { log, filters, defaults, seed, shardClicks, areRows, overwrite, signal, onProgress } = options;
  if (histories.keys === undefined && !areRows) throw new InputError('a prepared log needs the keys of its histories');
  const { keys, counts, placeOf } = inByteOrder(histories);
  const dealt = dealHistories(histories, placeOf, shardClicks);
  const place = { folder, kind: 'prepared log', ours: await preparedNames(folder), overwrite };
  const { dropped, ties = null, timeSpan = null, source = null } = histories;
  return writeOutputs(
    [place],
    async ([into = '']) => {
      const columns = [textColumn('category', keys), numberColumn('count', counts)];
      await writeParquet(join(into, vocabularyName), columns, { rows: keys.length });
      const shards: ShardEntry[] = [];
      for (let i = 0; i < dealt.count; i++) {
        signal?.throwIfAborted();
        // oxlint-disable-next-line no-await-in-loop -- memory holds one shard
        shards.push(await writeShard(into, i, dealt.shard(i)));
        onProgress?.((i + 1) / dealt.count);
      }
      const manifest: LogManifest = {
        format: 1,
        log,
        filters,
        defaults,
        seed,
        shardClicks,
        histories: historyCount(histories),
        clicks: clickCount(histories),
        categories: keys.length,
        hasTimes: histories.times !== undefined,
        hasWeights: histories.weights !== undefined,
        hasSessions: histories.users !== undefined,
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
      await writeFile(join(into, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
      return manifest;
    },
    { signal },
  );
}

/** The vocabulary in the order of its keys' bytes, and the place of each of its rows there. */
function inByteOrder({ vocabulary }: Histories) {
  const { keys, counts } = vocabulary;
  const order = Uint32Array.from(keys, (_, row) => row).sort((a, b) => compareKeys(keys[a] ?? '', keys[b] ?? ''));
  const placeOf = new Int32Array(keys.length);
  order.forEach((row, place) => (placeOf[row] = place));
  return {
    keys: Array.from(order, (row) => keys[row] ?? ''),
    counts: Float64Array.from(order, (row) => counts[row] ?? 0),
    placeOf,
  };
}

async function writeShard(folder: string, index: number, shard: Shard): Promise<ShardEntry> {
  const file = shardName(index);
  const path = join(folder, file);
  const { keys, items, offsets, times, weights } = shard;
  const { DOUBLE, FLOAT, INTEGER, LIST, VARCHAR } = duckdbApi();
  const columns: OutputColumn[] = [
    {
      name: 'key',
      type: VARCHAR,
      fill: (vector, start, count) => fillStrings(vector, keys.slice(start, start + count)),
    },
    {
      name: 'items',
      type: LIST(INTEGER),
      fill: (vector, start, count) => fillLists(vector, items, { offsets, start, count }),
    },
    ...(times === undefined ? [] : [{ name: 'times', type: LIST(DOUBLE), fill: listFiller(times, offsets) }]),
    ...(weights === undefined ? [] : [{ name: 'weights', type: LIST(FLOAT), fill: listFiller(weights, offsets) }]),
  ];
  const valuesPerRow = 1 + Math.ceil((columns.length - 1) * (items.length / Math.max(1, keys.length)));
  await writeParquet(path, columns, { rows: keys.length, valuesPerRow });
  return {
    file,
    bytes: (await stat(path)).size,
    histories: keys.length,
    clicks: items.length,
    fingerprint: fingerprintOfShard(shard),
  };
}

function listFiller(values: Float64Array | Float32Array, offsets: Uint32Array): OutputColumn['fill'] {
  return (vector, start, count) => fillLists(vector, values, { offsets, start, count });
}
