/** openPredictor: a click model that is ready to be asked, again and again. */
import { leastRefused, type KeyHooks } from '../embedding/key-match.js';
import { compareKeys } from '../vocabulary.js';
import { encodeMet, rowsOfCodes, timesRead, type RowsOfCodes } from './encode.js';
import { FarNumbers, type FarColumn } from './far-numbers.js';
import { ForwardPass } from '../click-network/forward-pass.js';
import { impressionsInOrder, type ImpressionRow, type RowColumns } from '../impressions/impressions-from-rows.js';
import type { Impressions } from '../impressions/impressions.js';
import { meetModel } from './meet-columns.js';
import { aClickModel, distinctColumns, type ClickModel } from '../click-network/model.js';
import { checkInteger } from '../checks.js';
import { checkCall, hooksKind, optionsKind, type StepHooks, type ArgumentKind } from '../step.js';

/** A column that a model reads when it predicts. */
export interface PredictorColumn {
  readonly name: string;
  /** `list`: several categories, a history among them */
  readonly kind: 'categorical' | 'numeric' | 'list';
  /** whether the entries of a list must have times, as the newer ones weigh more */
  readonly isTimed: boolean;
}

/** Probabilities, and what the model did not know. */
export interface Prediction {
  /** of a click, shape [R], in [0, 1] */
  readonly probabilities: Float64Array;
  /**
   * for each column with keys that the model was not trained on, in the order of `columns`: they were read as the
   * unknown category
   */
  readonly unknown: readonly UnknownKeys[];
  /** columns of numbers far from those of training, as in another unit: such rows are predicted from them alone */
  readonly far: readonly FarColumn[];
}

/** The keys of a column that a model does not know. */
export interface UnknownKeys {
  readonly column: string;
  /** rows whose category is one of them; of a list, its entries, row by row */
  readonly count: number;
  /** distinct, in the order of their bytes */
  readonly keys: readonly string[];
}

/** How rows are predicted. */
export interface PredictOptions {
  /**
   * whether keys that are all spelled otherwise than those of the model are told as unknown, as any other, instead of
   * refused; default false
   */
  readonly isLenient?: boolean | undefined;
}

/** What a prediction tells, and what stops it. */
export interface PredictHooks extends KeyHooks, Pick<StepHooks, 'signal'> {
  /** told for each column which share of its distinct keys the model knows */
  readonly onKeys?: KeyHooks['onKeys'];
}

const predictKind = optionsKind<PredictOptions>({ isLenient: true });
const predictHooks = hooksKind<PredictHooks>({ signal: true, onKeys: true, gathered: true });

/** A model with its kernels, tables and threads, until it is closed. */
export interface Predictor {
  /** what rows must have; columns with a stated value are not among them */
  readonly columns: readonly PredictorColumn[];
  /**
   * Predicts rows: plain objects with the properties that `columns` names, null where a value is missing, or impressions.
   *
   * @throws InputError for a column that no row has, for a value that cannot be read, for keys that are all spelled
   *   otherwise than those the model knows (see `matchKeys`), and once the predictor is closed
   */
  predict(
    rows: readonly ImpressionRow[] | Impressions,
    options?: PredictOptions,
    hooks?: PredictHooks,
  ): Promise<Prediction>;
  /** Ends the threads and gives the memory back, after the calls under way. */
  close(): Promise<void>;
}

/** How many threads a predictor has. */
export interface PredictorOptions {
  /** worker threads, started when the first call with many rows comes; 0, the default, takes one for each processor */
  readonly threads?: number | undefined;
}

/**
 * Prepares a click model for any number of calls. A few rows take less than a millisecond or two; only many rows start threads.
 *
 * Whoever opens a predictor closes it: its threads keep a program from ending.
 *
 * @param model - trained or read from its folder
 */
