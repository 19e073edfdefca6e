/** What every reader tells, and what stops it. */
import type { KeyHooks } from '../../embedding/key-match.js';
import { hooksKind, type ArgumentKind, type StepHooks, type StepProgress } from '../../step.js';
import type { ReadNotes } from '../events/check-keys.js';
import type { CsvOptions, CsvReading } from '../sources/csv-dialect.js';
import type { EngineOptions } from './connection.js';

/** Who hears of what was read. */
export interface ReadHooks<Progress extends StepProgress = StepProgress> extends StepHooks<Progress>, ReadNotes {
  /** told of the rows that were left out of a source, if any were */
  readonly onBadRows?: CsvReading['onBadRows'];
}

/** The same where keys are joined. */
export interface JoinReadHooks extends ReadHooks, KeyHooks {}

/** These hooks as the argument of a step. */
export const readHooks = hooksKind<ReadHooks>({ onProgress: true, signal: true, onNote: true, onBadRows: true });

/** These hooks as the argument of a step. */
export const joinReadHooks = hooksKind<JoinReadHooks>({
  onProgress: true,
  signal: true,
  onNote: true,
  onBadRows: true,
  onKeys: true,
  gathered: true,
});

/** Names of the options of reading text and of DuckDB. */
export const readerNames = {
  delimiter: true,
  hasHeader: true,
  quote: true,
  encoding: true,
  badRows: true,
  memoryLimit: true,
  temporaryFolder: true,
  engineThreads: true,
  extensionFolder: true,
  installExtensions: true,
  objectStores: true,
} as const satisfies Record<keyof (CsvOptions & EngineOptions), true>;

/** A source as the argument of a step. */
export const aSource: ArgumentKind = {
  what: 'a path, a list of paths, or { sql }',
  is: (value) =>
    typeof value === 'string' ||
    Array.isArray(value) ||
    (typeof value === 'object' && value !== null && 'sql' in value),
};
