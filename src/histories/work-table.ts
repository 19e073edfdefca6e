/** Histories that a cluster has written as files: what the files hold, and what reads them. */
import type { Sessions } from './shape-sessions.js';

/** Keys from the first to before the second, by their bytes. */
export type KeyRange = readonly [from: string | undefined, to: string | undefined];

/** Some histories, end to end. */
export interface ArrivedHistories extends Pick<Sessions, 'times' | 'weights'> {
  readonly items: ArrayLike<number>;
  /** clicks of each */
  readonly lengths: Int32Array;
  /** whether each is its user's first, where users may have several; default: it is */
  readonly areFirst?: readonly boolean[] | undefined;
  /** the keys of their users, where asked for */
  readonly keys?: readonly string[] | undefined;
}

/** What the files hold, and what of it is wanted. */
export interface WorkTable {
  /** whether histories of one category are wanted, too */
  readonly keepSingles: boolean;
  readonly keepKeys: boolean;
  /** whether a user may have several histories, in the order of a column `s` */
  readonly hasSessions: boolean;
  readonly hasTimes: boolean;
  readonly hasWeights: boolean;
  /** whether a click is a record with `id`, and `t` and `w` where there are times and weights; else its id alone */
  readonly areRecords: boolean;
}

/** The files of a table of histories. */
export interface WorkFiles {
  /** of what is wanted */
  readonly sizes: () => Promise<{ readonly histories: number; readonly clicks: number }>;
  /** Reads a range of keys in their byte order, and the sessions of a user in theirs; memory holds the range. */
  readonly read: (range: KeyRange, take: (histories: ArrivedHistories) => void) => Promise<void>;
}

/** Reads the Parquet files of a folder; given by whoever has a reader of them. */
export type WorkFileReader = (folder: string, table: WorkTable) => WorkFiles;
