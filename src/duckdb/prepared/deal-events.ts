/** Events of a log → files on disk, each with all events of the histories that a hash of their keys deals to it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GroupedClicks } from '../../histories/grouped-clicks.js';
import type { TimeSpan } from '../../histories/time-span.js';
import { describe } from '../sources/event-source.js';
import { groupEvents, type GroupOptions } from '../events/group-events.js';
import { shardSql, timeSpanOfEvents } from '../events/key-parts.js';
import type { PreparedEvents } from '../events/prepare-events.js';
import { queryRows } from '../engine/query-rows.js';
import { streamRaw } from '../engine/raw-columns.js';
import { quoteName, quotePath, quoteTarget } from '../engine/sql-text.js';

/** Events on disk. */
export interface DealtEvents {
  readonly parts: readonly {
    /** events */
    readonly size: number;
    /** Reads a part that has events, once: its clicks in the numbering of the keys, with the keys of its histories. */
    readonly group: () => Promise<GroupedClicks>;
  }[];
  /** distinct keys of the categories, ascending by their bytes */
  readonly keys: readonly string[];
  /** of all events; undefined without times */
  readonly timeSpan: TimeSpan | undefined;
}

/** Deals events to `count` parts. */
export async function dealEvents(
  events: PreparedEvents,
  count: number,
  { engine, signal }: Pick<GroupOptions, 'engine' | 'signal'>,
): Promise<DealtEvents> {
  const { connection, folder } = engine;
  const [history, category] = events.keys;
  if (history === undefined || category === undefined) throw new Error('events need a history and a category');
  // the files tell their keys, and memory may be short
  for (const { distinct } of events.keys) if (distinct !== undefined) await connection.run(`DROP TABLE ${distinct}`);
  const at = join(folder, 'events');
  const { relation } = events;
  const columns = new Map([
    ['h', await storable(history.key)],
    ['c', await storable(category.key)],
    ...(events.seconds === undefined ? [] : [['t', events.seconds] as const]),
    ...(events.weight === undefined ? [] : [['w', events.weight] as const]),
  ]);
  const selected = [...columns].map(([name, sql]) => `${sql} AS ${quoteName(name)}`).join(', ');
  const part = shardSql(`(${history.key})::VARCHAR`, count);
  // a folder `part=3` for each
  await connection.run(
    `COPY (SELECT ${selected}, ${part} AS part FROM ${relation}) TO ${quoteTarget(at)} (FORMAT parquet, ` +
      `PARTITION_BY (part), COMPRESSION 'snappy')`,
  );
  const all = `read_parquet(${quotePath(at).slice(0, -1)}/*/*.parquet', hive_partitioning = true)`;
  const sizes = new Map(
    (await queryRows(connection, `SELECT part::BIGINT, count(*) FROM ${all} GROUP BY ALL`)).map((row) => [
      Number(row[0]),
      Number(row[1]),
    ]),
  );
  const keys: string[] = [];
  const distinct = `SELECT c::VARCHAR FROM (SELECT DISTINCT c FROM ${all}) ORDER BY c::VARCHAR`;
  await streamRaw(connection, distinct, signal, (chunk) => {
    for (const key of chunk.texts(0)) keys.push(key);
  });
  return {
    keys,
    timeSpan: columns.has('t') ? await timeSpanOfEvents(all, 't', engine, events.timeReading) : undefined,
    parts: Array.from({ length: count }, (_, i) => ({
      size: sizes.get(i) ?? 0,
      group: async () => {
        const files = join(at, `part=${i}`);
        const part: PreparedEvents = {
          ...events,
          relation: `read_parquet(${quotePath(files).slice(0, -1)}/*.parquet', hive_partitioning = false)`,
          size: sizes.get(i) ?? 0,
          keys: [
            { key: 'h', bounds: history.bounds },
            { key: 'c', bounds: category.bounds },
          ],
          seconds: columns.has('t') ? 't' : undefined,
          weight: columns.has('w') ? 'w' : undefined,
        };
        const { grouped } = await groupEvents(part, { engine, signal, keepKeys: true });
        await rm(files, { recursive: true, force: true });
        return inNumberingOf(keys, grouped);
      },
    })),
  };

  /** Parquet has no integers of 128 bits. */
  async function storable(key: string): Promise<string> {
    const types = await describe(engine, `(SELECT ${key} AS key FROM ${relation})`);
    return /HUGEINT/.test(types.get('key') ?? '') ? `(${key})::VARCHAR` : key;
  }
}

/** Clicks in the numbering of more keys. */
function inNumberingOf(keys: readonly string[], clicks: GroupedClicks): GroupedClicks {
  const { categories, categoryKeys } = clicks;
  const places = new Int32Array(categoryKeys.length);
  let place = 0;
  categoryKeys.forEach((key, i) => {
    while (keys[place] !== key) {
      if (++place >= keys.length) throw new Error(`the category ${JSON.stringify(key)} is not among those of the log`);
    }
    places[i] = place;
  });
  for (let i = 0; i < categories.length; i++) categories[i] = places[categories[i] ?? 0] ?? 0;
  return { ...clicks, categoryKeys: keys };
}
