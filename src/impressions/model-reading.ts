/** How a click model's table was read: what a later table needs to be read alike. */
import { timeUnits, type TimeUnit } from '../histories/time-span.js';
import type { Json } from '../embedding/embedding.js';
import { FieldReader } from '../embedding/json-fields.js';
import type { SpaceIds } from '../embedding/version.js';

/** A history that rows read, and the log that it came from. */
export interface HistoryReading {
  /** of the list */
  readonly name: string;
  /** column of what was clicked */
  readonly category: string;
  /** name of the log's file, without its folder */
  readonly file?: string | undefined;
  /** columns of the log; undefined: as in the table */
  readonly user?: string | undefined;
  readonly time?: string | undefined;
  /** how its times are written; undefined: as those of the table, where they can be */
  readonly timeFormat?: string | undefined;
  readonly timeUnit?: TimeUnit | undefined;
  /** SQL condition on the columns of the log */
  readonly where?: string | undefined;
  /** how late a click becomes known, such as `1h` */
  readonly lag?: string | undefined;
}

/** The columns of a table beside those that the encoder names, and its histories. */
export interface ModelReading {
  readonly label?: string | undefined;
  readonly user?: string | undefined;
  /** undefined: rows have no times, and histories were taken whole */
  readonly time?: string | undefined;
  readonly timeFormat?: string | undefined;
  readonly timeUnit?: TimeUnit | undefined;
  readonly weight?: string | undefined;
  /** what separates the members of a list in a text */
  readonly listSeparator?: string | undefined;
  /** spaces of the vectors whose numbers the table held, where its files said so, as those of `features` do */
  readonly spaces?: readonly SpaceIds[] | undefined;
  /** those that were joined from a log, or made of the table's own clicks, which then is the log */
  readonly histories: readonly HistoryReading[];
}

const historyFields = ['file', 'category', 'name', 'user', 'time', 'timeFormat', 'timeUnit', 'where', 'lag'] as const;
const tableFields = ['listSeparator', 'label', 'user', 'time', 'timeFormat', 'timeUnit', 'weight'] as const;

/** A reading as a saved model holds it. */
export function readingToJson(reading: ModelReading): { readonly [name: string]: Json } {
  const given = <Field extends string>(
    from: Readonly<Partial<Record<Field, string | undefined>>>,
    fields: readonly Field[],
  ) => Object.fromEntries(fields.flatMap((field) => (from[field] === undefined ? [] : [[field, from[field]]])));
  return {
    ...given(reading, tableFields),
    ...spacesToJson(reading.spaces),
    histories: reading.histories.map((history) => given(history, historyFields)),
  };
}

function spacesToJson(spaces: readonly SpaceIds[] = []): { readonly [name: string]: Json } {
  if (spaces.length === 0) return {};
  return { spaces: spaces.map(({ version, alignment }) => ({ version, alignment })) };
}

/**
 * A reading from what a saved model holds.
 *
 * @throws InputError for anything else
 */
export function readingFromJson(value: unknown): ModelReading {
  const all = new FieldReader(value, 'reading');
  const histories = all.optional('histories') === undefined ? [] : all.list('histories');
  const spaces = all.optional('spaces') === undefined ? undefined : all.list('spaces');
  return {
    ...texts(all, tableFields),
    timeUnit: unitOf(all),
    ...(spaces === undefined
      ? {}
      : { spaces: spaces.map((each) => ({ version: each.text('version'), alignment: each.text('alignment') })) }),
    histories: histories.map((history) => ({
      ...texts(history, historyFields),
      name: history.text('name'),
      category: history.text('category'),
      timeUnit: unitOf(history),
    })),
  };
}

function texts<Field extends string>(from: FieldReader, fields: readonly Field[]): { [Name in Field]?: string } {
  const found: { [Name in Field]?: string } = {};
  for (const field of fields) if (from.optional(field) !== undefined) found[field] = from.text(field);
  return found;
}

function unitOf(from: FieldReader): TimeUnit | undefined {
  if (from.optional('timeUnit') === undefined) return undefined;
  return timeUnits[from.indexIn('timeUnit', timeUnits)];
}

/** Whether a model's histories go by no time: they came from training rows. */
export function isTimeless(reading: ModelReading | undefined): boolean {
  return reading?.time === undefined;
}

/**
 * A history of the table's own clicks, as one from a log of impressions, of which the clicked ones count however that
 * is written.
 */
export function ownHistoryReading(
  reading: ModelReading,
  { file, ...history }: Pick<HistoryReading, 'name' | 'category' | 'file' | 'lag'>,
): ModelReading {
  const label = `"${(reading.label ?? '').replaceAll('"', '""')}"`;
  const where = `(TRY_CAST(${label} AS DOUBLE) = 1 OR lower(${label}::VARCHAR) = 'true')`;
  return { ...reading, histories: [...reading.histories, { ...history, file, where }] };
}
