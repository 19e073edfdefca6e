/** Rows of lists → events: one for each member of the row's list of categories. */
import { named, sentence } from '../../checks.js';
import { mergeBadRows } from '../../histories/bad-rows.js';
import { checkRows } from './check-rows.js';
import { isList, memberType } from '../engine/column-types.js';
import type { Engine } from '../engine/connection.js';
import { kept, partName, type EventRelation } from './event-columns.js';

/** Whether the categories of events stand in lists. */
export function isOfLists({ types }: EventRelation): boolean {
  return isList(types.get('category') ?? '');
}

/**
 * Makes an event of each member of a row's list of categories; events that are none already stay as they are.
 *
 * A time or a weight that is a list gives each member its own, in the same order; any other part of the row is that of
 * all its members. A row without a list, or with an empty one, has no events; a member that is null is an event whose
 * category is missing.
 *
 * @param parts - part → column, for messages
 * @throws InputError that names the first row whose lists differ in length, unless bad rows are skipped
 */
export async function explodeLists(
  rows: EventRelation,
  parts: ReadonlyMap<string, string>,
  engine: Engine,
): Promise<EventRelation> {
  if (!isOfLists(rows)) return rows;
  const { relation, types } = rows;
  const lists = [...types].flatMap(([part, type]) => (isList(type) ? [part] : []));
  const length = (part: string) => `len(${partName(part)})`;
  let valid = 'true';
  let { skipped } = rows.source;
  for (const part of lists.filter((other) => other !== 'category')) {
    const check = {
      cause: 'list' as const,
      value: `(${length('category')} || ' and ' || ${length(part)})`,
      isBad: `(${kept} AND coalesce(${length('category')} <> ${length(part)}, false))`,
      describe: (value: string, place: string) =>
        sentence`${named(part)} must be one value for each row, or a list as long as that of ${parts.get('category')}, got
          ${value} members of ${parts.get('category')} and ${parts.get(part)} in ${place}`,
    };
    // oxlint-disable-next-line no-await-in-loop -- a row is bad once
    const checked = await checkRows({ ...rows, valid }, check, engine);
    valid = `${valid} AND ${checked.valid}`;
    skipped = mergeBadRows([skipped, checked.bad]);
  }
  const columns = [...types.keys()].map((part) =>
    lists.includes(part) ? `unnest(${partName(part)}) AS ${partName(part)}` : partName(part),
  );
  const select = (from: string, more: readonly string[] = []) =>
    `(SELECT ${[...columns, kept, ...more].join(', ')} FROM ${from} WHERE len(${partName('category')}) > 0 AND ${valid})`;
  const row = partName('row');
  return {
    ...rows,
    source: { ...rows.source, skipped },
    relation: select(relation),
    types: new Map([...types].map(([part, type]) => [part, lists.includes(part) ? memberType(type) : type])),
    over: (from) => select(`(SELECT *, row_number() OVER () AS ${row} FROM ${rows.over(from)})`, [row]),
    areMembers: true,
  };
}

/** Gives every row of a relation of lists its number as its history; from here on rows come in their order at each scan. */
export async function numberRows(rows: EventRelation, { connection }: Engine): Promise<EventRelation> {
  const history = partName('history');
  await connection.run('SET preserve_insertion_order = true');
  return {
    ...rows,
    relation: `(SELECT row_number() OVER () AS ${history}, * FROM ${rows.relation})`,
    types: new Map([...rows.types, ['history', 'BIGINT']]),
    // for messages, which tell of no history
    over: (from) => `(SELECT 0::BIGINT AS ${history}, * FROM ${rows.over(from)})`,
  };
}
