/** What each table is: a transfer decides where its rows stand, where they start, and how they move. */
import { InputError } from '../checks.js';
import type { ClickRows } from '../impressions/impressions.js';
import { resolveTrainingOptions } from '../training/model-options.js';
import { furtherTraining } from '../training/options-of.js';
import { firstOutputRow } from '../training/objectives.js';
import type { RunOptions } from './options-by-rows.js';
import { startTable, type StartTable } from './start-tables.js';
import type { ClickTrainingInput, TableTransfer } from './training-input.js';

/** A table, decided. */
export interface TablePlan {
  /** rows in memory: those of the embedding's own training come with it, where they are one table */
  readonly rows: number;
  readonly dimension: number;
  /** memory row of each row of the table, shape [V + 1]; undefined: the same */
  readonly placeOf: Int32Array | undefined;
  readonly transfer: TableTransfer | undefined;
  readonly start: StartTable | undefined;
  readonly startsAtZero: boolean;
  readonly isFrozen: boolean;
  readonly isShared: boolean;
  readonly isAnchored: boolean;
  /** rows behind those of the embedding's training, where they are one table */
  readonly extraRows: number;
}

/**
 * Decides all tables.
 *
 * @throws InputError where a transfer lacks its embedding, or `hard` its histories
 */
export function planTables(
  { tableSizes, ownNumbers = [], transfers = [] }: ClickTrainingInput,
  options: RunOptions,
): TablePlan[] {
  if (options.transfer !== 'scratch' && transfers.length === 0) {
    throw new InputError(`transfer ${options.transfer} needs an embedding, got none; give one or take scratch`);
  }
  return tableSizes.map((rows, t) => {
    const transfer = options.transfer === 'scratch' ? undefined : transfers.find(({ table }) => table === t);
    if (transfer !== undefined) return transferTable(rows, transfer, options);
    const startsAtZero = ownNumbers.includes(t);
    return { ...plainTable(rows, startsAtZero ? 1 : options.dimension), startsAtZero };
  });
}

function plainTable(rows: number, dimension: number): TablePlan {
  return {
    rows,
    dimension,
    placeOf: undefined,
    transfer: undefined,
    start: undefined,
    startsAtZero: false,
    isFrozen: false,
    isShared: false,
    isAnchored: false,
    extraRows: 0,
  };
}

function transferTable(rows: number, transfer: TableTransfer, options: RunOptions): TablePlan {
  const { vocabulary, embedding, histories } = transfer;
  if (rows !== vocabulary.size + 1) {
    throw new InputError(`table ${transfer.table} must have ${rows - 1} categories, got ${vocabulary.size}`);
  }
  const isShared = options.transfer === 'hard';
  const keepsDimension = isShared || options.transfer === 'features';
  const dimension = keepsDimension ? embedding.dimension : options.dimension;
  const common = {
    dimension,
    transfer,
    startsAtZero: false,
    isFrozen: options.transfer === 'features',
    isShared,
    isAnchored: options.transfer === 'soft' && options.lambda > 0,
    start: startTable(vocabulary, embedding, { dimension, scale: options.transferScale }),
  };
  if (!isShared) return { ...common, rows, placeOf: undefined, extraRows: 0 };
  if (histories === undefined) {
    throw new InputError('transfer hard needs the clicks that its embedding was trained on, got none');
  }
  const own = histories.vocabulary;
  const { model, tables } = resolveTrainingOptions(furtherTraining(embedding, transfer.training));
  const firstExtra = firstOutputRow({ model, tables }, own.size) + own.size;
  let next = firstExtra;
  const placeOf = new Int32Array(rows);
  placeOf[0] = next++;
  vocabulary.keys.forEach((key, row) => {
    placeOf[row + 1] = own.rowOf(key) ?? next++;
  });
  return { ...common, rows: next, placeOf, extraRows: next - firstExtra };
}

/** The same rows with the ids of moved tables as memory rows. */
export function placeRows(rows: ClickRows, tables: readonly TablePlan[]): ClickRows {
  const moved = <Column extends { readonly table: number; readonly ids: Int32Array }>(column: Column): Column => {
    const placeOf = tables[column.table]?.placeOf;
    return placeOf === undefined ? column : { ...column, ids: column.ids.map((id) => placeOf[id] ?? 0) };
  };
  return { ...rows, categorical: rows.categorical.map(moved), lists: rows.lists.map(moved) };
}
