/**
 * A table of impressions → a Parquet file for each part of its split: the same rows and columns, so that `click
 * evaluate` reads them as it read the whole.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../checks.js';
import type { Split } from '../../impressions/splits.js';
import { withEngine, type EngineUse } from '../engine/connection.js';
import type { CsvReading } from '../sources/csv-dialect.js';
import { nameOfSource, openSource, type Source } from '../sources/event-source.js';
import { keepTable } from '../engine/kept-table.js';
import { writtenCells } from './add-column.js';
import { NumberFile } from '../engine/number-file.js';
import { quoteName, quoteTarget } from '../engine/sql-text.js';

/** Names of the files, in the order in which rows are split. */
export const splitFiles = ['training.parquet', 'validation.parquet', 'test.parquet'] as const;

/** What is split, and how it is read. */
export interface WriteSplitsOptions extends CsvReading, EngineUse {
  readonly split: Pick<Split, 'training' | 'validation' | 'test'>;
  /** rows of the table, R */
  readonly rows: number;
}

/**
 * Writes the parts of a split into a folder; a part without rows has no file. Rows keep their order, columns their
 * names and types; CSV stays text.
 *
 * @param source - gives the same rows each time it is read: see `withRepeatableSource`
 * @param folder - exists; `writeOutputs` gives one that appears at the end
 * @throws InputError for a source that has other rows by now, and for what `openSource` says
 */
export async function writeSplits(
  source: Source,
  folder: string,
  { split, rows, ...options }: WriteSplitsOptions,
): Promise<void> {
  await withEngine(options, { source: nameOfSource(source) }, async (engine) => {
    const { connection } = engine;
    // parts stand beside rows by their order alone
    await connection.run('SET preserve_insertion_order = true');
    const opened = await openSource(source, options, engine);
    const kept = await opened.checked(keepTable(opened.stored, engine));
    if (kept.rows !== rows) {
      throw new InputError(
        `${opened.name} must stay as it is while it is read, got ${kept.rows} rows where it had ${rows}`,
      );
    }
    const column = freeName([...opened.columns.keys()]);
    const numbers = new NumberFile(join(engine.folder, 'parts'));
    try {
      numbers.append(partNumbers(split, rows));
      connection.registerTableFunction(numbers.scan('parts', column));
      for (const [part, chosen] of [split.training, split.validation, split.test].entries()) {
        if (chosen.length === 0) continue;
        const query = `SELECT * EXCLUDE (${quoteName(column)})${writtenCells(opened.storedColumns, false)} FROM (FROM
          read_parquet(${kept.path}) POSITIONAL JOIN parts()) WHERE ${quoteName(column)} = ${part}`;
        const path = quoteTarget(join(folder, splitFiles[part] ?? ''));
        await connection.run(`COPY (${query}) TO ${path} (FORMAT parquet, COMPRESSION 'zstd', USE_TMP_FILE false)`);
      }
    } finally {
      numbers.close();
    }
  });
}

/**
 * Does some work with a source that can be read twice: files as they are, a query or a pipe as a copy that disappears afterward.
 *
 * @throws InputError for what `openSource` says
 */
export async function withRepeatableSource<Result>(
  source: Source,
  options: CsvReading & EngineUse,
  work: (source: Source) => Promise<Result>,
): Promise<Result> {
  if (await isOfFiles(source)) return work(source);
  return withEngine(options, { source: nameOfSource(source) }, async (engine) => {
    await engine.connection.run('SET preserve_insertion_order = true');
    const opened = await openSource(source, options, engine);
    const { path } = await opened.checked(keepTable(opened.stored, engine));
    return work({ sql: `FROM read_parquet(${path})` });
  });
}

async function isOfFiles(source: Source): Promise<boolean> {
  if (typeof source === 'object' && 'sql' in source) return false;
  for (const path of typeof source === 'string' ? [source] : source) {
    const info = path === '-' ? undefined : await stat(path).catch(() => undefined);
    if (path === '-' || (info !== undefined && !info.isFile())) return false;
  }
  return true;
}

/** 0 training, 1 validation, 2 test, 3 none of them, shape [R]. */
function partNumbers(
  { training, validation, test }: Pick<Split, 'training' | 'validation' | 'test'>,
  rows: number,
): Float64Array {
  const parts = new Float64Array(rows).fill(3);
  for (const [part, chosen] of [training, validation, test].entries()) for (const row of chosen) parts[row] = part;
  return parts;
}

function freeName(taken: readonly string[]): string {
  const lower = new Set(taken.map((name) => name.toLowerCase()));
  let name = 'part';
  while (lower.has(name)) name += '_';
  return name;
}
