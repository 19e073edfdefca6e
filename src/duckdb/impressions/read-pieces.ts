/** Pieces of a table for a model: from the pages of a Parquet file where they are plain, else through DuckDB. */
import type { SavedClickModel } from '../../click-model/model-description.js';
import { shareDomains } from '../../impressions/column-domains.js';
import type { Impressions } from '../../impressions/impressions.js';
import type { JoinReadHooks } from '../engine/read-hooks.js';
import type { TablePiece } from './add-column.js';
import { isUnread, openPlainTable, type PlainTable } from './plain-table.js';
import { optionsFor, readImpressionsForWith, type KnownTableOptions } from './read-impressions-for.js';

/**
 * Gives what reads the pieces of one table, in their order.
 *
 * @returns throws as `readImpressionsFor`
 */
export function pieceReader(
  model: SavedClickModel,
  options: KnownTableOptions & JoinReadHooks,
): (piece: TablePiece) => Promise<Impressions> {
  const { label, user, time, weight, histories = [], ...read } = optionsFor(model, options);
  const isPlain = [label, user, time, weight, ...histories].every((each) => each === undefined);
  const { categorical = [], numeric = [], lists = [], share = [] } = read;
  let opening: Promise<PlainTable | undefined> | undefined;
  return async (piece) => {
    const { plain } = piece;
    if (isPlain && plain !== undefined) {
      const domainOf = shareDomains([...categorical, ...lists], share);
      opening ??= openPlainTable(plain.path, { categorical, numeric, lists, domainOf }, plain.types);
      try {
        const table = await opening;
        if (table !== undefined) return table.read(plain.start, plain.end);
      } catch (error) {
        if (!isUnread(error)) throw error;
        // DuckDB reads this piece and those behind it
        opening = Promise.resolve(undefined);
      }
    }
    return readImpressionsForWith(model, { sql: piece.sql, name: piece.name }, options);
  };
}
