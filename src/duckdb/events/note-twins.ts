/** Keys of a log that are spelled in several ways: told with their number, never changed. */
import { notesOfKeys } from '../../spelling-twins.js';
import { tellNote, type ReadNotes } from './check-keys.js';
import type { Engine } from '../engine/connection.js';
import { queryRows } from '../engine/query-rows.js';

/** So many distinct keys are looked at; of more a sample in which all spellings of a key are together. */
const sampledKeys = 200_000;

/**
 * Notes a column of which some keys equal another but for case, spaces and the like; a warning where they are many.
 *
 * @param texts - what can follow FROM: columns `key`, of text, and `n`, its rows
 * @param column - as the caller named it
 */
export async function noteTwins(
  texts: string,
  column: string,
  { engine, onNote }: ReadNotes & { readonly engine: Engine },
): Promise<void> {
  if (onNote === undefined) return;
  const [[distinct] = []] = await queryRows(engine.connection, `SELECT approx_count_distinct(key) FROM ${texts}`);
  const share = Math.ceil(Number(distinct) / sampledKeys);
  // coarser than the spellings that are held together
  const taken = String.raw`^[+''"]*0+|[.,]0+["'']*$|[''"+,\x60\p{Cf}\p{Pd}\s]`;
  const spelling = `regexp_replace(lower(nfc_normalize(key)), '${taken}', '', 'g')`;
  const sampled = share > 1 ? `WHERE hash(${spelling}) % ${share} = 0 ` : '';
  const rows = await queryRows(
    engine.connection,
    `SELECT key, sum(n)::DOUBLE FROM ${texts} ${sampled}GROUP BY ALL ORDER BY ALL`,
  );
  tellTwins(
    rows.map(([key]) => String(key)),
    column,
    { onNote, rows: rows.map(([, n]) => Number(n)), isSample: share > 1 },
  );
}

/** What is known of the keys, and who is told. */
interface TwinNotes extends ReadNotes {
  /** rows of each key */
  readonly rows?: ArrayLike<number> | undefined;
  readonly isSample?: boolean | undefined;
}

/** The same of keys in memory. */
export function tellTwins(
  distinct: readonly string[],
  column: string,
  { onNote, rows, isSample = false }: TwinNotes,
): void {
  if (onNote === undefined) return;
  for (const { text, isWarning } of notesOfKeys(distinct, `${isSample ? 'sampled ' : ''}keys of ${column}`, rows)) {
    tellNote({ onNote }, text, isWarning);
  }
}
