/** A column of probabilities of numbered rows, such as a simulated world's oracle. */
import { InputError } from '../../checks.js';
import { withEngine } from '../engine/connection.js';
import { nameOfSource, openSource, type Source } from '../sources/event-source.js';
import { checkColumn } from '../sources/source-columns.js';
import { streamRaw } from '../engine/raw-columns.js';
import { quoteName } from '../engine/sql-text.js';

/** Which column, and how many rows it must have. */
export interface ProbabilityOptions {
  /** the column of probabilities */
  readonly column: string;
  /** rows that the table must have, numbered from 0 in its column `row` */
  readonly rows: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads one probability for each row.
 *
 * @returns in the order of the row numbers, shape [R]
 * @throws InputError for a missing column, another number of rows, a row that is missing or stands twice, and what is
 *   no probability
 */
export async function readProbabilities(
  source: Source,
  { column, rows, signal }: ProbabilityOptions,
): Promise<Float64Array> {
  const name = nameOfSource(source);
  return withEngine({ signal }, { source: name }, async (engine) => {
    const opened = await openSource(source, {}, engine);
    const of = (part: string): string => quoteName(checkColumn(opened, 'column', part));
    const values = new Float64Array(rows).fill(NaN);
    let count = 0;
    const select = `SELECT coalesce(${of('row')}, -1)::DOUBLE, coalesce(${of(column)}, -1)::DOUBLE FROM ${opened.relation}`;
    const reading = streamRaw(engine.connection, select, signal, (chunk) => {
      const numbers = chunk.float64(0);
      const found = chunk.float64(1);
      for (let i = 0; i < chunk.rowCount; i++) {
        const row = numbers[i] ?? NaN;
        const value = found[i] ?? NaN;
        if (!(value >= 0 && value <= 1)) {
          throw new InputError(`${column} of ${name} must be from 0 to 1, got ${value} for row ${row}`);
        }
        if (!(row >= 0 && row < rows) || !Number.isNaN(values[row])) {
          throw new InputError(`${name} must have one row for each of the ${rows} impressions, got row ${row} as well`);
        }
        values[row] = value;
        count++;
      }
    });
    await opened.checked(reading);
    if (count === rows) return values;
    throw new InputError(`${name} must have one row for each of the ${rows} impressions, got ${count}`);
  });
}
