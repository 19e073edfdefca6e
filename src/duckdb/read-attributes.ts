/** A table of known properties (CSV, TSV, JSONL, Parquet) → attributes of categories by key. */
import { InputError } from '../checks.js';
import { withEngine, type EngineOptions } from './connection.js';
import type { CsvOptions } from './csv-dialect.js';
import { checkColumn, nameOfSource, openSource, type Source } from './event-source.js';
import { checkKeyColumns, type ReadNotes } from './check-keys.js';
import { keyText } from './key-sql.js';
import { queryRows, type PlainValue } from './query-rows.js';
import { quoteName } from './sql-text.js';

/** Attribute → category → value. */
export type AttributeTable = ReadonlyMap<string, ReadonlyMap<string, PlainValue>>;

/** Which column is the key, and which become attributes. */
export interface AttributeOptions extends CsvOptions, EngineOptions, ReadNotes {
  /** the column that holds the categories */
  readonly key: string;
  /** the columns that become attributes; default: all but the key */
  readonly attributes?: readonly string[] | undefined;
}

/**
 * Reads the attributes of categories from a table.
 *
 * CSV and JSONL values are text; numbers and truth values of Parquet stay what they are, everything else becomes text. Empty is missing.
 * Rows without a key are passed over; a row that stands twice counts once.
 *
 * @throws InputError for a column that is not there, or a key with two different rows
 */
export async function readAttributes(source: Source, options: AttributeOptions): Promise<AttributeTable> {
  const { key, attributes, onNote, ...how } = options;
  const name = nameOfSource(source);
  return withEngine(how, { source: name }, async (engine) => {
    const opened = await openSource(source, how, engine);
    checkColumn(opened, 'key', key);
    const wanted = attributes ?? [...opened.columns.keys()].filter((column) => column !== key);
    if (wanted.length === 0) throw new InputError(`${name} must have columns beside its key ${key}, got none`);
    const values = wanted.map((column) =>
      valueOf(checkColumn(opened, 'attribute', column), opened.columns.get(column)),
    );
    await checkKeyColumns(opened, [key], { engine, onNote });
    const text = keyText(quoteName(key), opened.columns.get(key));
    const sql = `SELECT DISTINCT ${[text, ...values].join(', ')} FROM ${opened.relation} WHERE ${text} <> '' ORDER BY ALL`;
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
    if (opened.skipped !== undefined) how.onBadRows?.(opened.skipped, name);
    if (last === undefined) throw new InputError(`${name} holds no ${key}; it must have one row for each category`);
    return table;
  });
}

function valueOf(column: string, type = ''): string {
  const name = quoteName(column);
  if (type === 'VARCHAR') return `nullif(${name}, '')`;
  if (/^(BOOLEAN|FLOAT|DOUBLE|U?(TINY|SMALL)?INT(EGER)?)$/.test(type)) return name;
  return /^(U?BIGINT|U?HUGEINT|DECIMAL.*)$/.test(type) ? `${name}::DOUBLE` : `${name}::VARCHAR`;
}
