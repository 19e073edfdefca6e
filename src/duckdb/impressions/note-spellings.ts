/** Keys of impressions that are most likely none, or are there in several spellings: told, never changed. */
import { named, sentence } from '../../checks.js';
import { countedKeys } from '../../impressions/column-domains.js';
import type { Impressions } from '../../impressions/impressions.js';
import { missingTexts } from '../../histories/missing-texts.js';
import { withThousands } from '../../numerics/thousands.js';
import { tellNote, type ReadNotes } from '../events/check-keys.js';
import { tellTwins } from '../events/note-twins.js';

/** Notes columns with texts such as `NULL`, and those with keys that equal another but for case, spaces and the like. */
export function noteSpellings(
  columns: Pick<Impressions, 'domains' | 'categorical' | 'lists'>,
  { onNote }: ReadNotes,
): void {
  if (onNote === undefined) return;
  for (const { name: names, keys, counts } of countedKeys(columns)) {
    tellTwins(keys, names, { onNote, rows: counts });
    for (const key of missingTexts) {
      const count = counts[keys.indexOf(key)] ?? 0;
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
