/** A part of a log → a shard: read, shaped and written. Without DuckDB, so that a thread of its own can do it. */
import type { BuildOptions } from '../../histories/build-histories.js';
import { shapeShard, type ShapedShard } from '../../histories/shape-shard.js';
import { readCodedPart, type CodedEvents, type CodedPart } from './coded-part.js';
import { writeShard, type WrittenShard } from './write-shard.js';

/** How histories are shaped, whichever part they are in. */
export type Shaping = Omit<BuildOptions, 'keepKeys' | 'keepSingles'>;

/** What is known of a log beside its parts. */
export interface CodedLog extends CodedEvents {
  readonly shaping: Shaping;
}

/** A part, and where its shard is written. */
export interface PartTask {
  readonly part: CodedPart;
  readonly path: string;
}

/** A part that was written. */
export interface WrittenPart extends Omit<ShapedShard, 'shard' | 'timeSpan'> {
  readonly written: WrittenShard;
}

/** Whether shaping asks for keys, not only for their order: lots are drawn by the texts, and sessions are by time. */
export function needsTexts({ columns, shaping }: Pick<CodedLog, 'columns' | 'shaping'>): boolean {
  return columns.hasTimes || shaping.filters.maxHistory > 0;
}

/** Reads a part, shapes its histories and writes them. */
export async function writePart({ part, path }: PartTask, log: CodedLog): Promise<WrittenPart> {
  const { wholeKeys, ...clicks } = readCodedPart(part, log);
  if (needsTexts(log)) {
    return writeShaped(path, shapeShard({ ...clicks, historyKeys: Array.from(wholeKeys, String) }, log.shaping));
  }
  return writeShaped(path, shapeShard(clicks, log.shaping), wholeKeys);
}

/** Writes histories that were shaped. @param wholeKeys - see `writeShard` */
export async function writeShaped(
  path: string,
  { shard, counts, dropped, ties, hasSessions }: ShapedShard,
  wholeKeys?: Int32Array,
): Promise<WrittenPart> {
  return { counts, dropped, ties, hasSessions, written: await writeShard(path, shard, wholeKeys) };
}
