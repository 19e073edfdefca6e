/** Keys as text, the same text for the same number however a file holds it: whole numbers held as DOUBLE are `1012`, not `1012.0`. */
import { InputError } from '../checks.js';
import type { Engine } from './connection.js';
import type { EventSource } from './event-source.js';
import { queryRows } from './query-rows.js';
import { quoteName } from './sql-text.js';

/** What readers may be given to tell what should be known of a source. */
export interface ReadNotes {
  /** a sentence, such as that whole numbers held as DOUBLE are read as whole numbers */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** Below it, DOUBLE holds every whole number; FLOAT does so below 2²⁴. */
const wholeBelow = { DOUBLE: 9_007_199_254_740_992, FLOAT: 16_777_216 };

const floatingType = /^(FLOAT|DOUBLE)(\[\d*\])*$/;
const decimalType = /^DECIMAL\(\d+,([1-9]\d*)\)$/;

/** Whether a type's text may hold whole numbers with a fraction of zeros. */
export function isFractional(type = ''): boolean {
  return type === 'FLOAT' || type === 'DOUBLE' || decimalType.test(type);
}

/**
 * SQL for the text of a key.
 *
 * Whole numbers of FLOAT and DOUBLE below 2⁵³, and all of DECIMAL, become the text of whole numbers; text stays what it is.
 */
export function keyText(column: string, type = ''): string {
  if (type === 'VARCHAR') return column;
  if (decimalType.test(type)) return `regexp_replace(${column}::VARCHAR, '\\.0+$', '')`;
  if (!isFractional(type)) return `${column}::VARCHAR`;
  return `(CASE WHEN ${isWhole(column)} THEN ${column}::BIGINT::VARCHAR ELSE ${column}::VARCHAR END)`;
}

function isWhole(column: string): string {
  return `${column} = trunc(${column}) AND abs(${column}) < ${wholeBelow.DOUBLE}`;
}

/**
 * Looks at columns that are read as keys.
 *
 * @param columns - of the source
 * @param onNote - told where whole numbers with a fraction of zeros become the text of whole numbers
 * @throws InputError where some files hold whole numbers as DOUBLE (FLOAT) and others do not, and one is so large that different keys become one
 */
export async function checkKeyColumns(
  source: EventSource,
  columns: readonly string[],
  { engine, onNote }: ReadNotes & { readonly engine: Engine },
): Promise<void> {
  for (const column of new Set(columns)) {
    const type = source.columns.get(column) ?? '';
    const name = quoteName(column);
    const mixed = source.mixedNumbers.get(column);
    const isPlain = floatingType.test(type) || decimalType.test(type);
    if (source.respelled.has(column)) onNote?.(describe(column, 'DOUBLE'));
    if (!isPlain) continue;
    const values = /\[/.test(type) ? `(SELECT unnest(${name}, recursive := true) AS ${name} FROM ${source.relation})` : source.relation;
    const some = async (condition: string): Promise<boolean> =>
      (await queryRows(engine.connection, `SELECT 1 FROM ${values} WHERE ${condition} LIMIT 1`)).length > 0;
    const bound = type.startsWith('FLOAT') ? wholeBelow.FLOAT : wholeBelow.DOUBLE;
    if (mixed !== undefined && (await some(`abs(${name}) >= ${bound} AND isfinite(${name})`))) {
      throw new InputError(
        `${column} must be of one type where its whole numbers reach 2^${bound === wholeBelow.FLOAT ? 24 : 53}, got ${type} in ${mixed.floating} and ` +
          `whole numbers in ${mixed.whole}, so that different keys would become one; write both as whole numbers or as text`,
      );
    }
    if (onNote !== undefined && (await some(isWhole(name)))) onNote(describe(column, type));
  }
}

function describe(column: string, type: string): string {
  return `${column} holds whole numbers as ${type}: its keys are read as 1012, not as 1012.0`;
}
