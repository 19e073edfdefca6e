/** A table of known properties (CSV, TSV, JSONL, Parquet) → attributes of categories by key. */
import { InputError, named, sentence } from '../../checks.js';
import { checkBytes } from '../events/check-bytes.js';
import { isList, isNested, jsonOfList } from '../engine/column-types.js';
import { mergeBadRows } from '../../histories/bad-rows.js';
import { withEngine, type Engine, type EngineOptions } from '../engine/connection.js';
import type { CsvOptions } from '../sources/csv-dialect.js';
import { checkRows, type CheckedRows } from '../events/check-rows.js';
import { checkKeyColumns } from '../events/check-keys.js';
import type { EventRelation } from '../events/event-columns.js';
import { nameOfSource, openSource, type EventSource, type Source } from '../sources/event-source.js';
import { checkColumn } from '../sources/source-columns.js';
import { keyText } from '../engine/key-sql.js';
import { isFloating, nullWhereNaN } from '../engine/missing-numbers.js';
import { queryRows, type PlainValue } from '../engine/query-rows.js';
import { quoteName } from '../engine/sql-text.js';
import { checkCall, neededOptionsKind, told } from '../../step.js';
import { aSource, readerNames, readHooks, type ReadHooks } from '../engine/read-hooks.js';

/** Attribute → category → value. */
export type AttributeTable = ReadonlyMap<string, ReadonlyMap<string, PlainValue>>;

/** Which column is the key, and which become attributes. */
export interface AttributeOptions extends CsvOptions, EngineOptions {
  /** the column that holds the categories */
  readonly key: string;
  /** the columns that become attributes; default: all but the key */
  readonly attributes?: readonly string[] | undefined;
}

/**
 * Reads the attributes of categories from a table.
 *
 * CSV and JSONL values are text; numbers and truth values of Parquet stay what they are, but whole numbers beyond 2⁵³,
 * which become text as everything else does. A list becomes the JSON of its members as text, which `labelsOf` takes
 * apart. Empty is missing, and so is NaN. Rows without a key are passed over; a row that stands twice counts once.
 *
 * @throws InputError for a column that is not there, an infinite number or bytes that are not UTF-8, with their row,
 *   and a key with two different rows
 */
export async function readAttributes(
  source: Source,
  options: AttributeOptions,
  hooks: ReadHooks = {},
): Promise<AttributeTable> {
  checkCall('readAttributes(source, { key, … }, hooks)', {
    source: [source, aSource],
    options: [options, neededOptionsKind<AttributeOptions>({ ...readerNames, key: true, attributes: true })],
    hooks: [hooks, readHooks],
  });
  return told('reading', hooks, () => readAttributesWith(source, { ...options, ...hooks }));
}

/** The same for those who have options and hooks in one. @throws InputError as `readAttributes` */
export async function readAttributesWith(
  source: Source,
  options: AttributeOptions & ReadHooks,
): Promise<AttributeTable> {
  const { key, attributes, onNote, ...how } = options;
  const name = nameOfSource(source);
  return withEngine(how, { source: name }, async (engine) => {
    const opened = await openSource(source, how, engine);
    const keyType = opened.columns.get(checkColumn(opened, 'key', key)) ?? '';
    if (isList(keyType) || isNested(keyType)) {
      throw new InputError(sentence`${named('key')} must be a column of single values, got ${key} of type ${keyType}`);
    }
    const wanted = attributes ?? [...opened.columns.keys()].filter((column) => column !== key);
    if (wanted.length === 0) throw new InputError(`${name} must have columns beside its key ${key}, got none`);
    for (const column of wanted) checkColumn(opened, 'attribute', column);
    await checkBytes(opened, [['key', key], ...wanted.map((column) => ['attribute', column] as const)], engine);
    const values: string[] = [];
    const bad = [opened.skipped];
    let events: EventRelation = eventsOf(opened);
    for (const column of wanted) {
      const { value, checked } = await valueOf(events, column, engine);
      values.push(value);
      if (checked?.bad === undefined) continue;
      bad.push(checked.bad);
      events = { ...events, valid: `${events.valid ?? 'true'} AND ${checked.valid}` };
    }
    await checkKeyColumns(opened, [key], { engine, onNote });
    const text = keyText(quoteName(key), keyType);
    const sql = `SELECT DISTINCT ${[text, ...values].join(', ')} FROM ${opened.relation} WHERE ${text} <> '' AND
      ${events.valid ?? 'true'} ORDER BY ALL`;
    const table = new Map(wanted.map((column) => [column, new Map<string, PlainValue>()]));
    let last: string | undefined;
    for (const [keyValue, ...row] of await opened.checked(queryRows(engine.connection, sql))) {
      const keyText = String(keyValue);
      if (keyText === last) {
        throw new InputError(`${name} must have one row for each ${key}, got several for ${JSON.stringify(keyText)}`);
      }
      last = keyText;
      wanted.forEach((column, i) => table.get(column)?.set(keyText, row[i] ?? null));
    }
    const skipped = mergeBadRows(bad);
    if (skipped !== undefined) how.onBadRows?.(skipped, name);
    if (last === undefined) throw new InputError(`${name} holds no ${key}; it must have one row for each category`);
    return table;
  });
}

interface AttributeValue {
  /** SQL */
  readonly value: string;
  readonly checked?: CheckedRows;
}

/** The value of an attribute. @throws InputError for an infinite number, with its row, unless bad rows are skipped */
async function valueOf(events: EventRelation, column: string, engine: Engine): Promise<AttributeValue> {
  const type = events.types.get(column) ?? '';
  const name = quoteName(column);
  if (type === 'VARCHAR') return { value: `nullif(${name}, '')` };
  if (isFloating(type)) {
    const check = {
      cause: 'number' as const,
      value: name,
      isBad: `coalesce(isinf(${name}), false)`,
      describe: (value: string, place: string) =>
        sentence`${named('attribute')} must hold finite numbers, got ${value} in column ${column}, ${place}`,
    };
    const checked = await checkRows(events, check, engine);
    return { value: nullWhereNaN(name, type), checked };
  }
  if (/^(BOOLEAN|U?(TINY|SMALL)?INT(EGER)?)$/.test(type)) return { value: name };
  if (/^(U?(BIG|HUGE)INT$|DECIMAL)/.test(type)) {
    const isWide = `${name} NOT BETWEEN ${-Number.MAX_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;
    const found = await queryRows(engine.connection, `SELECT 1 FROM ${events.relation} WHERE ${isWide} LIMIT 1`);
    return { value: found.length === 0 ? `${name}::DOUBLE` : `${name}::VARCHAR` };
  }
  return { value: isList(type) ? jsonOfList(name, type) : `${name}::VARCHAR` };
}

function eventsOf(source: EventSource): EventRelation {
  const { relation, columns: types } = source;
  return { relation, types, source, over: (from) => from };
}