export function openPredictor(model: ClickModel, options: PredictorOptions = {}): Predictor {
  checkCall('openPredictor(model, options)', {
    model: [model, aClickModel],
    options: [options, optionsKind<PredictorOptions>({ threads: true })],
  });
  const threads = checkInteger('threads', options.threads ?? 0, { min: 0, max: 256 });
  const { encoder, network } = model;
  const columns = columnsOf(model);
  const ofKind = (kind: PredictorColumn['kind']) =>
    columns.filter((each) => each.kind === kind).map(({ name }) => name);
  const read: RowColumns = {
    categorical: ofKind('categorical'),
    numeric: ofKind('numeric'),
    lists: ofKind('list'),
    share: sharedColumns(model),
  };
  const pass = new ForwardPass(network, threads);
  return {
    columns,
    async predict(rows, asked = {}, told = {}) {
      checkCall('predictor.predict(rows, options, hooks)', {
        rows: [rows, rowsKind],
        options: [asked, predictKind],
        hooks: [told, predictHooks],
      });
      const { isLenient = false } = asked;
      const { signal, ...hooks } = told;
      signal?.throwIfAborted();
      const impressions = isTable(rows) ? rows : impressionsInOrder(rows, read);
      if (impressions.count === 0) return { probabilities: new Float64Array(), unknown: [], far: [] };
      const rowsOf = rowsOfCodes(impressions, encoder);
      const met = columns.map((column) => meetColumn(impressions, column, { encoder, rowsOf }));
      // to judge spellings takes a look at every key of the model: a few rows are spared it unless they would be refused
      const isDoubtful = met.some(({ keys, known }) => known === 0 && keys.length >= leastRefused);
      if (!isLenient && (isTable(rows) || hooks.onKeys !== undefined || isDoubtful)) {
        meetModel(impressions, encoder, { isPrediction: true, ...hooks });
      }
      const probabilities = await pass.run(encodeMet(impressions, encoder, true, rowsOf));
      signal?.throwIfAborted();
      const unknown = met.filter(({ count }) => count > 0).map(({ column, count, keys }) => ({ column, count, keys }));
      const far = new FarNumbers(encoder);
      far.add(impressions);
      return { probabilities, unknown, far: far.found() };
    },
    close: () => pass.close(),
  };
}

const rowsKind: ArgumentKind = {
  what: 'a list of objects, one for each row, or impressions',
  // rows that are no objects are named one by one, where they are read
  is: (value) => Array.isArray(value) || isTable(value),
};

function isTable(rows: unknown): rows is Impressions {
  return typeof rows === 'object' && rows !== null && !Array.isArray(rows) && 'domains' in rows;
}

function columnsOf({ encoder: { categorical, numeric, lists } }: ClickModel): PredictorColumn[] {
  const isRead = ({ predictedAs }: { readonly predictedAs?: number | undefined }) => predictedAs === undefined;
  return [
    ...distinctColumns(categorical)
      .filter(isRead)
      .map(({ name }) => ({ name, kind: 'categorical' as const, isTimed: false })),
    ...lists.map(({ name, halfLifeSeconds }) => ({
      name,
      kind: 'list' as const,
      isTimed: halfLifeSeconds !== undefined,
    })),
    ...numeric.filter(isRead).map(({ name }) => ({ name, kind: 'numeric' as const, isTimed: false })),
  ];
}

/** Names of the columns of each table; one whose value is stated is not read. */
function sharedColumns({ encoder: { tables, categorical, lists } }: ClickModel): string[][] {
  const single = distinctColumns(categorical).filter(({ predictedAs }) => predictedAs === undefined);
  const read = [...single, ...lists];
  return tables.map((_, table) => read.filter((each) => each.table === table).map(({ name }) => name));
}

/** What a column holds that its table does not, and how many keys of it the table knows. */
function meetColumn(
  { categorical, lists, domains }: Impressions,
  { name }: PredictorColumn,
  { encoder, rowsOf }: { readonly encoder: ClickModel['encoder']; readonly rowsOf: RowsOfCodes },
): UnknownKeys & { readonly known: number } {
  const column = [...categorical, ...lists].find((each) => each.name === name);
  const input = [...encoder.categorical, ...encoder.lists].find((each) => each.name === name);
  if (column === undefined || input === undefined) return { column: name, count: 0, keys: [], known: 0 };
  const keys = domains.get(column.domain) ?? [];
  const counts = timesRead(column, keys.length);
  const rows = rowsOf(column.domain, input.table);
  const unknown: string[] = [];
  let count = 0;
  let known = 0;
  for (let code = 0; code < keys.length; code++) {
    const times = counts[code] ?? 0;
    if (times === 0) continue;
    if (rows[code] !== 0) {
      known++;
      continue;
    }
    unknown.push(keys[code] ?? '');
    count += times;
  }
  return { column: name, count, keys: unknown.sort(compareKeys), known };
}
