/**
 * A table of impressions → a Parquet file for each part of its split: the same rows and columns, so that `click
 * evaluate` reads them as it read the whole.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../checks.js';
import type { Split } from '../../impressions/splits.js';
import { writeOutputs, type OutputHooks, type OutputPlace } from '../../files/atomic-file.js';
import type { Impressions } from '../../impressions/impressions.js';
import { checkCall, folder as aFolder, neededInputsKind, objectWith, optionsKind, signalOnly } from '../../step.js';
import { withEngine, type EngineOptions, type EngineUse } from '../engine/connection.js';
import { aSource, readerNames } from '../engine/read-hooks.js';
import type { CsvOptions, CsvReading } from '../sources/csv-dialect.js';
import type { FolderOverwrite } from '../tables/click-model-folder.js';
import { nameOfSource, openSource, type Source } from '../sources/event-source.js';
import { keepTable } from '../engine/kept-table.js';
import { writtenCells } from './add-column.js';
import { NumberFile } from '../engine/number-file.js';
import { quoteName, quoteTarget } from '../engine/sql-text.js';

/** Names of the files, in the order in which rows are split. */
export const splitFiles = ['training.parquet', 'validation.parquet', 'test.parquet'] as const;

/** A table, and how its rows were split. */
export interface SplitsInput {
  /** the table that the impressions were read from; a query must give its rows in one order */
  readonly source: Source;
  /** of the table, one for each row */
  readonly impressions: Pick<Impressions, 'count'>;
  /** of these impressions */
  readonly split: Pick<Split, 'training' | 'validation' | 'test'>;
}

/** How the table is read, and whether the folder may hold other things. */
export interface WriteSplitsOptions extends Omit<CsvOptions, 'badRows'>, EngineOptions, FolderOverwrite {}

const inputKind = neededInputsKind<SplitsInput>('{ source, impressions, split }, all in one object', {
  source: true,
  impressions: true,
  split: true,
});
const { badRows: _, ...optionNames } = readerNames;
const optionKind = optionsKind<WriteSplitsOptions>({ ...optionNames, overwrite: true });

/**
 * Writes the parts of a split as the tables that they are of: `training.parquet`, `validation.parquet` and
 * `test.parquet` in a folder, which appears whole or not at all, with the bytes of `click train --write-splits`. A part
 * without rows has no file. Rows keep their order, columns their names and types; CSV stays text.
 *
 * @param folder - made where it does not exist; an earlier split in it is replaced
 * @throws InputError for a foreign folder, without `overwrite`, for a table that has other rows than the impressions, as
 *   where bad rows were skipped, and for what `readImpressions` says of files
 */
export async function writeSplits(
  folder: string,
  input: SplitsInput,
  options: WriteSplitsOptions = {},
  hooks: OutputHooks = {},
): Promise<void> {
  const call = 'writeSplits(folder, { source, impressions, split }, options, hooks)';
  checkCall(call, {
    folder: [folder, aFolder],
    input: [input, inputKind],
    options: [options, optionKind],
    hooks: [hooks, signalOnly],
  });
  const { source, impressions, split } = input;
  checkCall(call, {
    source: [source, aSource],
    impressions: [impressions, objectWith('impressions, as readImpressions gives them', ['count'])],
    split: [split, objectWith('a split, as splitImpressions gives it', ['training', 'validation', 'test'])],
  });
  const { overwrite = false, ...reading } = options;
  const { signal } = hooks;
  const { place, fill } = splitsOutput(source, {
    ...reading,
    folder,
    overwrite,
    split,
    rows: impressions.count,
    signal,
  });
  await writeOutputs([place], ([temporary = '']) => fill(temporary), hooks);
}

/** What is split, and how it is read. */
export interface SplitRows extends CsvReading, EngineUse {
  readonly split: SplitsInput['split'];
  /** rows of the table, R */
  readonly rows: number;
}

/**
 * Where the parts of a split go and what fills it, for `writeOutputs` beside others.
 *
 * @param source - gives the same rows each time it is read: see `withRepeatableSource`
 */
export function splitsOutput(
  source: Source,
  { folder, overwrite, ...parts }: { readonly folder: string; readonly overwrite: boolean } & SplitRows,
): { readonly place: OutputPlace; readonly fill: (temporary: string) => Promise<void> } {
  return { place: { folder, ...splitsFolder, overwrite }, fill: (temporary) => fillSplits(source, temporary, parts) };
}

/** A folder of splits, and whose it is. */
export const splitsFolder = { kind: 'split', ours: splitFiles };

/** @throws InputError for a source that has other rows by now, and for what `openSource` says */
async function fillSplits(source: Source, folder: string, { split, rows, ...options }: SplitRows): Promise<void> {
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
function partNumbers({ training, validation, test }: SplitsInput['split'], rows: number): Float64Array {
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
