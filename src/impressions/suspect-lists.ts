/** Columns of lists whose members were not separated: a warning for the caller. */
import { withThousands } from '../numerics/thousands.js';
import type { Impressions, ListColumn } from './impressions.js';

/** Fewer lists say nothing. */
const fewestLists = 20;
/** Share of lists that have one member if members were not separated. */
const nearlyAll = 0.95;
const separators = [' ', ',', ';', '|', '/', '\t', '\n', '^', '&', '+', '~', '\x01', '\x02', '\x1f'];
/** What stands around a list in a text, such as `{a,b}` or `WrappedArray(a, b)`. */
const around = /^\w*[[({]+|[\])}]+$/g;

/**
 * Looks for columns of lists that nearly all have one member while a separator would turn these members into far fewer,
 * and for those in which nearly every list is one unlike all others.
 *
 * @param names - columns that were read as lists
 * @returns a warning for each such column
 */
export function suspectLists({ lists, domains }: Impressions, names: readonly string[]): string[] {
  return lists.flatMap((list) => {
    const warning = names.includes(list.name) ? suspicionOf(list, domains.get(list.domain) ?? []) : undefined;
    return warning === undefined ? [] : [warning];
  });
}

function suspicionOf({ name, codes, starts, ends }: ListColumn, keys: readonly string[]): string | undefined {
  let present = 0;
  const members = new Set<string>();
  let singles = 0;
  for (const [row, start] of starts.entries()) {
    const length = (ends[row] ?? 0) - start;
    if (length > 0) present++;
    if (length !== 1) continue;
    singles++;
    members.add(keys[codes[start] ?? -1] ?? '');
  }
  if (present < fewestLists || singles < nearlyAll * present) return undefined;
  const bare = new Set(Array.from(members, (member) => member.replace(around, '')));
  const hasBrackets = Array.from(members).every((member) => /^\w*[[({].*[\])}]$/s.test(member));
  const found = separatorOf(hasBrackets ? bare : members, separators);
  const [example = ''] = members;
  const sizes =
    `nearly all of its ${withThousands(present)} lists hold one member, ${withThousands(members.size)} different ` +
    `ones, such as ${JSON.stringify(example)}`;
  if (found !== undefined) {
    return (
      `list ${name}: ${sizes}; separated by ${JSON.stringify(found.separator)} they would be ` +
      `${withThousands(found.count)} categories: ` +
      (hasBrackets ? 'make lists of them in a query, given with --sql' : '--list-separator names it')
    );
  }
  if (members.size < nearlyAll * present) return undefined;
  return `list ${name}: ${sizes}; if a list is written otherwise, --list-separator names what separates its members`;
}

/**
 * What would turn different texts into at most half as many parts, and stands in most of them; the one that leaves the
 * fewest.
 */
export function separatorOf(texts: ReadonlySet<string>, among: readonly string[]) {
  return among
    .map((separator) => ({ separator, ...partsOf(texts, separator) }))
    .filter(({ count, isShared }) => isShared && 2 * count <= texts.size)
    .sort((a, b) => a.count - b.count)[0];
}

/** How many parts members have, and whether nearly all of them hold the separator. */
function partsOf(members: ReadonlySet<string>, separator: string) {
  const parts = new Set<string>();
  let shared = 0;
  for (const member of members) {
    const split = member.split(separator).map((part) => part.trim());
    if (split.length > 1) shared++;
    for (const part of split) if (part !== '') parts.add(part);
  }
  return { count: parts.size, isShared: 2 * shared > members.size };
}
