/** Names of the files of a prepared log. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How the log was prepared. */
export const manifestName = 'manifest.json';
/** Its categories, in the order of their keys' bytes. */
export const vocabularyName = 'vocabulary.parquet';

/** `shard-00000.parquet`. */
export function shardName(index: number): string {
  return `shard-${String(index).padStart(5, '0')}.parquet`;
}

/** Whether a path is the folder of a prepared log, or what is left of one. */
export function isPrepared(path: string): boolean {
  return path !== '-' && [manifestName, vocabularyName, shardName(0)].some((name) => existsSync(join(path, name)));
}

/** The names in a folder that are of a prepared log, there or to come. */
export async function preparedNames(folder: string): Promise<readonly string[]> {
  const there = await readdir(folder).catch((): string[] => []);
  return [manifestName, vocabularyName, ...there.filter((name) => /^shard-\d{5,}\.parquet$/.test(name))];
}
