/** A log whose histories another engine shapes, and sends part by part. */
import { objectWith } from '../step.js';
import type { ActedFilters, LeftFilters, LogManifest } from './prepared-log.js';
import type { Shard } from './shard.js';

/** What is known of a log once all of it has arrived. */
export interface ArrivedLog extends Pick<
  LogManifest,
  'hasTimes' | 'hasWeights' | 'hasSessions' | 'dropped' | 'ties' | 'timeSpan' | 'source'
> {
  /** of the categories, ascending by their bytes */
  readonly keys: readonly string[];
}

/** How parts are sent. */
export interface ArrivingParts {
  /** clicks of a part, about */
  readonly partClicks?: number | undefined;
  /** stops the work */
  readonly signal?: AbortSignal | undefined;
  /** told where the engine stands */
  readonly onProgress?: ((progress: { readonly stage: string; readonly share: number }) => void) | undefined;
}

/** A log on another engine, such as `sparkLog` gives it: nothing is read before it is asked for. */
export interface ArrivingLog {
  /** by which the histories are made: columns, source, condition */
  readonly log: LogManifest['log'];
  /** filters that act on the engine */
  readonly filters: ActedFilters;
  /** filters that are left to whoever reads the prepared log */
  readonly defaults: LeftFilters;
  /** of draws, where times are equal */
  readonly seed: number;
  /** sends each part, in the byte order of the keys, and waits until it was taken */
  readonly arrive: (visit: (part: Shard) => Promise<void>, how: ArrivingParts) => Promise<ArrivedLog>;
}

/** Such a log as the argument of a step. */
export const anArrivingLog = objectWith('what sparkLog gives', ['log', 'filters', 'defaults', 'arrive']);
