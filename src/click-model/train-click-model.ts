/**
 * trainClickModel: impressions in, a whole click model out: the encoder is fitted on training rows, the network trained
 * on what it gives.
 */
import { fingerprint } from '../numerics/fingerprint.js';
import { InputError } from '../checks.js';
import { rateOf } from '../click-network/click-metrics.js';
import { domainOfColumn } from '../impressions/column-domains.js';
import { encodeImpressions, fitEncoder, type EncoderOptions } from './encode.js';
import { someImpressions, type ClickRows, type Impressions } from '../impressions/impressions.js';
import { checkTransfers } from '../click-network/check-transfers.js';
import { meetTables } from './meet-columns.js';
import type { SavedClickModel } from './model-description.js';
import { checkTransferSpaces, spacesOfTransfers } from './model-spaces.js';
import type { ClickEncoder } from '../click-network/model.js';
import { clickOptions, type ClickOptions } from '../click-network/options.js';
import { withOwnNumbers } from './own-numbers.js';
import { optionsForRows } from '../click-network/options-by-rows.js';
import { aSplit, type Split } from '../impressions/splits.js';
import { oddColumns } from '../impressions/odd-columns.js';
import { subsetRows } from '../impressions/subset.js';
import { trainClickNetwork } from '../click-network/train-click-network.js';
import {
  clickHooks,
  type ClickTrainingHooks,
  type ClickTrainingResult,
  type ColumnTransfer,
  type TableTransfer,
} from '../click-network/training-input.js';
import { checkCall, inputsKind, tableKind } from '../step.js';

/** What a click model is learned from. */
export interface ClickModelInput {
  /** with labels */
  readonly impressions: Impressions;
  /** rows of each part; the test rows are left alone */
  readonly split: Pick<Split, 'training' | 'validation'> & Partial<Split>;
  /** embeddings, each for the table of a column; default none */
  readonly transfers?: readonly ColumnTransfer[] | undefined;
}

/** How a click model is trained, and how it reads its columns. */
export interface ClickModelOptions extends ClickOptions {
  /** how categories and numbers are read; categories of the embeddings have rows of their own in any case */
  readonly encoder?: EncoderOptions | undefined;
  /** accept embeddings and clicks that do not end before the first impression; default false */
  readonly allowLeak?: boolean | undefined;
}

const inputKind = inputsKind<ClickModelInput>('an object such as { impressions, split, transfers }', {
  impressions: true,
  split: true,
  transfers: true,
});
const optionKind = tableKind(clickOptions, 'encoder', 'allowLeak');

/** A trained click model, how it went, and all impressions as it reads them. */
export interface TrainedClickModel {
  /** with how its table was read, where the impressions say so: ready to be saved */
  readonly model: SavedClickModel;
  readonly result: ClickTrainingResult;
  readonly rows: ClickRows;
}

/**
 * Trains a click model.
 *
 * @throws InputError for an embedding that does not end before the first impression, or clicks that all come later, two
 *   embeddings of one table, an embedding of a column that is not there or of other categories, keys of one table that
 *   are spelled in two ways (see
 *   `matchKeys`), and for what `fitEncoder` and `trainClickNetwork` say
 */
export async function trainClickModel(
  input: ClickModelInput,
  given: ClickModelOptions = {},
  hooks: ClickTrainingHooks = {},
): Promise<TrainedClickModel> {
  checkCall('trainClickModel({ impressions, split, transfers }, options, hooks)', {
    input: [input, inputKind],
    options: [given, optionKind],
    hooks: [hooks, clickHooks],
  });
  const { impressions, split } = input;
  checkCall('trainClickModel({ impressions, split, transfers }, options, hooks)', {
    impressions: [impressions, someImpressions],
    split: [split, aSplit],
  });
  const { encoder: encoderOptions = {}, allowLeak, ...options } = given;
  const leak = { allowLeak, onNote: hooks.onNote };
  const transfers = checkTransfers(input.transfers ?? [], impressions.times, leak);
  checkTransferSpaces(impressions, transfers);
  meetTables(impressions, transfers, { onKeys: hooks.onKeys });
  const keptKeys = new Map(encoderOptions.keptKeys);
  const domains = transfers.map(({ column }) => domainOfColumn(impressions, column));
  transfers.forEach(({ embedding }, i) => {
    const domain = domains[i] ?? '';
    keptKeys.set(domain, [...(keptKeys.get(domain) ?? []), ...embedding.vocabulary.keys]);
  });
  const fitted = fitEncoder(impressions, split.training, { ...encoderOptions, keptKeys });
  const isPlain = (options.transfer ?? clickOptions.transfer.default) === 'scratch';
  const { minCount } = encoderOptions;
  const encoder = isPlain ? fitted : withOwnNumbers(fitted, { impressions, rows: split.training, domains, minCount });
  const rows = encodeImpressions(impressions, encoder);
  const result = await trainClickNetwork(
    {
      train: subsetRows(rows, split.training),
      validation: subsetRows(rows, split.validation),
      tableSizes: encoder.tables.map(({ vocabulary }) => vocabulary.size + 1),
      ownNumbers: [...encoder.tables.keys()].slice(fitted.tables.length),
      transfers: transfers.map((transfer, i) => tableTransfer(transfer, encoder, domains[i] ?? '')),
    },
    options,
    hooks,
  );
  if (hooks.onNote !== undefined) oddColumns(impressions, split).forEach((note) => hooks.onNote?.(note));
  const { network, epochs, bestEpoch, validation } = result;
  const provenance = {
    ...describeTraining({ impressions, split, transfers, encoder, options }),
    measures: { bestEpoch, epochs, logLoss: validation.logLoss },
  };
  return { model: { encoder, network, reading: impressions.reading, provenance }, result, rows };
}

/** What a model says of how it was trained: no clock, duration, thread count or absolute path. */
function describeTraining({
  impressions,
  split,
  transfers = [],
  encoder,
  options,
}: ClickModelInput & { readonly encoder: ClickEncoder; readonly options: ClickOptions }) {
  const { by, training, validation, test } = split;
  const { threads: _, transferScale: __, isAveraged: ___, ...resolved } = optionsForRows(options, training.length);
  const candidate = candidateColumn(encoder);
  const { times, labels = new Uint8Array() } = impressions;
  const maxTime =
    times && [...training, ...validation].reduce((most, row) => Math.max(most, times[row] ?? -Infinity), -Infinity);
  return {
    options: resolved,
    ...(transfers.length === 0
      ? {}
      : { spaces: spacesOfTransfers(impressions, transfers).map((space) => ({ ...space })) }),
    ...(by === undefined
      ? {}
      : {
          split: {
            by,
            training: training.length,
            validation: validation.length,
            test: test?.length ?? 0,
            labels: fingerprint(Int32Array.from(labels)),
            trainingLabels: fingerprint(Int32Array.from(training, (row) => labels[row] ?? 0)),
          },
        }),
    trainingRate: trainingRate(impressions, training),
    ...(candidate === undefined ? {} : { candidate }),
    ...(maxTime === undefined ? {} : { maxTime }),
  };
}

function trainingRate({ labels = new Uint8Array(), weights }: Impressions, rows: Uint32Array): number {
  const pick = (values: ArrayLike<number>) => Float64Array.from(rows, (row) => values[row] ?? 0);
  return rateOf(pick(labels), weights && pick(weights));
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
