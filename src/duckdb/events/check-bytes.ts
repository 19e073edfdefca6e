/** Columns of bytes that are read as text: every value must be UTF-8. */
import { named, sentence } from '../../checks.js';
import { checkRows, type RowCheck } from './check-rows.js';
import { decoded, isBytes } from '../engine/column-types.js';
import type { Engine } from '../engine/connection.js';
import type { EventSource } from '../sources/event-source.js';
import { quoteName } from '../engine/sql-text.js';

/**
 * Checks that columns of bytes are text.
 *
 * @param parts - what each column is read as → its name
 * @throws InputError that names the first row whose bytes are not UTF-8, also where bad rows are skipped
 */
export async function checkBytes(
  source: EventSource,
  parts: Iterable<readonly [part: string, column: string]>,
  engine: Engine,
): Promise<void> {
  const { stored: relation, storedColumns: types } = source;
  const events = { relation, types, source, over: (from: string) => from };
  for (const [part, column] of parts) {
    const type = types.get(column) ?? '';
    if (!isBytes(type)) continue;
    const name = quoteName(column);
    const check: RowCheck = {
      isAlwaysRefused: true,
      cause: 'encoding',
      value: name,
      isBad: `(${name} IS NOT NULL AND TRY(${decoded(name, type)}) IS NULL)`,
      describe: (value, place) =>
        sentence`${named(part.split(' ')[0] ?? part)} must be text, got bytes that are not UTF-8 (${value}) in column
          ${column}, ${place}; decode them in a query, given with ${named('sql')}`,
    };
    await checkRows(events, check, engine);
  }
}
