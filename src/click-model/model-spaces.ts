/** The embeddings that a click model was made from: which column each was for, its version and its space. */
import { InputError } from '../checks.js';
import { domainOfColumn } from '../impressions/column-domains.js';
import type { ColumnTransfer } from '../click-network/training-input.js';
import { checkSpaces, relateSpaces, type SpaceIds, type SpaceSide } from '../embedding/version.js';
import { FieldReader } from '../embedding/json-fields.js';
import type { Impressions } from '../impressions/impressions.js';
import { checkCall, objectWith } from '../step.js';
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
export function spacesOfModel(model: Pick<SavedClickModel, 'provenance'>): readonly ModelSpace[] {
  const savedModel = objectWith('a click model, as readClickModel gives it', ['provenance']);
  checkCall('spacesOfModel(model)', { model: [model, savedModel] });
  const known = new FieldReader(model.provenance, 'provenance');
  if (known.optional('spaces') === undefined) return [];
  return known
    .list('spaces')
    .map((space) => ({
      column: space.text('column'),
      domain: space.text('domain'),
      version: space.text('version'),
      alignment: space.text('alignment'),
    }));
}

/**
 * Checks that no table is given two embeddings.
 *
 * @throws InputError where columns that share a table have embeddings of their own, unless they are the same version
 */
export function checkTransferSpaces(impressions: Impressions, transfers: readonly ColumnTransfer[]): void {
  const given = new Map<string, ColumnTransfer>();
  for (const transfer of transfers) {
    const domain = domainOfColumn(impressions, transfer.column);
    const other = given.get(domain);
    given.set(domain, transfer);
    if (other === undefined || relateSpaces(other.embedding, transfer.embedding) === 'same') continue;
    const [first, second] = [sideOf(other), sideOf(transfer)];
    const table = `${other.column} and ${transfer.column} share one table`;
    checkSpaces(second, first, `${table}: give it one of the two`);
    throw new InputError(`a table must be given one embedding, got ${first.name} and ${second.name}, but ${table}`);
  }
}

function sideOf({ column, embedding, names }: ColumnTransfer): SpaceSide {
  const { version, alignment } = embedding;
  return { name: names?.embedding ?? `the embedding of ${column}`, version, alignment };
}

/**
 * Checks that the numbers of a table are of the spaces that a model learned to read.
 *
 * @param spaces - of the files that the table is made of, such as those that `features` wrote; none where they do not say
 * @throws InputError for a foreign one; a model that was trained on a table that did not say is not checked
 */
export function checkTableSpaces(
  { reading, encoder }: Pick<SavedClickModel, 'reading' | 'encoder'>,
  spaces: readonly SpaceSide[],
): void {
  const known = reading?.spaces ?? [];
  const [first] = known;
  if (first === undefined || encoder.numeric.length === 0) return;
  for (const space of spaces) {
    if (known.some((each) => relateSpaces(each, space) !== 'foreign')) continue;
    checkSpaces(
      space,
      { ...first, name: 'the table that the model was trained on' },
      'make it with an embedding of that space or one trained with --align-to it, or train the model anew',
    );
  }
}
