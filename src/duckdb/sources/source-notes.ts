/** What is noted of the files of a source: one that is named twice, columns that are not called as they are in a file. */
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
