/** Columns of a source by the names that the caller gave. */
import { InputError, named, sentence } from '../../checks.js';
import { spellingHint } from '../../closest-spellings.js';
import type { EventSource } from './event-source.js';

/** Options whose column every row must have: a file without it would be dropped whole. */
const neededOptions = new Set(['history', 'category', 'time', 'weight', 'label', 'key', 'clicked']);

/** @throws InputError that lists the columns there are, the closest first, or names a file that lacks one */
export function checkColumn(source: EventSource, option: string, column: string): string {
  const lacking = source.lacking.get(column);
  if (lacking !== undefined && neededOptions.has(option)) {
    throw new InputError(
      sentence`${named(option)} must be a column of every file, got none of the name ${JSON.stringify(column)} in
        ${lacking.name} (${shownNames(lacking.columns)}); leave that file out, or name its columns as in the others`,
    );
  }
  if (source.columns.has(column)) return column;
  const names = [...source.columns.keys()];
  const renamed = renamedColumn(column, names);
  const hint =
    renamed === undefined
      ? spellingHint(column, names)
      : `; did you mean ${JSON.stringify(renamed)}, as the second of two columns that differ in case alone is called?`;
  throw new InputError(
    sentence`${named(option)} must be a column of ${source.name} (${shownNames(names)}), got
      ${column === '' ? 'nothing' : JSON.stringify(column)}${hint}`,
  );
}

function shownNames(names: readonly string[]): string {
  return names.slice(0, 30).join(', ') + (names.length > 30 ? ` and ${names.length - 30} more` : '');
}

/** DuckDB does not tell names apart by case: of `Item` and `item` it calls the second `item_1`. */
function renamedColumn(column: string, names: readonly string[]): string | undefined {
  const isLike = (name: string) => name.toLowerCase() === column.toLowerCase();
  const isNumbered = (name: string) => name.startsWith(`${column}_`) && /^\d+$/.test(name.slice(column.length + 1));
  return names.some(isLike) ? names.find(isNumbered) : undefined;
}
