/** The embeddings that a click model was made from: which column each was for, its version and its space. */
import { domainOfColumn } from '../impressions/column-domains.js';
import type { ColumnTransfer } from '../click-network/training-input.js';
import type { SpaceIds } from '../embedding/version.js';
import { FieldReader } from '../embedding/json-fields.js';
import type { Impressions } from '../impressions/impressions.js';
import type { SavedClickModel } from './model-description.js';

/** An embedding that a click model was made from. */
export interface ModelSpace extends SpaceIds {
  /** the column that it was given for */
  readonly column: string;
  /** the table that it filled */
  readonly domain: string;
}

/** What a model's provenance says, as `spaces`, of the embeddings that it is made from. */
export function spacesOfTransfers(
  impressions: Impressions,
  transfers: readonly ColumnTransfer[],
): readonly ModelSpace[] {
  return transfers.map(({ column, embedding: { version, alignment } }) => ({
    column,
    domain: domainOfColumn(impressions, column),
    version,
    alignment,
  }));
}

/**
 * The embeddings that a saved model was made from.
 *
 * @returns none for a model from scratch, and for one that was saved before models kept them
 * @throws InputError where the model's description is damaged
 */
export function spacesOfModel({ provenance }: Pick<SavedClickModel, 'provenance'>): readonly ModelSpace[] {
  const known = new FieldReader(provenance, 'provenance');
  if (known.optional('spaces') === undefined) return [];
  return known.list('spaces').map((space) => ({
    column: space.text('column'),
    domain: space.text('domain'),
    version: space.text('version'),
    alignment: space.text('alignment'),
  }));
}
