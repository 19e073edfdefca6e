/** Which columns of an event log play which part, and the relation of its events with their parts under fixed names. */
import { InputError } from '../checks.js';
import type { Engine } from './connection.js';
import { checkColumn, describe, type EventSource } from './event-source.js';
import { quoteName } from './sql-text.js';

/** The columns and the condition, as the caller names them. */
export interface EventColumns {
  readonly history: string;
  readonly category: string;
  readonly time?: string | undefined;
  readonly weight?: string | undefined;
  /** SQL condition on the columns of the source */
  readonly where?: string | undefined;
}

/** Names of the parts in the relation of events; `kept` says whether the condition holds. */
export const part = {
  history: '"category2vec history"',
  category: '"category2vec category"',
  time: '"category2vec time"',
  weight: '"category2vec weight"',
  kept: '"category2vec kept"',
} as const;

/** The events of a log before any filter. */
export interface EventRelation {
  /** what can follow FROM; columns as in `part` */
  readonly relation: string;
  readonly historyType: string;
  readonly categoryType: string;
  readonly timeType: string | undefined;
  readonly weightType: string | undefined;
}

/**
 * Names the parts of every event.
 *
 * Conditions see CSV and JSONL columns as text; one that compares them with numbers or dates sees them with the types that their content has.
 *
 * @throws InputError for a column that is not there, or a condition that cannot be applied
 */
export async function selectEvents(source: EventSource, columns: EventColumns, engine: Engine): Promise<EventRelation> {
  const types = typesOf(source, columns);
  const parts = (['history', 'category', 'time', 'weight'] as const).flatMap((role) => {
    const column = columns[role];
    return column === undefined ? [] : [`${quoteName(column)} AS ${part[role]}`];
  });
  const events = `(SELECT ${parts.join(', ')}, * FROM ${source.relation})`;
  const names = Object.entries(part).flatMap(([role, name]) => (role in types && role !== 'kept' ? [name] : []));
  const select = (from: string, where: string) => `(SELECT ${names.join(', ')}, ${where} AS ${part.kept} FROM ${from})`;
  const { where } = columns;
  const found = {
    historyType: types.history ?? '',
    categoryType: types.category ?? '',
    timeType: types.time,
    weightType: types.weight,
  };
  if (where === undefined) return { ...found, relation: select(events, 'true') };
  const condition = `coalesce((${where}\n)::BOOLEAN, false)`;
  const relation = select(events, condition);
  const failure = await failureOf(relation, engine);
  if (failure === undefined) return { ...found, relation };
  if (source.typedRelation === undefined) throw failure;
  const typed = select(`(SELECT * ${await replaceTypes(source, engine)} FROM ${events})`, condition);
  if ((await failureOf(typed, engine)) !== undefined) throw failure;
  return { ...found, relation: typed };
}

function typesOf(source: EventSource, columns: EventColumns) {
  const types: Partial<Record<keyof EventColumns, string>> = {};
  for (const role of ['history', 'category', 'time', 'weight'] as const) {
    const column = columns[role];
    if (column === undefined) continue;
    const type = source.columns.get(checkColumn(source, role, column)) ?? '';
    if (/\[|^(STRUCT|MAP|UNION)/.test(type) && !type.startsWith('JSON')) {
      throw new InputError(
        `${role} must be a column of single values, got ${column} of type ${type}; unnest it with a query given as sql`,
      );
    }
    types[role] = type;
  }
  return types;
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
