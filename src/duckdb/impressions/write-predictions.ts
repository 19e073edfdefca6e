/** Predictions for a table of any size → the same table with the probability of a click in a new column. */
import { basename, extname } from 'node:path';
import { InputError, sentence } from '../../checks.js';
import { FarNumbers } from '../../click-model/far-numbers.js';
import type { SavedClickModel } from '../../click-model/model-description.js';
import { openPredictor } from '../../click-model/predictor.js';
import { aClickModel } from '../../click-network/model.js';
import { GatheredKeys } from '../../embedding/key-match.js';
import { checkPart, type Part } from '../../histories/part.js';
import type { Impressions } from '../../impressions/impressions.js';
import { checkCall, hooksKind, neededInputsKind, optionsKind, path as aPath, text } from '../../step.js';
import { tellNote, type ReadNotes } from '../events/check-keys.js';
import { aSource, readerNames, type JoinReadHooks } from '../engine/read-hooks.js';
import type { CsvReading } from '../sources/csv-dialect.js';
import type { Source } from '../sources/event-source.js';
import { addColumn } from './add-column.js';
import { checkLogsApart } from './check-logs.js';
import { checkedColumns, keyColumns, withHint, type KnownTableOptions } from './read-impressions-for.js';
import { pieceReader } from './read-pieces.js';
import { checkSourceSpaces } from './table-spaces.js';

/** A model, and the table that it predicts. */
export interface PredictionsInput {
  /** as `readClickModel` and `trainClickModel` give it; `fillModel` adds keys to it */
  readonly model: SavedClickModel;
  /** the table, as `readImpressions` takes it */
  readonly source: Source;
}

/** How the table is read, and what is written. */
export interface WritePredictionsOptions extends Omit<KnownTableOptions, 'isLabeled'> {
  /** name of the new column, which the table must not have yet; default `probability` */
  readonly column?: string | undefined;
  /** only these rows: a range, all ranges together all rows; default all */
  readonly part?: Part | undefined;
}

/** What was written. */
export interface WrittenPredictions {
  readonly rows: number;
  /** name of the new column */
  readonly column: string;
  /** of the probabilities; undefined where there is no row */
  readonly mean: number | undefined;
}

/** Options and hooks in one, for those who look at what is predicted. */
export interface PredictionsReading extends WritePredictionsOptions, JoinReadHooks, Pick<CsvReading, 'onBadRows'> {
  /** told of the rows of each piece before they are predicted */
  readonly onImpressions?: ((impressions: Impressions) => void) | undefined;
}

const endings = ['', '.csv', '.tsv', '.parquet'];
const inputKind = neededInputsKind<PredictionsInput>('{ model, source }, both in one object', {
  model: true,
  source: true,
});
const optionKind = optionsKind<WritePredictionsOptions>({
  ...readerNames,
  timeFormat: true,
  timeUnit: true,
  isTimeDefault: true,
  historyFrom: true,
  column: true,
  part: true,
});
const hookKind = hooksKind<JoinReadHooks>({
  onProgress: true,
  signal: true,
  onNote: true,
  onBadRows: true,
  onKeys: true,
  gathered: true,
});

/**
 * Predicts a table of any size, piece by piece, and writes it with the probabilities in a new column: rows stay in
 * their order, columns as they are. The file has the bytes of the command `click predict`.
 *
 * @param path - ends in .csv, .tsv or .parquet; replaced whole, or left as it was
 * @throws InputError for another ending, for a column that is there already, for what `readImpressionsFor` says of the
 *   table, and for what `writeOutputs` says
 */
export async function writePredictions(
  path: string,
  input: PredictionsInput,
  options: WritePredictionsOptions = {},
  hooks: JoinReadHooks = {},
): Promise<WrittenPredictions> {
  const call = 'writePredictions(path, { model, source }, options, hooks)';
  checkCall(call, {
    path: [path, aPath],
    input: [input, inputKind],
    options: [options, optionKind],
    hooks: [hooks, hookKind],
  });
  const { model, source } = input;
  const { column, part } = options;
  checkCall(call, { model: [model, aClickModel], source: [source, aSource] });
  if (column !== undefined) checkCall(call, { column: [column, text] });
  if (part !== undefined) checkPart('part', part);
  if (!endings.includes(extname(path).toLowerCase())) {
    throw new InputError(
      `predictions can be written as ${endings.slice(1).join(', ')}, got ${JSON.stringify(basename(path))}`,
    );
  }
  return writePredictionsWith(path, input, { ...options, ...hooks });
}

/** The same for those who have options and hooks in one. @throws InputError as `writePredictions` */
export async function writePredictionsWith(
  path: string,
  { model, source }: PredictionsInput,
  reading: PredictionsReading,
): Promise<WrittenPredictions> {
  const { column = 'probability', part, onImpressions, onKeys, onProgress, ...read } = reading;
  const { signal, onNote, historyFrom = [], gathered = new GatheredKeys() } = read;
  await checkLogsApart(model.reading, source, historyFrom);
  await checkSourceSpaces(model, source);
  onProgress?.({ stage: 'predicting', share: 0 });
  // Pieces are Parquet, so that what says how the table was written is said of the table alone; no row is skipped.
  const { delimiter: _, hasHeader: _1, encoding: _2, quote: _3, onBadRows: _4, ...ofPieces } = read;
  // notes of a table tell of the whole, warnings of a log of each piece's
  const onWarning: ReadNotes['onNote'] = (note, details) => {
    if (details?.isWarning) onNote?.(note, details);
  };
  const readPiece = pieceReader(model, { ...ofPieces, badRows: 'refuse', gathered, onNote: onWarning });
  const predictor = openPredictor(model);
  const far = new FarNumbers(model.encoder);
  let sum = 0;
  const rows = await addColumn(source, path, {
    ...read,
    column,
    part,
    keys: keyColumns(model),
    checked: checkedColumns(model, read),
    // each piece reads the logs anew
    pieceRows: historyFrom.length === 0 ? undefined : 500_000,
    read: async (piece) => {
      const impressions = await readPiece(piece);
      onImpressions?.(impressions);
      far.add(impressions);
      return impressions;
    },
    compute: async (impressions) => {
      const { probabilities } = await predictor.predict(impressions, {}, { gathered, signal });
      for (const probability of probabilities) sum += probability;
      return probabilities;
    },
    onPiece: (done, all) => {
      onProgress?.({ stage: 'predicting', share: done / all });
      if (done === all && onKeys !== undefined) gathered.matches().forEach(onKeys);
    },
  })
    .catch((error: unknown) => {
      throw withHint(error, model);
    })
    .finally(() => predictor.close());
  for (const note of far.notes()) tellNote({ onNote }, sentence`${note}`, true);
  return { rows, column, mean: rows === 0 ? undefined : sum / rows };
}
