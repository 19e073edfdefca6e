/** What was probably meant by the path of a file that is not there. */
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { spellingHint } from '../closest-spellings.js';

/** Names in a folder that are looked at. */
const mostNames = 10_000;

/** `; did you mean "clicks.csv"?` where the folder holds a name like it, else nothing. */
export function missingFileHint(path: string): string {
  try {
    const names = readdirSync(dirname(path)).slice(0, mostNames);
    return spellingHint(basename(path), names.sort());
  } catch {
    return '';
  }
}
