/** A dropped table of attributes: one row for each category, joined to an embedding by key. */
import { InputError, type AttributesByKey } from 'category2vec/browser';
import { readColumns, readCsvStart } from './csv.js';
import { readText } from './text.js';

/** What the start of a table says of a column as the key of an embedding. */
export interface KeyGuess {
  readonly column: string;
  /** share of the rows looked at whose value is a category, in [0, 1] */
  readonly share: number;
  /** whether no value was seen twice: a log of clicks repeats its categories */
  readonly isUnique: boolean;
}

/**
 * The column that most likely holds the categories of an embedding.
 *
 * @param start - the beginning of the file; a last line that is cut counts for nothing
 */
export function guessKey(start: string, name: string, isCategory: (key: string) => boolean): KeyGuess | undefined {
  const head = readCsvStart(start, name);
  const whole = start.slice(0, Math.max(start.lastIndexOf('\n'), start.lastIndexOf('\r')) + 1);
  let columns: string[][];
  try {
    columns = readColumns(whole, head, head.columns);
  } catch {
    // what is wrong with a row is told when the file is read
    return undefined;
  }
  const guesses = columns.map((values, i) => ({
    column: head.columns[i] ?? '',
    share: values.filter(isCategory).length / Math.max(1, values.length),
    isUnique: new Set(values).size === values.length,
  }));
  return guesses.toSorted((a, b) => b.share - a.share)[0];
}

/**
 * Reads all columns but the key as attributes; empty fields are missing, all others text, as in every CSV.
 *
 * @throws InputError for a table of one column, without a key in any row, or with two different rows for a key
 */
export async function readAttributeTable(file: File, key: string): Promise<AttributesByKey> {
  const text = await readText(file);
  const start = readCsvStart(text, file.name);
  const names = start.columns.filter((column) => column !== key);
  const [keys = [], ...columns] = readColumns(text, start, [key, ...names]);
  const table = new Map(names.map((name) => [name, new Map<string, string | null>()]));
  const seen = new Map<string, string>();
  keys.forEach((category, row) => {
    if (category === '') return;
    const values = columns.map((column) => column[row] ?? '');
    const whole = JSON.stringify(values);
    const before = seen.get(category);
    if (before !== undefined && before !== whole) {
      throw new InputError(
        `${file.name} must have one row for each ${key}, got several for ${JSON.stringify(category)}`,
      );
    }
    seen.set(category, whole);
    names.forEach((name, i) => table.get(name)?.set(category, values[i] === '' ? null : (values[i] ?? null)));
  });
  if (seen.size === 0) throw new InputError(`${file.name} holds no ${key}; it must have one row for each category`);
  return table;
}
