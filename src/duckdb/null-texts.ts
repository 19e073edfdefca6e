/** Texts that databases write for a missing value, and that files give as if they were keys: said, never changed. */
import { withThousands } from '../numerics/thousands.js';
import type { ReadNotes } from './check-keys.js';
import type { Engine } from './connection.js';
import { partName } from './event-columns.js';
import { queryRows } from './query-rows.js';

/** How COPY of Postgres and SELECT INTO OUTFILE of MySQL write a missing value. */
const nullText = '\\N';

/**
 * Notes columns of keys in which `\N` stands for rows that most likely have none.
 *
 * @param columns - part → column, as the caller named it; only those of text are looked at
 */
export async function noteNullTexts(
  events: { readonly relation: string },
  columns: ReadonlyMap<string, string>,
  { engine, onNote }: ReadNotes & { readonly engine: Engine },
): Promise<void> {
  const parts = [...columns.keys()];
  if (onNote === undefined || parts.length === 0) return;
  const counts = parts.map((part) => `count(*) FILTER (${partName(part)} = '${nullText}')`);
  const [found = []] = await queryRows(engine.connection, `SELECT ${counts.join(', ')} FROM ${events.relation}`);
  parts.forEach((part, i) => {
    const rows = Number(found[i]);
    if (rows === 0) return;
    const column = columns.get(part) ?? part;
    onNote(
      `${withThousands(rows)} ${rows === 1 ? 'row has' : 'rows have'} the key \\N in ${column}, as databases write a missing value; it is read as any other text: leave it out with where "${column} <> '\\N'"`,
    );
  });
}
