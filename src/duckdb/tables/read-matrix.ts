/** A column of float lists → one row-major matrix, copied as raw bytes. */
import { InputError } from '../../checks.js';
import type { ParquetFile } from '../engine/open-parquet.js';
import { columnOf, floatListsIn, isValid, type FloatLists } from '../engine/raw-vectors.js';
import { quoteName } from '../engine/sql-text.js';

/**
 * Reads a column of lists of FLOAT or DOUBLE into one matrix.
 *
 * @param name - the column
 * @param dimension - D, numbers that every list must hold
 * @param keys - category of each row, for error messages, length V
 * @returns row-major, shape [V, D]
 * @throws InputError for a missing list, a list of another length, a missing number, and too many numbers for one array
 */
export async function readMatrix(
  file: ParquetFile,
  name: string,
  { dimension, keys }: { dimension: number; keys: readonly string[] },
): Promise<Float32Array> {
  const matrix = allocate(keys.length, dimension);
  let row = 0;
  const list = quoteName(name);
  // what FLOAT cannot hold becomes infinite, which is then said with its row
  const most = 3.4028234663852886e38;
  const floats = (file.columns.get(name) ?? '').startsWith('FLOAT')
    ? list
    : `list_transform(${list}, lambda x: CASE WHEN abs(x) > ${most} THEN sign(x) * 'inf'::FLOAT ELSE x END)`;
  await file.visit(`${floats}::FLOAT[]`, (chunk) => {
    const vector = columnOf(chunk, 0);
    const count = chunk.rowCount;
    if (row + count > keys.length) throw new InputError(`it is damaged: ${name} has more rows than category`);
    const lists = floatListsIn(vector, count);
    copyRows(matrix, lists, { dimension, row, count }, (at, got) => {
      const key = JSON.stringify(keys[at]);
      return new InputError(`expected ${name} of ${key} (row ${at + 1}) to hold ${dimension} numbers, got ${got}`);
    });
    row += count;
  });
  if (row !== keys.length) throw new InputError(`it is damaged: ${name} has ${row} rows, category has ${keys.length}`);
  return matrix;
}

function allocate(rows: number, dimension: number): Float32Array {
  try {
    return new Float32Array(rows * dimension);
  } catch {
    throw new InputError(`${rows} × ${dimension} numbers do not fit into one array`);
  }
}

function copyRows(
  matrix: Float32Array,
  { values, listValidity, validity, entries }: FloatLists,
  { dimension, row, count }: { dimension: number; row: number; count: number },
  lengthError: (row: number, got: string) => InputError,
): void {
  let isContiguous = values.length >= count * dimension;
  for (let i = 0; i < count; i++) {
    const start = entries[4 * i] ?? 0;
    const length = entries[4 * i + 2] ?? 0;
    if (!isValid(listValidity, i)) throw lengthError(row + i, 'none');
    if (length !== dimension) throw lengthError(row + i, String(length));
    if (start !== i * dimension) isContiguous = false;
  }
  if (validity !== undefined) {
    const missing = values.findIndex((_, i) => !isValid(validity, i));
    if (missing >= 0) throw lengthError(row + Math.floor(missing / dimension), 'one that is missing');
  }
  if (isContiguous) {
    matrix.set(values.subarray(0, count * dimension), row * dimension);
    return;
  }
  for (let i = 0; i < count; i++) {
    const start = entries[4 * i] ?? 0;
    matrix.set(values.subarray(start, start + dimension), (row + i) * dimension);
  }
}
