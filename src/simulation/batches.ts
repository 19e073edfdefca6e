/** Rows of the world's tables in batches of columns, at most 2,048 rows each. */

/** Rows of clicks.parquet or shown.parquet. */
export interface ClickBatch {
  /** rows in use; the columns are `batchRows` long */
  readonly rows: number;
  /** user_id from 1, shape [batchRows] */
  readonly user: Int32Array;
  /** whole seconds since 1970-01-01T00:00:00Z, shape [batchRows] */
  readonly time: Float64Array;
  /** row of the advertiser, shape [batchRows] */
  readonly advertiser: Int32Array;
}

/** Rows of impressions.parquet and of oracle.parquet, side by side. */
export interface ImpressionBatch extends ClickBatch {
  /** place on the page, 1 first */
  readonly position: Int32Array;
  readonly publisher: Int32Array;
  readonly device: Int32Array;
  /** hour of the day, 0 … 23 */
  readonly hour: Int32Array;
  /** sections of each row end to end; row i has readingOffsets[i] … readingOffsets[i + 1] − 1 */
  readonly reading: Int32Array;
  readonly readingOffsets: Int32Array;
  /** 0 or 1 */
  readonly clicked: Int32Array;
  /** true probability of the click */
  readonly probability: Float64Array;
  /** the same as far as the earlier clicks tell, and the row's reading; 0 unless asked for */
  readonly probabilityGivenHistory: Float64Array;
  readonly probabilityGivenHistoryAndReading: Float64Array;
}

/** Rows of users.csv. */
export interface UserBatch {
  /** rows in use; the columns are `batchRows` long */
  readonly rows: number;
  readonly user: Int32Array;
  readonly language: Int32Array;
  /** −1 for none */
  readonly secondLanguage: Int32Array;
  /** index into the world's topic sets: what is liked in the later period */
  readonly topicSet: Int32Array;
}

/** Rows of a full batch. */
export const batchRows = 2048;
/** The longest `reading` that a batch has room for. */
export const longestReading = 10;

/** Fills the columns of one table and hands them out as batches. */
export class BatchFiller<Batch extends { readonly rows: number }> {
  readonly #create: () => Batch;
  #columns: Batch;
  #rows = 0;

  /** @param create - makes a batch with room for `batchRows` rows */
  constructor(create: () => Batch) {
    this.#create = create;
    this.#columns = create();
  }

  /** Columns to write the next row to, at `rows`. */
  get columns(): Batch {
    return this.#columns;
  }

  /** Rows so far, which is the index of the next one. */
  get rows(): number {
    return this.#rows;
  }

  /** Counts the row just written. @returns true where the batch is full now and must be taken */
  next(): boolean {
    this.#rows += 1;
    return this.#rows === batchRows;
  }

  /** Hands out the rows so far; the filler continues with new columns. */
  take(): Batch {
    const batch = { ...this.#columns, rows: this.#rows };
    this.#columns = this.#create();
    this.#rows = 0;
    return batch;
  }
}

const integers = (length = batchRows): Int32Array => new Int32Array(length);
const numbers = (): Float64Array => new Float64Array(batchRows);

/** Room for rows of clicks.parquet or shown.parquet. */
export const createClicks = (): ClickBatch => ({ rows: 0, user: integers(), time: numbers(), advertiser: integers() });

/** Room for rows of impressions.parquet and oracle.parquet. */
export const createImpressions = (): ImpressionBatch => ({
  rows: 0,
  user: integers(),
  time: numbers(),
  advertiser: integers(),
  position: integers(),
  publisher: integers(),
  device: integers(),
  hour: integers(),
  reading: integers(batchRows * longestReading),
  readingOffsets: integers(batchRows + 1),
  clicked: integers(),
  probability: numbers(),
  probabilityGivenHistory: numbers(),
  probabilityGivenHistoryAndReading: numbers(),
});

/** Room for rows of users.csv. */
export const createUsers = (): UserBatch => ({
  rows: 0,
  user: integers(),
  language: integers(),
  secondLanguage: integers(),
  topicSet: integers(),
});
