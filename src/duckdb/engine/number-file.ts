/** Numbers on disk that DuckDB scans as one column, in their order: memory holds 2,048 of them, however many there are. */
import { duckdbApi } from './duckdb-package.js';
import type { DuckDBTableFunction } from '@duckdb/node-api';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { columnOf, fillValues } from './raw-vectors.js';

const chunkRows = 2048;

/** A file of float64 numbers, open for writing and for scanning. */
export class NumberFile {
  readonly #descriptor: number;
  #bytes = 0;

  /** @param path - created, or emptied where it exists */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'w+');
  }

  /** Adds numbers at the end. */
  append(numbers: Float64Array): void {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    for (let done = 0; done < bytes.length;) {
      const written = writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#bytes);
      done += written;
      this.#bytes += written;
    }
  }

  /** Numbers start … end − 1. */
  read(start: number, end: number): Float64Array<ArrayBuffer> {
    const numbers = new Float64Array(end - start);
    const bytes = new Uint8Array(numbers.buffer);
    for (let done = 0; done < bytes.length;) {
      const read = readSync(this.#descriptor, bytes, done, bytes.length - done, 8 * start + done);
      if (read === 0) throw new Error('the file of numbers was cut');
      done += read;
    }
    return numbers;
  }

  /**
   * A table function that gives the numbers as a column: a scan of one thread, which keeps their order.
   *
   * @param name - of the function
   * @param column - of the numbers
   */
  scan(name: string, column: string): DuckDBTableFunction {
    let at = 0;
    return duckdbApi().DuckDBTableFunction.create({
      name,
      bindFunction: (info) => info.addResultColumn(column, duckdbApi().DOUBLE),
      initFunction: () => {
        at = 0;
      },
      mainFunction: (_, chunk) => {
        const numbers = this.read(at, Math.min(at + chunkRows, this.#bytes / 8));
        at += numbers.length;
        chunk.rowCount = numbers.length;
        if (numbers.length > 0) fillValues(columnOf(chunk, 0), numbers);
      },
    });
  }

  /** Closes the file, which stays on disk. */
  close(): void {
    closeSync(this.#descriptor);
  }
}
