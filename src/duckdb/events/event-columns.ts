/** Which columns of an event log play which part, and the relation of its events with their parts under fixed names. */
import { InputError, named, sentence } from '../../checks.js';
import { isList, isNested } from '../engine/column-types.js';
import type { Engine } from '../engine/connection.js';
import { describe, type EventSource } from '../sources/event-source.js';
import { checkColumn } from '../sources/source-columns.js';
import { checkCondition } from '../engine/single-query.js';
import { quoteName } from '../engine/sql-text.js';

/** The name of a part in the relation of events. */
export function partName(part: string): string {
  return quoteName(`category2vec ${part}`);
}

/** Whether the condition holds, in the relation of events. */
export const kept = partName('kept');

/** The events of a log before any filter, each part under its own name. */
export interface EventRelation {
  /** what can follow FROM; columns as `partName` says, and `kept` */
  readonly relation: string;
  /** part → DuckDB's type of its column */
  readonly types: ReadonlyMap<string, string>;
  /** where they come from */
  readonly source: EventSource;
  /** the same parts of another relation with the columns of the source, such as one of its files */
  readonly over: (relation: string) => string;
  /** SQL condition of rows that no check has left out so far; undefined for all */
  readonly valid?: string | undefined;
  /** for events that are no rows of the source: what `over` gives has the number of its row as part `row` */
  readonly areMembers?: boolean | undefined;
}

/**
 * Names the parts of every event.
 *
 * Conditions see CSV and JSONL columns as text; one that compares them with numbers or dates sees them with the types
 * that their content has.
 *
 * @param parts - part (`history`, `category`, `time`, `weight` …) → column, as the caller named it
 * @param where - SQL condition on the columns of the source
 * Where the category is a column of lists, times and weights may be so, too: `explodeLists` makes events of their members.
 *
 * @throws InputError for a column that is not there or holds no single values, or a condition that cannot be applied
 */
export async function selectEvents(
  source: EventSource,
  parts: ReadonlyMap<string, string>,
  where: string | undefined,
  engine: Engine,
): Promise<EventRelation> {
  const isOfLists = isList(source.columns.get(parts.get('category') ?? '') ?? '');
  const types = new Map([...parts].map(([part, column]) => [part, typeOf(source, { part, column, isOfLists })]));
  const named = [...parts].map(([part, column]) => `${quoteName(column)} AS ${partName(part)}`);
  const eventsOf = (from: string) => `(SELECT ${named.join(', ')}, * FROM ${from})`;
  const names = [...parts.keys()].map(partName).join(', ');
  const select = (from: string, condition: string) => `(SELECT ${names}, ${condition} AS ${kept} FROM ${from})`;
  const selectedBy = (over: (from: string) => string): EventRelation => {
    return { types, source, over, relation: over(source.relation) };
  };
  if (where === undefined) return selectedBy((from) => select(eventsOf(from), 'true'));
  await checkCondition(where, engine.connection);
  const condition = `coalesce((${where}\n)::BOOLEAN, false)`;
  const plain = selectedBy((from) => select(eventsOf(from), condition));
  const failure = await failureOf(plain.relation, engine);
  if (failure === undefined) return plain;
  if (source.typedRelation === undefined) throw failure;
  const replaced = await replaceTypes(source, engine);
  const typed = selectedBy((from) => select(`(SELECT * ${replaced} FROM ${eventsOf(from)})`, condition));
  if ((await failureOf(typed.relation, engine)) !== undefined) throw failure;
  return typed;
}

/** Parts of which a row may hold lists: its clicks, one for each member. */
const listParts = ['category', 'time', 'weight'];

function typeOf(
  source: EventSource,
  { part, column, isOfLists }: { readonly part: string; readonly column: string; readonly isOfLists: boolean },
): string {
  const option = part.startsWith('column ') ? 'columns' : part;
  const type = source.columns.get(checkColumn(source, option, column)) ?? '';
  if (!isList(type) && !isNested(type)) return type;
  if (isOfLists && listParts.includes(part) && isList(type)) return type;
  const what = part === 'category' ? 'single values or of lists of them' : 'single values';
  throw new InputError(
    sentence`${named(option)} must be a column of ${what}, got ${column} of type ${type}; unnest it in a query, given
      with ${named('sql')}`,
  );
}

/** Why a relation cannot be bound, or undefined where it can. */
async function failureOf(relation: string, { connection }: Engine): Promise<unknown> {
  try {
    await connection.run(`DESCRIBE SELECT * FROM ${relation}`);
    return undefined;
  } catch (error) {
    return error;
  }
}

async function replaceTypes(source: EventSource, engine: Engine): Promise<string> {
  const types = source.typedRelation === undefined ? [] : await describe(engine, source.typedRelation);
  const casts = [...types].flatMap(([name, type]) => {
    const column = quoteName(name);
    return type === 'VARCHAR' ? [] : [`TRY_CAST(${column} AS ${type}) AS ${column}`];
  });
  return casts.length === 0 ? '' : `REPLACE (${casts.join(', ')})`;
}
