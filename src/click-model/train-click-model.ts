/** trainClickModel: impressions in, a whole click model out: the encoder is fitted on training rows, the network trained on what it gives. */
import { InputError } from '../checks.js';
import { spellingHint } from '../closest-spellings.js';
import type { Embedding } from '../embedding/embedding.js';
import { encodeImpressions, fitEncoder, type EncoderOptions } from './encode.js';
import type { ClickRows, Impressions } from './impressions.js';
import { meetTables } from './meet-columns.js';
import type { ClickEncoder, ClickModel } from './model.js';
import type { ClickOptions } from './options.js';
import type { Split } from './splits.js';
import { subsetRows } from './subset.js';
import { trainClickNetwork } from './train-click-network.js';
import type { ClickTrainingHooks, ClickTrainingResult, TableTransfer } from './training-input.js';

/** An embedding for the table of a column, and the clicks that `hard` and `soft` continue on. */
export interface ColumnTransfer extends Omit<TableTransfer, 'table' | 'vocabulary' | 'embedding'> {
  /** a categorical or list column, or a history */
  readonly column: string;
  readonly embedding: Embedding;
}

/** What a click model is learned from. */
export interface ClickModelTask {
  readonly impressions: Impressions;
  /** rows of each part; the test rows are left alone */
  readonly split: Pick<Split, 'training' | 'validation'>;
  /** how categories and numbers are read; categories of the embeddings have rows of their own in any case */
  readonly encoder?: EncoderOptions | undefined;
  readonly transfers?: readonly ColumnTransfer[] | undefined;
  readonly options?: Partial<ClickOptions> | undefined;
}

/** A trained click model, how it went, and all impressions as it reads them. */
export interface TrainedClickModel {
  readonly model: ClickModel;
  readonly result: ClickTrainingResult;
  readonly rows: ClickRows;
}

/**
 * Trains a click model.
 *
 * @throws InputError for an embedding of a column that is not there or of other categories, keys of one table that are spelled in two ways (see
 *   `matchKeys`), and for what `fitEncoder` and `trainClickNetwork` say
 */
export async function trainClickModel(
  { impressions, split, encoder: encoderOptions = {}, transfers = [], options = {} }: ClickModelTask,
  hooks: ClickTrainingHooks = {},
): Promise<TrainedClickModel> {
  meetTables(impressions, transfers, { onKeys: hooks.onKeys });
  const keptKeys = new Map(encoderOptions.keptKeys);
  const domains = transfers.map(({ column }) => domainOfColumn(impressions, column));
  transfers.forEach(({ embedding }, i) => {
    const domain = domains[i] ?? '';
    keptKeys.set(domain, [...(keptKeys.get(domain) ?? []), ...embedding.vocabulary.keys]);
  });
  const encoder = fitEncoder(impressions, split.training, { ...encoderOptions, keptKeys });
  const rows = encodeImpressions(impressions, encoder);
  const result = await trainClickNetwork(
    {
      train: subsetRows(rows, split.training),
      validation: subsetRows(rows, split.validation),
      tableSizes: encoder.tables.map(({ vocabulary }) => vocabulary.size + 1),
      transfers: transfers.map((transfer, i) => tableTransfer(transfer, encoder, domains[i] ?? '')),
    },
    options,
    hooks,
  );
  return { model: { encoder, network: result.network }, result, rows };
}

/**
 * The domain of a column: what its table is named after.
 *
 * @throws InputError for a column that is neither categorical nor a list
 */
export function domainOfColumn({ categorical, lists }: Impressions, column: string): string {
  const columns = [...categorical, ...lists];
  const found = columns.find(({ name }) => name === column);
  if (found !== undefined) return found.domain;
  const names = columns.map(({ name }) => name);
  throw new InputError(
    `embedding must be for one of the columns ${names.join(', ')}, got ${JSON.stringify(column)}${spellingHint(column, names) || '; name it as COLUMN=FILE'}`,
  );
}

/** The column of what is shown: the first that shares its table with a list, else the first; undefined where there is none. */
export function candidateColumn({
  categorical,
  lists,
}: Pick<ClickEncoder, 'categorical' | 'lists'>): string | undefined {
  const shared = categorical.find(({ table }) => lists.some((list) => list.table === table));
  return (shared ?? categorical[0])?.name;
}

function tableTransfer(
  { embedding, histories, negativesWithin, training }: ColumnTransfer,
  { tables }: ClickEncoder,
  domain: string,
): TableTransfer {
  const table = tables.findIndex((keys) => keys.domain === domain);
  const vocabulary = tables[table]?.vocabulary;
  if (vocabulary === undefined) throw new Error(`domain ${domain} has no table`);
  const { keys } = embedding.vocabulary;
  const isKnown = new Set(keys);
  if (!vocabulary.keys.some((key, row) => isKnown.has(key) && (vocabulary.counts[row] ?? 0) > 0)) {
    throw new InputError(
      `embedding of ${JSON.stringify(domain)} must hold categories that training rows hold, got others such as ` +
        `${JSON.stringify(keys[0])}; training rows hold ${JSON.stringify(vocabulary.keys[0])}`,
    );
  }
  return { table, vocabulary, embedding, histories, negativesWithin, training };
}
