/**
 * Features of histories → Parquet, CSV or npy, batch by batch: memory holds the table of vectors and one batch, beside
 * the histories where these are not read batch by batch.
 */
import { basename, dirname, extname, join } from 'node:path';
import { InputError, named, sentence } from '../../checks.js';
import {
  featureNames,
  featuresToCsv,
  featuresToNpy,
  type FeatureRows,
  type FeatureShape,
} from '../../features/feature-files.js';
import {
  checkAsOf,
  HistoryPooling,
  meetEmbedding,
  type FeatureHooks,
  type HistoryFeatureOptions,
} from '../../features/history-features.js';
import { anEmbedding, type Embedding } from '../../embedding/embedding.js';
import { KeyListWriter } from '../../formats/key-list.js';
import type { Histories } from '../../histories/histories.js';
import {
  batchesOfHistories,
  openHistoryBatches,
  someBatches,
  type HistoryBatches,
} from '../../histories/history-batches.js';
import { isPreparedLog, type PreparedLog } from '../../histories/prepared-log.js';
import { writeOutputs, writeParts } from '../../files/atomic-file.js';
import { parquetParts, plainTexts, plainWholes, type PlainColumn } from '../../formats/parquet/write.js';
import {
  checkCall,
  hooksKind,
  neededInputsKind,
  optionsKind,
  path as aPath,
  type StepHooks,
  type StepProgress,
} from '../../step.js';

/** What is written, and how it is called. */
export interface WriteFeaturesOptions extends HistoryFeatureOptions {
  /** name of the column of keys; default `history`, of a prepared log what it was there */
  readonly keyName?: string | undefined;
}

/** Whose features are written. */
export interface FeaturesInput {
  /**
   * histories with keys; with times, in time order, where `asOf` or a half-life is given; in memory, in batches, or a
   * prepared log, of which a piece of each shard is in memory
   */
  readonly histories: Histories | HistoryBatches | PreparedLog;
  /** vectors of the categories */
  readonly embedding: Embedding;
}

/** Where writing stands. */
export interface FeatureProgress extends StepProgress {
  readonly stage: 'writing';
  /** histories so far */
  readonly rows: number;
}

/** What writing features tells, and what stops it. */
export interface WriteFeaturesHooks extends StepHooks<FeatureProgress>, FeatureHooks {}

const inputKind = neededInputsKind<FeaturesInput>('{ histories, embedding }, both in one object', {
  histories: true,
  embedding: true,
});
const optionKind = optionsKind<WriteFeaturesOptions>({
  asOf: true,
  lagSeconds: true,
  halfLifeSeconds: true,
  allowLeak: true,
  keyName: true,
  isPart: true,
});
const hookKind = hooksKind<WriteFeaturesHooks>({
  onProgress: true,
  signal: true,
  onKeys: true,
  gathered: true,
  onNote: true,
});

/** What was written. */
export interface WrittenFeatures {
  /** the file and, for npy, the keys beside it */
  readonly out: readonly string[];
  /** one for each history */
  readonly rows: number;
  /** D, numbers in each of the features but `count` */
  readonly dimension: number;
  /** names of the features: `count`, `mean`, perhaps `recency_mean`, `max` */
  readonly features: readonly string[];
  /** clicks that count */
  readonly clicks: number;
  /** rows without any click that counts, all zeros */
  readonly emptyRows: number;
}

/** Histories whose features are in memory at once, and rows of a page. */
const batchRows = 2048;

const formats = ['.parquet', '.csv', '.npy'];

/**
 * The files of features for one path, by its ending; npy has its keys beside it, as `users.keys.json` for `users.npy`.
 *
 * @throws InputError for another ending
 */
export function featurePaths(path: string): readonly string[] {
  const ending = extname(path).toLowerCase();
  if (!formats.includes(ending)) {
    throw new InputError(`features can be written as ${formats.join(', ')}, got ${JSON.stringify(basename(path))}`);
  }
  return ending === '.npy' ? [path, join(dirname(path), `${basename(path, extname(path))}.keys.json`)] : [path];
}

/**
 * Writes the features of every history for any model: see `historyFeatures`.
 *
 * - Parquet: the key (BIGINT where the log had whole numbers of at most 64 bits, else text), `count` INTEGER, and `mean`, perhaps
 *   `recency_mean`, `max`, each FLOAT[D]
 * - CSV: the key, `count`, `mean_0` … `max_{D−1}`
 * - npy: the numbers of the CSV as float32, its keys as JSON beside it
 *
 * The same histories, embedding and options give the same bytes.
 *
 * @param path - ends in .parquet, .csv or .npy
 * @throws InputError where nothing of the histories has a vector, where no click is before `asOf`, where the key's name
 *   is that of a feature, and for what `writeOutputs` says
 */
