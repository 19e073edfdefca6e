/** Which rows of each table training can move: those that training rows name. Others stand where they started. */
import type { ClickRows } from '../impressions/impressions.js';
import type { NetworkShape } from './network-shape.js';
import type { TablePlan } from './plan-tables.js';

/** Of each table its rows in memory that can move, ascending, and the numbers from one row to the next. */
export type MovedRows = readonly { readonly rows: Uint32Array; readonly stride: number }[];

/**
 * None of a frozen table. All where every row moves: in a table that category2vec trains as well, and in one that is
 * pulled toward anchors. Else the categories of training rows, and the unknown one.
 *
 * @param run - training rows with their ids as memory rows
 */
export function movedRows({
  train,
  shape,
  tables,
}: {
  readonly train: ClickRows;
  readonly shape: Pick<NetworkShape, 'tables'>;
  readonly tables: readonly TablePlan[];
}): MovedRows {
  return shape.tables.map(({ rows, stride }, t) => {
    const { isFrozen, isShared, isAnchored, placeOf } = tables[t] ?? {};
    if (isFrozen === true) return { rows: new Uint32Array(0), stride };
    const all = Uint32Array.from({ length: rows }, (_, row) => row);
    if (isShared === true || isAnchored === true) return { rows: all, stride };
    const isNamed = new Uint8Array(rows);
    isNamed[placeOf?.[0] ?? 0] = 1;
    for (const { table, ids } of [...train.categorical, ...train.lists]) {
      if (table === t) for (const id of ids) isNamed[id] = 1;
    }
    return { rows: all.filter((row) => isNamed[row] === 1), stride };
  });
}
