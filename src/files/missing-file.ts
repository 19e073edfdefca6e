/** What was probably meant by the path of a file that is not there. */
import { readdirSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { closestSpellings, spellingHint } from '../closest-spellings.js';

/** Names in a folder that are looked at. */
const mostNames = 10_000;

/** `; did you mean "clicks.csv"?` where the folder holds a name like it, else nothing. */
export function missingFileHint(path: string): string {
  try {
    const names = readdirSync(dirname(path)).slice(0, mostNames);
    const [name, ending] = [basename(path), extname(path)];
    // a common ending makes no two names alike
    const stemOf = (text: string): string => text.slice(0, text.length - ending.length);
    const isLike = (other: string): boolean =>
      !other.endsWith(ending) || closestSpellings(stemOf(name), [stemOf(other)]).length > 0;
    return spellingHint(name, (ending === '' ? names : names.filter(isLike)).sort());
  } catch {
    return '';
  }
}
