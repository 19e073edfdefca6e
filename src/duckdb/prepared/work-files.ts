/** Histories that a cluster has written as Parquet: read in the order of their keys. */
import { join } from 'node:path';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { ArrivedHistories, WorkFiles, WorkTable } from '../../histories/work-table.js';
import { columnOf, listRoom, listsIn, stringsIn } from '../engine/raw-vectors.js';
import { withEngine, type Engine, type EngineUse } from '../engine/connection.js';
import { queryRows } from '../engine/query-rows.js';
import { quotePath, quoteText } from '../engine/sql-text.js';

/**
 * The files of a table with a row per history: `h`, its user's key; `s`, its session, where there are several; `l`, its
 * clicks; `has_several`, whether these are of several categories.
 *
 * @param folder - its Parquet files; those in folders within it are left out
 */
export function openWorkFiles(folder: string, table: WorkTable, engine: EngineUse = {}): WorkFiles {
  const files = `read_parquet(${quotePath(join(folder, 'x')).slice(0, -2)}*.parquet')`;
  const stays = table.keepSingles ? 'true' : 'has_several';
  const within = <Result>(run: (open: Engine) => Promise<Result>): Promise<Result> =>
    withEngine(engine, { source: folder }, run);
  return {
    sizes: () =>
      within(async ({ connection }) => {
        const sizes = `SELECT count(*), coalesce(sum(len(l)), 0)::BIGINT FROM ${files} WHERE ${stays}`;
        const [[histories, clicks] = []] = await queryRows(connection, sizes);
        return { histories: Number(histories), clicks: Number(clicks) };
      }),
    read: ([from, to], take) =>
      within(async ({ connection, signal }) => {
        const wanted = [
          stays,
          ...(from === undefined ? [] : [`h >= ${quoteText(from)}`]),
          ...(to === undefined ? [] : [`h < ${quoteText(to)}`]),
        ].join(' AND ');
        const order = table.hasSessions ? 'h, s' : 'h';
        const sql = `SELECT ${columnsOf(table).join(', ')} FROM ${files} WHERE ${wanted} ORDER BY ${order}`;
        const result = await connection.stream(sql);
        const read = readerOf(table);
        for (;;) {
          // oxlint-disable-next-line no-await-in-loop -- memory holds one chunk beside DuckDB's
          const chunk = await result.fetchChunk();
          signal?.throwIfAborted();
          if (chunk === null || chunk.rowCount === 0) return;
          take(read(chunk));
        }
      }),
  };
}

function columnsOf({ hasTimes, hasWeights, areRecords }: WorkTable): readonly string[] {
  const id = areRecords ? '[x.id FOR x IN l]' : 'l';
  return [
    'h',
    `(${id})::INTEGER[]`,
    ...(hasTimes ? ['([x.t FOR x IN l])::DOUBLE[]'] : []),
    ...(hasWeights ? ['([x.w FOR x IN l])::DOUBLE[]'] : []),
  ];
}

/** Reads the chunks of one result, one after the other. */
function readerOf({ hasTimes, hasWeights, hasSessions, keepKeys }: WorkTable) {
  let last: string | undefined;
  return (chunk: DuckDBDataChunk): ArrivedHistories => {
    const { rowCount } = chunk;
    const room = listRoom(columnOf(chunk, 1));
    const items = new Int32Array(room);
    const times = hasTimes ? new Float64Array(room) : undefined;
    const weights = hasWeights ? new Float64Array(room) : undefined;
    const offsets = new Uint32Array(rowCount + 1);
    const numbers = [items, ...(times ? [times] : []), ...(weights ? [weights] : [])];
    numbers.forEach((values, i) =>
      listsIn(columnOf(chunk, 1 + i), rowCount, { values, at: 0, offsets: i === 0 ? offsets : undefined }),
    );
    const size = offsets[rowCount] ?? 0;
    const keys = hasSessions || keepKeys ? stringsIn(columnOf(chunk, 0), rowCount).map((key) => key ?? '') : [];
    const before = last;
    last = keys.at(-1);
    return {
      items: items.subarray(0, size),
      lengths: Int32Array.from({ length: rowCount }, (_, i) => (offsets[i + 1] ?? 0) - (offsets[i] ?? 0)),
      times: times?.subarray(0, size),
      weights: weights?.subarray(0, size),
      areFirst: hasSessions ? keys.map((key, i) => key !== (i === 0 ? before : keys[i - 1])) : undefined,
      keys: keepKeys ? keys : undefined,
    };
  };
}