export async function writeFeatures(
  path: string,
  input: FeaturesInput,
  how: WriteFeaturesOptions = {},
  hooks: WriteFeaturesHooks = {},
): Promise<WrittenFeatures> {
  const call = 'writeFeatures(path, { histories, embedding }, options, hooks)';
  checkCall(call, {
    path: [path, aPath],
    input: [input, inputKind],
    options: [how, optionKind],
    hooks: [hooks, hookKind],
  });
  const { histories: given, embedding } = input;
  checkCall(call, { histories: [given, someBatches], embedding: [embedding, anEmbedding] });
  const { keyName = keyNameOf(given), isPart = isPartOfLog(given), ...others } = how;
  const options = { ...others, isPart };
  const { signal, onProgress, onKeys, gathered, onNote } = hooks;
  const histories = isPreparedLog(given) ? await openKeyed(given, signal) : given;
  const out = featurePaths(path);
  const { dimension } = embedding;
  const shape: FeatureShape = { dimension, hasRecency: options.halfLifeSeconds !== undefined };
  meetEmbedding(histories, embedding, { onKeys, gathered }, isPart);
  checkHistories(histories, embedding, options);
  checkKeyName(keyName, featureNames(shape));
  checkAsOf(embedding, { ...options, onNote });
  const log = 'batches' in histories ? histories : batchesOfHistories(histories);
  const rows = log.histories;
  const sums = { clicks: 0, emptyRows: 0 };
  async function* batches(): AsyncGenerator<FeatureRows, void> {
    for await (const batch of pooled(log, embedding, options, signal)) {
      for (const count of batch.counts) {
        sums.clicks += count;
        if (count === 0) sums.emptyRows++;
      }
      const done = batch.first + batch.rows;
      onProgress?.({ stage: 'writing', share: done / rows, rows: done });
      yield batch;
    }
  }
  const fill = async ([file = '', keyFile = '']: readonly string[]): Promise<void> => {
    if (out.length > 1) {
      await writeParts(file, featuresToNpy(batches(), { ...shape, rows }));
      await writeParts(keyFile, keyList(log, signal));
    } else if (/\.csv$/i.test(path)) {
      await writeParts(file, featuresToCsv(batches(), { ...shape, keyName }));
    } else {
      const columns = [keyColumn(keyName, log), ...featureColumns(shape)];
      const metadata = describe(embedding, options);
      await writeParts(file, parquetParts(columns, batches(), { rowsPerGroup: rowsPerGroup(dimension), metadata }));
    }
  };
  await writeOutputs(out, fill, { signal });
  return { out, rows, dimension, features: featureNames(shape), ...sums };
}

function keyNameOf(log: Histories | HistoryBatches | PreparedLog): string {
  const known = isPreparedLog(log) ? log.manifest.log['history'] : undefined;
  return typeof known === 'string' ? known : 'history';
}

function isPartOfLog(log: Histories | HistoryBatches | PreparedLog): boolean {
  return isPreparedLog(log) && log.part !== undefined;
}

/** @throws InputError for histories that are rows */
function openKeyed(log: PreparedLog, signal: AbortSignal | undefined): Promise<HistoryBatches> {
  if (log.manifest.areRows) {
    throw new InputError(
      sentence`features need histories with keys, got a log that was prepared without ${named('history')}`,
    );
  }
  const mayBeEmpty = log.part !== undefined;
  return openHistoryBatches(log, { isOrdered: log.manifest.hasTimes, mayBeEmpty, signal });
}

