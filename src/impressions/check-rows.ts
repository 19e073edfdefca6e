/** Rows are what they say: no label is a feature; kernels read at the places that ids and bounds name, and check nothing. */
import { InputError, named, sentence } from '../checks.js';
import type { ClickRows } from './impressions.js';

/**
 * A model that reads the label has nothing to learn, and seems perfect.
 *
 * @param features - columns that the model reads
 * @throws InputError where the label is one of them
 */
export function checkLabelApart(label: string | undefined, features: readonly string[]): void {
  if (label === undefined || !features.includes(label)) return;
  throw new InputError(
    sentence`${named('label')} must not be a feature as well, got ${JSON.stringify(label)} for both: the model would
      read the answer from it; leave it out of the features`,
  );
}

/**
 * Checks ids against tables, bounds against lists, numbers for being finite.
 *
 * @param name - of the rows, for messages
 * @throws InputError at the first fault
 */
export function checkRows(name: string, rows: ClickRows, tableSizes: readonly number[]): void {
  for (const column of [...rows.categorical, ...rows.lists]) {
    const size = tableSizes[column.table] ?? 0;
    const wrong = firstOutside(column.ids, size);
    if (wrong >= 0) {
      throw new InputError(
        `${name} column ${column.name} must hold rows of a table of ${size}, got ${column.ids[wrong]} at place ${wrong}`,
      );
    }
  }
  for (const { name: column, ids, starts, ends } of rows.lists) {
    const wrong = ends.findIndex((end, row) => end > ids.length || (starts[row] ?? 0) > end);
    if (wrong >= 0) {
      throw new InputError(
        `${name} list ${column} must keep within its ${ids.length} entries, got ${starts[wrong]} to ` +
          `${ends[wrong]} in row ${wrong + 1}`,
      );
    }
  }
  const wrong = rows.numeric.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new InputError(
      `${name} must hold finite numbers, got ${rows.numeric[wrong]} in row ${Math.floor(wrong / rows.numericWidth) + 1}`,
    );
  }
}

/** The place of the first id that is no row of a table, −1 where all are: a loop, as a call for each of millions is slow. */
function firstOutside(ids: Int32Array, size: number): number {
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? -1;
    if (id < 0 || id >= size) return i;
  }
  return -1;
}
