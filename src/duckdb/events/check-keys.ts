/**
 * Columns that are read as keys, looked at before they are read: whole numbers held as floating ones are told, and
 * refused where keys would become one.
 */
import { InputError, sentence, type Sentence } from '../../checks.js';
import type { Engine } from '../engine/connection.js';
import type { EventSource } from '../sources/event-source.js';
import { isFractional, isWhole, wholeBelow } from '../engine/key-sql.js';
import { queryRows } from '../engine/query-rows.js';
import { quoteName } from '../engine/sql-text.js';

/** What readers may be given to tell what should be known of a source. */
export interface ReadNotes {
  /** a sentence, such as that whole numbers held as DOUBLE are read as whole numbers */
  readonly onNote?: ((note: string, details?: NoteDetails) => void) | undefined;
}

/** What a program may make of a note beside its text. */
export interface NoteDetails {
  /** the note, the names of options marked */
  readonly sentence: Sentence;
  /** whether results may be wrong for what it says; default false */
  readonly isWarning?: boolean | undefined;
}

/** Tells a note in which options are named. */
export function tellNote({ onNote }: ReadNotes, sentence: Sentence, isWarning = false): void {
  onNote?.(String(sentence), { sentence, isWarning });
}

/** Below it, FLOAT holds every whole number. */
const wholeInFloat = 16_777_216;

/**
 * Looks at columns that are read as keys.
 *
 * @param columns - of the source
 * @param onNote - told where whole numbers with a fraction of zeros become the text of whole numbers, and what opening
 *   the source has noted
 * @throws InputError where some files hold whole numbers as DOUBLE (FLOAT) and others do not, and one is so large that
 *   different keys become one
 */
export async function checkKeyColumns(
  source: EventSource,
  columns: readonly string[],
  { engine, onNote }: ReadNotes & { readonly engine: Engine },
): Promise<void> {
  source.notes.forEach((note) => onNote?.(note));
  for (const warning of source.warnings) tellNote({ onNote }, sentence`${warning}`, true);
  for (const column of new Set(columns)) {
    const lacking = source.lacking.get(column);
    if (lacking !== undefined) {
      tellNote({ onNote }, sentence`${lacking.name} has no column ${column}, which its rows are read without`, true);
    }
    const type = source.columns.get(column) ?? '';
    const name = quoteName(column);
    const mixed = source.mixedNumbers.get(column);
    const isPlain = isFractional(type.replace(/(\[\d*\])+$/, ''));
    if (source.respelled.has(column)) onNote?.(describe(column, 'DOUBLE'));
    if (!isPlain) continue;
    const values = /\[/.test(type)
      ? `(SELECT unnest(${name}, recursive := true) AS ${name} FROM ${source.relation})`
      : source.relation;
    const some = async (condition: string): Promise<boolean> =>
      (await queryRows(engine.connection, `SELECT 1 FROM ${values} WHERE ${condition} LIMIT 1`)).length > 0;
    const bound = type.startsWith('FLOAT') ? wholeInFloat : wholeBelow;
    if (mixed !== undefined && (await some(`abs(${name}) >= ${bound} AND isfinite(${name})`))) {
      throw new InputError(
        `${column} must be of one type where its whole numbers reach 2^${powerOf(bound)}, got ${type} in ${mixed.floating} and ` +
          `whole numbers in ${mixed.whole}, so that different keys would become one; write both as whole numbers or as text`,
      );
    }
    if (onNote === undefined) continue;
    if (await some(isWhole(name))) onNote(describe(column, type));
    if (mixed === undefined && (await some(`abs(${name}) >= ${bound} AND isfinite(${name})`))) {
      onNote(
        `${column} holds numbers from 2^${powerOf(bound)} on as ${type}, in which different whole numbers ` +
          'have become one; write such keys as whole numbers or as text',
      );
    }
  }
}

/** The power of two at which whole numbers begin to fall together. */
function powerOf(bound: number): number {
  return bound === wholeInFloat ? 24 : 53;
}

function describe(column: string, type: string): string {
  return `${column} holds whole numbers as ${type}: its keys are read as 1012, not as 1012.0`;
}