/** Features batch by batch, with the keys of their histories. */
async function* pooled(
  log: HistoryBatches,
  embedding: Embedding,
  options: HistoryFeatureOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<FeatureRows, void> {
  const { isMidnight = false, rounding } = log.timeSpan ?? {};
  let pooling: HistoryPooling | undefined;
  let first = 0;
  for await (const batch of log.batches(batchRows, signal)) {
    signal?.throwIfAborted();
    const { keys } = batch;
    pooling ??= new HistoryPooling({ ...log, isMidnight, rounding }, embedding, {
      ...options,
      batchSize: batchRows,
      longest: Math.max(1, batch.items.length),
    });
    yield { ...pooling.pool(batch, 0, keys.length), first, rows: keys.length, keys };
    first += keys.length;
  }
}

async function* keyList(log: HistoryBatches, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void> {
  const writer = new KeyListWriter();
  for await (const { keys } of log.batches(batchRows, signal)) {
    for (const key of keys) {
      writer.add(key);
      if (writer.isFull) yield writer.take();
    }
  }
  yield writer.end();
}

function checkHistories(
  histories: Histories | HistoryBatches,
  embedding: Embedding,
  { asOf, halfLifeSeconds, isPart = false }: HistoryFeatureOptions,
): void {
  const { isOrdered, vocabulary, timeSpan } = histories;
  const isInMemory = 'offsets' in histories;
  if (isInMemory && histories.keys === undefined) {
    throw new InputError('features need the keys of the histories: read them with keepKeys');
  }
  const hasTimes = isInMemory ? histories.times !== undefined : histories.hasTimes;
  if (!hasTimes && (asOf !== undefined || halfLifeSeconds !== undefined)) {
    throw new InputError(
      sentence`${named(asOf === undefined ? 'halfLife' : 'asOf')} needs the time of every click, got none; give them
        with ${named('time')}`,
    );
  }
  if (asOf !== undefined && !isOrdered) {
    throw new InputError(sentence`${named('asOf')} needs histories in time order: read them with isOrdered`);
  }
  if (asOf !== undefined) {
    const own = isInMemory && !isPart ? histories.times : undefined;
    const first = own === undefined ? timeSpan?.from : own.reduce((least, time) => Math.min(least, time), Infinity);
    if (first !== undefined) checkSomeBefore(asOf, first);
  }
  if (isPart || vocabulary.keys.some((key) => embedding.vocabulary.rowOf(key) !== undefined)) return;
  const [first = ''] = vocabulary.keys;
  const [known = ''] = embedding.vocabulary.keys;
  throw new InputError(
    'the embedding must know categories of the log, got none that it knows: it has ' +
      `${JSON.stringify(known)}, the log ${JSON.stringify(first)}`,
  );
}

function checkSomeBefore(asOf: number, first: number): void {
  if (first < asOf) return;
  const date = (seconds: number): string => {
    const time = new Date(seconds * 1000);
    return Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString();
  };
  throw new InputError(
    sentence`${named('asOf')} must be later than the first click, which is of ${date(first)}, got ${date(asOf)}`,
  );
}

function checkKeyName(keyName: string, names: readonly string[]): void {
  if (!names.includes(keyName.toLowerCase())) return;
  throw new InputError(
    `the column of keys cannot be named ${JSON.stringify(keyName)}, because ${names.join(', ')} are columns ` +
      'of the features; rename it',
  );
}

/** Keys as whole numbers where the log had them so, so that tables join on them without a cast. */
function keyColumn(name: string, { source }: Pick<Histories, 'source'>): PlainColumn<FeatureRows> {
  const isWhole = /^(TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER)$/.test(source?.historyType ?? '');
  return isWhole
    ? { name, kind: 'whole', plain: ({ keys }) => plainWholes(keys) }
    : { name, kind: 'text', plain: ({ keys }) => plainTexts(keys) };
}

function featureColumns({ dimension, hasRecency }: FeatureShape): readonly PlainColumn<FeatureRows>[] {
  const matrix = (
    name: string,
    of: (batch: FeatureRows) => Float32Array<ArrayBuffer> | undefined,
  ): PlainColumn<FeatureRows> => ({
    name,
    kind: 'floatList',
    dimension,
    plain: (batch) => bytesOf(of(batch) ?? new Float32Array()),
  });
  return [
    { name: 'count', kind: 'int', plain: ({ counts }) => bytesOf(counts) },
    matrix('mean', ({ mean }) => mean),
    ...(hasRecency ? [matrix('recency_mean', ({ recencyMean }) => recencyMean)] : []),
    matrix('max', ({ max }) => max),
  ];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Rows of a group: 8 Mi numbers of three features, some 32 MB. */
function rowsPerGroup(dimension: number): number {
  return batchRows * Math.min(60, Math.max(1, Math.floor(2 ** 23 / (3 * dimension) / batchRows)));
}

/** The key-value metadata of a Parquet file of features. */
function describe(
  { dimension, version, alignment }: Embedding,
  { asOf, lagSeconds, halfLifeSeconds }: HistoryFeatureOptions,
): Readonly<Record<string, string>> {
  return {
    format: 'category2vec features',
    dimension: String(dimension),
    version_id: version,
    alignment_id: alignment,
    ...(asOf === undefined ? {} : { as_of_seconds: String(asOf) }),
    ...(lagSeconds === undefined ? {} : { lag_seconds: String(lagSeconds) }),
    ...(halfLifeSeconds === undefined ? {} : { half_life_seconds: String(halfLifeSeconds) }),
  };
}
