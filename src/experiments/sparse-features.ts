/** What a click network reads, as one sparse row of numbers: for models that are linear in it, or trees. */
import { encodeImpressions, fitEncoder, type EncoderOptions } from '../click-model/encode.js';
import type { ColumnTransfer } from '../click-network/training-input.js';
import type { ClickRows, Impressions } from '../impressions/impressions.js';

/** What is read. */
export interface SparseTask {
  readonly impressions: Impressions;
  readonly encoder: EncoderOptions | undefined;
  /** embeddings whose products with each list of their domain are read, too */
  readonly transfers: readonly ColumnTransfer[];
}

/**
 * A place for each category of each column, entries of a list sharing 1 / n, numbers as the network reads them, and one
 * for each number of an embedding's product with a list's mean, whose root mean square over the training rows is 1.
 *
 * @param training - rows that the encoder is fitted on
 */
export function sparseFeatures({ impressions, encoder, transfers }: SparseTask, training: Uint32Array): SparseFeatures {
  const fitted = fitEncoder(impressions, training, encoder);
  const rows = encodeImpressions(impressions, fitted);
  const sizes = fitted.tables.map(({ vocabulary }) => vocabulary.size + 1);
  return new SparseFeatures(rows, sizes, productsOf(impressions, transfers, training));
}

/** Numbers beside the encoded rows, shape [rows, width]. */
interface Products {
  readonly width: number;
  readonly numbers: Float32Array;
}

/** The features of a row, one after the other, as places and values. */
export class SparseFeatures {
  readonly size: number;
  readonly rows: ClickRows;
  places = new Uint32Array(256);
  values = new Float64Array(256);
  readonly #starts: readonly number[];
  readonly #products: readonly Products[];

  constructor(rows: ClickRows, sizes: readonly number[], products: readonly Products[]) {
    this.rows = rows;
    this.#products = products;
    let size = 0;
    this.#starts = [...rows.categorical, ...rows.lists].map(({ table }) => {
      const start = size;
      size += sizes[table] ?? 0;
      return start;
    });
    this.size = products.reduce((sum, { width }) => sum + width, size + rows.numericWidth);
  }

  /** Writes a row's features, in loops of their own: a call for each would take most of a fit. @returns how many there are */
  read(row: number): number {
    const { categorical, lists, numeric, numericWidth } = this.rows;
    const dense = this.#products.reduce((sum, { width }) => sum + width, numericWidth);
    this.#makeRoom(categorical.length + dense);
    let count = 0;
    for (let c = 0; c < categorical.length; c++) {
      this.places[count] = (this.#starts[c] ?? 0) + (categorical[c]?.ids[row] ?? 0);
      this.values[count++] = 1;
    }
    for (let l = 0; l < lists.length; l++) {
      const list = lists[l];
      if (list !== undefined) count = this.#readList(list, row, { l: categorical.length + l, count, behind: dense });
    }
    count = this.#readNumbers(numeric.subarray(row * numericWidth, (row + 1) * numericWidth), this.size - dense, count);
    let place = this.size - dense + numericWidth;
    for (const { width, numbers } of this.#products) {
      count = this.#readNumbers(numbers.subarray(row * width, (row + 1) * width), place, count);
      place += width;
    }
    return count;
  }

  #readList(
    { ids, starts, ends, entryWeights }: ClickRows['lists'][number],
    row: number,
    { l, count, behind }: { readonly l: number; readonly count: number; readonly behind: number },
  ): number {
    const [start, end, first] = [starts[row] ?? 0, ends[row] ?? 0, this.#starts[l] ?? 0];
    let total = 0;
    for (let at = start; at < end; at++) total += entryWeights?.[at] ?? 1;
    if (total === 0) return count;
    this.#makeRoom(count + end - start + behind);
    const { places, values } = this;
    let next = count;
    for (let at = start; at < end; at++) {
      places[next] = first + (ids[at] ?? 0);
      values[next++] = (entryWeights?.[at] ?? 1) / total;
    }
    return next;
  }

  #readNumbers(numbers: Float32Array, first: number, count: number): number {
    const { places, values } = this;
    for (let i = 0; i < numbers.length; i++) {
      places[count + i] = first + i;
      values[count + i] = numbers[i] ?? 0;
    }
    return count + numbers.length;
  }

  #makeRoom(size: number): void {
    while (size > this.places.length) this.#grow();
  }

  #grow(): void {
    const { places, values } = this;
    this.places = new Uint32Array(places.length * 2);
    this.values = new Float64Array(values.length * 2);
    this.places.set(places);
    this.values.set(values);
  }
}

/** Each embedding's vector of its column times the mean of its vectors of each list of the same domain. */
function productsOf(
  { categorical, lists, domains, count }: Impressions,
  transfers: readonly ColumnTransfer[],
  training: Uint32Array,
): Products[] {
  return transfers.flatMap(({ column, embedding: { vocabulary, vectors, dimension } }) => {
    const shown = categorical.find(({ name }) => name === column);
    if (shown === undefined) return [];
    const rowOf = (domains.get(shown.domain) ?? []).map((key) => vocabulary.rowOf(key) ?? -1);
    return lists
      .filter(({ domain }) => domain === shown.domain)
      .map((list) => {
        const numbers = new Float32Array(count * dimension);
        for (let row = 0; row < count; row++) {
          const own = rowOf[shown.codes[row] ?? -1] ?? -1;
          if (own < 0) continue;
          const [start = 0, end = 0] = [list.starts[row], list.ends[row]];
          for (let at = start; at < end; at++) {
            const other = rowOf[list.codes[at] ?? -1] ?? -1;
            if (other < 0) continue;
            const [ours, theirs, to] = [own * dimension, other * dimension, row * dimension];
            for (let d = 0; d < dimension; d++) {
              const product = (vectors[ours + d] ?? 0) * (vectors[theirs + d] ?? 0);
              numbers[to + d] = (numbers[to + d] ?? 0) + product / (end - start);
            }
          }
        }
        return { width: dimension, numbers: scaled(numbers, dimension, training) };
      });
  });
}

/** Divides each number by its root mean square over the training rows. */
function scaled(numbers: Float32Array, width: number, training: Uint32Array): Float32Array {
  const squares = new Float64Array(width);
  for (const row of training) {
    for (let d = 0; d < width; d++) {
      const value = numbers[row * width + d] ?? 0;
      squares[d] = (squares[d] ?? 0) + value * value;
    }
  }
  const factors = squares.map((sum) => (sum > 0 ? Math.sqrt(training.length / sum) : 0));
  return numbers.map((value, i) => value * (factors[i % width] ?? 0));
}
