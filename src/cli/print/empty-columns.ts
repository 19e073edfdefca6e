/** Columns of impressions that hold nothing, of which nothing can be learned. */
import type { Impressions } from '../../impressions/impressions.js';
import type { Progress } from './progress.js';
import { printable } from './text.js';

type Columns = Pick<Impressions, 'categorical' | 'numeric' | 'lists'>;

/** Names of the columns without a value in any row. */
export function emptyColumns({ categorical, numeric, lists }: Columns): readonly string[] {
  const empty = [
    ...categorical.filter(({ codes }) => codes.every((code) => code < 0)),
    ...numeric.filter(({ values }) => values.every(Number.isNaN)),
    ...lists.filter(({ codes }) => codes.length === 0),
  ];
  return empty.map((column) => column.name);
}

/** Warns of every column without a value in any row. @param name - of the table */
export function warnOfEmptyColumns(progress: Progress, name: string, empty: readonly string[]): void {
  for (const column of empty) {
    progress.warn(`${printable(column)} holds no value in any row of ${printable(name)}; leave it out, or fix it`);
  }
}
