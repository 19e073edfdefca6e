/** Keys of impressions that are most likely none, or are there in several spellings: told, never changed. */
import { named, sentence } from '../../checks.js';
import type { Impressions } from '../../impressions/impressions.js';
import { missingTexts } from '../../histories/missing-texts.js';
import { withThousands } from '../../numerics/thousands.js';
import { tellNote, type ReadNotes } from '../events/check-keys.js';
import { tellTwins } from '../events/note-twins.js';

/** Notes columns with texts such as `NULL`, and those with keys that equal another but for case, spaces and the like. */
export function noteSpellings(
  { domains, categorical, lists }: Pick<Impressions, 'domains' | 'categorical' | 'lists'>,
  { onNote }: ReadNotes,
): void {
  if (onNote === undefined) return;
  for (const [domain, keys] of domains) {
    const columns = [...categorical, ...lists].filter((column) => column.domain === domain);
    const rows = keys.map(() => 0);
    for (const { codes } of columns) for (const code of codes) if (code >= 0) rows[code] = (rows[code] ?? 0) + 1;
    const names = columns.map(({ name }) => name).join(', ');
    tellTwins(keys, names, { onNote, rows });
    for (const key of missingTexts) {
      const count = rows[keys.indexOf(key)] ?? 0;
      if (count === 0) continue;
      tellNote(
        { onNote },
        sentence`${names} holds ${key} ${withThousands(count)} times, as databases write a
          missing value; it is read as any other text: leave such values empty, as with nullif in a query, given with
          ${named('sql')}`,
      );
    }
  }
}
