/** How events are read on a Spark cluster: where they are, columns, filters, how to reach it. */
import {
  historyNames,
  type EventOptions,
  type FilterOptions,
  type HistoriesShape,
} from '../histories/reader-options.js';
import type { WorkFileReader } from '../histories/work-table.js';
import { neededOptionsKind, type ArgumentKind, type StepHooks, type StepProgress } from '../step.js';

/** Where the events are. */
export type SparkSource = { readonly table: string } | { readonly sql: string };

/** Columns, filters, and how to reach the cluster. */
export interface SparkReadOptions extends HistoriesShape, FilterOptions, EventOptions {
  /** `spark://host:port`, or `sparks://host:port` for TLS */
  readonly engine: string;
  /** whose clicks belong together: a column of text or whole numbers */
  readonly history: string;
  /** what was clicked: a column of text or whole numbers */
  readonly category: string;
  /** sent as a bearer token; refused in plain text but to this machine */
  readonly token?: string | undefined;
  /** certificates of the authorities to trust, PEM; default the system's */
  readonly ca?: string | undefined;
  /** the user's name in the server's logs; default category2vec */
  readonly user?: string | undefined;
  /** maximum clicks in one part of the result; default 32,000,000 */
  readonly partClicks?: number | undefined;
  /**
   * folder of the cluster's storage for tables between stages, as an address or an absolute path; a run that was killed
   * or failed leaves them, and the next with the same options continues with those that are whole; default: cached in the session
   */
  readonly work?: string | undefined;
}

/** How far reading has come. */
export interface SparkReadProgress extends StepProgress {
  readonly stage: 'scanning' | 'shaping' | 'keys' | 'clicks' | 'filtering';
}

/** The options as the argument of a step. */
export const sparkOptions = neededOptionsKind<SparkReadOptions>({
  engine: true,
  history: true,
  category: true,
  time: true,
  timeFormat: true,
  timeUnit: true,
  weight: true,
  where: true,
  token: true,
  ca: true,
  user: true,
  partClicks: true,
  work: true,
  ...historyNames,
});

/** A source as the argument of a step. */
export const aSparkSource: ArgumentKind = {
  what: '{ table } or { sql }',
  is: (value) => typeof value === 'object' && value !== null && ('table' in value || 'sql' in value),
};

/** Options and hooks in one, and what reads files that the cluster left where this machine sees them. */
export type SparkReading = SparkReadOptions &
  StepHooks<SparkReadProgress> & { readonly openWorkFiles?: WorkFileReader | undefined };
