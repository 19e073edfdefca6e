/**
 * What the caller may write in SQL: one SELECT as a source, one condition on its rows; nothing that could change files
 * or settings.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { duckdbApi } from './duckdb-package.js';
import { InputError, named, sentence } from '../../checks.js';

/**
 * Checks that a query is one SELECT, which `FROM …`, `WITH …` and `VALUES …` are too. Nothing is run.
 *
 * @throws InputError for several statements, or one of another kind
 */
export async function checkQuery(sql: string, connection: DuckDBConnection): Promise<void> {
  // of which DuckDB makes a SELECT that cannot stand in brackets
  const kind = /^\s*(pragma|describe|desc|show|summarize)\b/i.exec(sql)?.[1];
  if (kind !== undefined)
    throw new InputError(
      sentence`${named('sql')} must be one SELECT, got a statement of the kind ${kind.toUpperCase()}`,
    );
  const { count, prepare } = await extract(sql, connection);
  if (count !== 1) throw new InputError(sentence`${named('sql')} must be one SELECT, got ${count} statements`);
  const prepared = await prepare();
  const { statementType } = prepared;
  prepared.destroySync();
  if (statementType === duckdbApi().StatementType.SELECT) return;
  throw new InputError(
    sentence`${named('sql')} must be one SELECT, got a statement of the kind ${duckdbApi().StatementType[statementType]}`,
  );
}

/**
 * Checks that a condition is a single expression.
 *
 * It must be one with brackets around it and without: `a) OR (b` is one only within brackets, `a LIMIT 3` only without.
 *
 * @throws InputError for one that is followed by another statement; Error with DuckDB's sentence where it is none
 */
export async function checkCondition(where: string, connection: DuckDBConnection): Promise<void> {
  if (where.trim() === '')
    throw new InputError(sentence`${named('where')} must be a condition such as country = 'de', got nothing`);
  const { count } = await extract(`SELECT 1 WHERE (${where}\n)`, connection);
  if (count === 1) {
    await extract(`SELECT 1 WHERE ${where}\n`, connection);
    return;
  }
  throw new InputError(
    sentence`${named('where')} must be one condition, got ${count} statements: ${JSON.stringify(where)}`,
  );
}

async function extract(sql: string, connection: DuckDBConnection) {
  try {
    const statements = await connection.extractStatements(sql);
    return { count: statements.count, prepare: () => statements.prepare(0) };
  } catch (error) {
    // the same sentence as where the query is run
    const message =
      error instanceof Error ? error.message.replace(/^Failed to extract statements: /, '') : String(error);
    throw new Error(message, { cause: error });
  }
}
