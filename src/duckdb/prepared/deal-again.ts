/** Histories that were written by parts → by shards: sorted on disk, so that memory holds one part. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogManifest } from '../../histories/prepared-log.js';
import type { Shard } from '../../histories/shard.js';
import type { Engine } from '../engine/connection.js';
import { shardSql } from '../events/key-parts.js';
import { queryRows } from '../engine/query-rows.js';
import { quotePath, quoteTarget } from '../engine/sql-text.js';
import { collectShard } from './open-prepared.js';

/** How histories are dealt. */
export interface DealAgainOptions extends Pick<LogManifest, 'hasTimes' | 'hasWeights'> {
  /** how many shards there are to be */
  readonly count: number;
  /** shards that memory holds at a time */
  readonly perPart: number;
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Deals the histories of some files of shards to others, whose number was not known before.
 *
 * @param paths - removed once they are dealt
 * @param visit - told the histories of the shards `from` to `to` − 1, in the byte order of their keys
 */
export async function dealAgain(
  paths: readonly string[],
  { count, perPart, engine: { connection, folder }, signal, hasTimes, hasWeights }: DealAgainOptions,
  visit: (part: Shard, from: number, to: number) => Promise<void>,
): Promise<void> {
  const at = join(folder, 'histories');
  const columns = ['key', 'items', ...(hasTimes ? ['times'] : []), ...(hasWeights ? ['weights'] : [])].join(', ');
  const files = `read_parquet([${paths.map(quotePath).join(', ')}], file_row_number = true, hive_partitioning = false)`;
  const part = `${shardSql('key', count)} // ${perPart}`;
  await connection.run(
    `COPY (SELECT ${columns}, file_row_number AS place, ${part} AS part FROM ${files}) TO ${quoteTarget(at)} ` +
      `(FORMAT parquet, PARTITION_BY (part), COMPRESSION 'snappy')`,
  );
  for (const path of paths) await rm(path);
  for (let from = 0; from < count; from += perPart) {
    signal?.throwIfAborted();
    const folderOfPart = join(at, `part=${from / perPart}`);
    const histories = `(FROM read_parquet(${quotePath(folderOfPart).slice(0, -1)}/*.parquet', hive_partitioning = false))`;
    const isThere = (await queryRows(connection, `SELECT 1 FROM glob(${quotePath(folderOfPart).slice(0, -1)}/*')`))
      .length;
    const [[size, clicks] = [0, 0]] =
      isThere === 0
        ? []
        : await queryRows(connection, `SELECT count(*), coalesce(sum(len(items)), 0)::BIGINT FROM ${histories}`);
    const sizes = { histories: Number(size), clicks: Number(clicks), hasTimes, hasWeights };
    const shard = await collectShard(sizes, async (take) => {
      if (isThere === 0) return;
      // sessions of one user stand in one file, one after the other
      const result = await connection.stream(`SELECT ${columns} FROM ${histories} ORDER BY key, place`);
      for (;;) {
        const chunk = await result.fetchChunk();
        signal?.throwIfAborted();
        if (chunk === null || chunk.rowCount === 0) return;
        take(chunk);
      }
    });
    await visit(shard, from, Math.min(count, from + perPart));
    await rm(folderOfPart, { recursive: true, force: true });
  }
}
