/** Columns that speak of the same thing have one domain. */
import { InputError, named, sentence } from '../checks.js';
import { spellingHint } from '../closest-spellings.js';
import type { Impressions } from './impressions.js';

/**
 * The domain of each column, which is named after the first of the columns that share it.
 *
 * @param columns - categorical columns, lists and histories
 * @param share - groups of them, such as [['advertiser', 'history']]
 * @throws InputError for a group that names another column
 */
export function shareDomains(
  columns: readonly string[],
  share: readonly (readonly string[])[],
): ReadonlyMap<string, string> {
  const domains = new Map(columns.map((column) => [column, column]));
  for (const group of share) {
    const unknown = group.find((column) => !domains.has(column));
    if (unknown !== undefined) {
      throw new InputError(
        sentence`${named('share')} must name categorical columns, lists or histories (${columns.join(', ')}), got
          ${JSON.stringify(unknown)}${spellingHint(unknown, columns)}`,
      );
    }
    const joined = new Set(group.map((column) => domains.get(column)));
    const [first] = columns.filter((column) => joined.has(domains.get(column)));
    for (const column of columns) if (joined.has(domains.get(column))) domains.set(column, first ?? column);
  }
  return domains;
}

/**
 * The domain of a column: what its table is named after.
 *
 * @throws InputError for a column that is neither categorical nor a list
 */
export function domainOfColumn({ categorical, lists }: Impressions, column: string): string {
  const columns = [...categorical, ...lists];
  const found = columns.find(({ name }) => name === column);
  if (found !== undefined) return found.domain;
  const names = columns.map(({ name }) => name);
  throw new InputError(
    sentence`${named('embedding')} must be for one of the columns ${names.join(', ')}, got
      ${JSON.stringify(column)}${spellingHint(column, names) || '; name it as COLUMN=FILE'}`,
  );
}

/** The keys of each dictionary, the columns that speak of them, and how often each stands there. */
export function countedKeys({ domains, categorical, lists }: Pick<Impressions, 'domains' | 'categorical' | 'lists'>) {
  return Array.from(domains, ([domain, keys]) => {
    const columns = [...categorical, ...lists].filter((column) => column.domain === domain);
    const counts = new Float64Array(keys.length);
    for (const { codes } of columns) for (const code of codes) if (code >= 0) counts[code] = (counts[code] ?? 0) + 1;
    return { name: columns.map(({ name }) => name).join(', '), keys, counts };
  });
}
