/** What is noted of the files of a source: copies, and columns that are not called as they are in a file. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isRemote } from '../../files/remote-path.js';
import type { readDialect } from './csv-dialect.js';

interface NamedFile {
  /** as the caller typed it */
  readonly name: string;
  readonly dialect?: ReturnType<typeof readDialect> | undefined;
}

/** A file that is named twice, by a pattern and by itself, is read twice. */
export function twiceNotes(paths: readonly string[]): string[] {
  const seen = new Set<string>();
  const twin = paths.find((path) => seen.size === seen.add(isRemote(path) ? path : resolve(path)).size);
  return twin === undefined ? [] : [`${twin} is named more than once, and each of its rows counts as often`];
}

/** Files of one size that begin alike are compared to their end. */
const comparedStart = 65_536;

/** A copy of a file beside it, as a pattern finds backups, is read as well. @param paths - of files on this machine */
export async function sameContentWarnings(paths: readonly string[]): Promise<string[]> {
  const distinct = new Map(paths.map((path) => [resolve(path), path]));
  if (distinct.size < 2) return [];
  const bySize = await groupBy([...distinct.values()], async (path) => String((await stat(path)).size));
  const starts = await Promise.all(alike(bySize).map((group) => groupBy(group, startOf)));
  const contents = await Promise.all(starts.flatMap(alike).map((group) => groupBy(group, hashOf)));
  const copies = contents.flatMap(alike);
  const [[one = '', other = ''] = []] = copies;
  const count = copies.reduce((sum, group) => sum + group.length - 1, 0);
  const more = count > 1 ? `, and so it is with ${count - 1} more` : '';
  return count === 0
    ? []
    : [`${other} holds the same as ${one}${more}: each of their rows counts as often; leave copies out`];
}

function alike(groups: ReadonlyMap<string, readonly string[]>): (readonly string[])[] {
  return [...groups.values()].filter((group) => group.length > 1);
}

async function groupBy(
  paths: readonly string[],
  keyOf: (path: string) => Promise<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    // oxlint-disable-next-line no-await-in-loop -- thousands of files at once are too many
    const key = await keyOf(path);
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return groups;
}

async function startOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(comparedStart), 0, comparedStart, 0);
    return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('base64');
  } finally {
    await file.close();
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('base64');
}

/** A column whose name stands twice gets another, and may be the one that is meant; told once, of the first file. */
export function renamingNotes(files: readonly NamedFile[]): string[] {
  const notes = new Map<string, string>();
  for (const { name: file, dialect } of files) {
    for (const [name, given] of dialect?.renamed ?? []) {
      const isTwin = dialect?.columns.includes(given) === true;
      const what = isTwin
        ? `more than once: the first such column is ${given} here, another ${name}`
        : `beside one that differs from it in case: here it is ${name}`;
      if (!notes.has(name)) notes.set(name, `the header of ${file} holds the name ${given} ${what}`);
    }
  }
  return [...notes.values()];
}
