/** How the log of an embedding was read, from its metadata: so that another log is read alike. */
import { InputError } from '../../checks.js';

import type { ReadOptions } from '../../duckdb/events/read-histories.js';
import type { Embedding } from '../../embedding/embedding.js';
import { filterOptions } from '../../histories/reader-options.js';
import { timeUnits } from '../../histories/time-span.js';
import { tableValues } from './flags.js';

/** What a command line says in place of the metadata. */
export interface LogOverrides {
  readonly history?: string | undefined;
  readonly category?: string | undefined;
  readonly where?: string | undefined;
}

/**
 * Options that read a log as that of an embedding was read.
 *
 * @throws InputError where neither the metadata nor the command line names the columns
 */
export function readingOfEmbedding({ provenance }: Embedding, given: LogOverrides): ReadOptions {
  const source = fieldsOf(provenance.source);
  const text = (name: string) => (typeof source[name] === 'string' ? source[name] : undefined);
  const history = given.history ?? text('history');
  const category = given.category ?? text('category');
  if (category === undefined || history === undefined) {
    throw new InputError(
      '--log needs --history and --category, because the embedding does not say which columns it was trained on',
    );
  }
  const options = fieldsOf(provenance.options);
  return {
    ...tableValues(filterOptions, fieldsOf(provenance.filters)),
    history,
    category,
    time: text('time'),
    timeFormat: text('timeFormat'),
    timeUnit: timeUnits.find((unit) => unit === source.timeUnit),
    weight: text('weight'),
    where: given.where ?? text('where'),
    isOrdered: options.context === 'window',
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
