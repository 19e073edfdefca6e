/** The public face of category2vec for Node: all that browsers have, and what needs files. Re-exports, no code. */
export * from './browser.js';
export { readHistories } from './duckdb/events/read-histories.js';
export type { ReadingOptions, ReadLogOptions, ReadOptions, ReadTableOptions } from './duckdb/events/read-histories.js';
export type { EventColumns, EventOptions, TableColumns } from './histories/reader-options.js';
export type { ReadProgress } from './duckdb/events/group-events.js';
export type { Source } from './duckdb/sources/event-source.js';
export { prepareArrivingLog } from './duckdb/prepared/prepare-arriving-log.js';
export type { ArrivedLog, ArrivingLog, ArrivingParts } from './histories/arriving-log.js';
export { trainLog } from './duckdb/prepared/train-log.js';
export type {
  TrainedLog,
  TrainingOfLog,
  TrainLogHooks,
  TrainLogInput,
  TrainLogOptions,
  TrainTableOptions,
} from './duckdb/prepared/train-log.js';
export { openPreparedLog, prepareLog } from './duckdb/prepared/public-log.js';
export type {
  OpenPreparedOptions,
  PrepareLogOptions,
  PrepareTableOptions,
  ShardingOptions,
} from './duckdb/prepared/public-log.js';
export type { PrepareProgress } from './duckdb/prepared/prepare-log.js';
export { readAttributes } from './duckdb/tables/read-attributes.js';
export type { AttributeOptions, AttributeTable } from './duckdb/tables/read-attributes.js';
export { readShownNotClicked } from './duckdb/events/read-shown.js';
export type { ShownOptions, ShownNotClicked } from './duckdb/events/read-shown.js';
export { compareEmbeddings } from './lifecycle/compare-embeddings.js';
export type {
  ComparedBand,
  CompareHooks,
  CompareOptions,
  EmbeddingComparison,
  Mover,
} from './lifecycle/compare-embeddings.js';
export { fillCategories } from './lifecycle/fill-categories.js';
export type { Filled, FilledRung, FillHooks, FillOptions } from './lifecycle/fill-categories.js';
export type { MeasuredShrinking } from './lifecycle/thinned-trial.js';
export type { Nearness } from './lifecycle/nearness.js';
export type { Origin } from './lifecycle/rungs.js';
export { trainTwins } from './lifecycle/twins.js';
export type { TwinInput, TwinOptions, Twins } from './lifecycle/twins.js';
export { openCheckpoint } from './engine/checkpoint-node.js';
export type { FolderOptions } from './engine/checkpoint-node.js';
export { readEmbedding, writeEmbedding } from './duckdb/tables/embedding-file.js';
export { writeWorld } from './duckdb/tables/write-world.js';
export type { WriteProgress, WriteWorldOptions, WrittenWorld } from './duckdb/tables/write-world.js';
export { asTrials, tuneIdentity } from './experiments/tune.js';
export { openTrials } from './files/trial-folder.js';
export type { TrialFolder, TrialFolderOptions } from './files/trial-folder.js';
export { exchangeFormats, exportEmbedding, importEmbedding } from './duckdb/tables/exchange-files.js';
export type { ExchangeFormat, ExportOptions, ImportOptions } from './duckdb/tables/exchange-files.js';
export { readImpressionsFor } from './duckdb/impressions/read-impressions-for.js';
export type { KnownLog, KnownTableOptions } from './duckdb/impressions/read-impressions-for.js';
export { writePredictions } from './duckdb/impressions/write-predictions.js';
export type {
  PredictionsInput,
  WritePredictionsOptions,
  WrittenPredictions,
} from './duckdb/impressions/write-predictions.js';
export { writeSplits } from './duckdb/impressions/write-splits.js';
export type { SplitsInput, WriteSplitsOptions } from './duckdb/impressions/write-splits.js';
export { writeMapTable } from './duckdb/tables/write-map.js';
export type { MapTable } from './duckdb/tables/write-map.js';
export { readImpressions } from './duckdb/impressions/read-impressions.js';
export type { ImpressionOptions } from './duckdb/impressions/read-impressions.js';
export type { HistoryLog } from './duckdb/impressions/join-histories.js';
export type { TimeOptions } from './duckdb/events/event-times.js';
export { readClickModel, writeClickModel } from './duckdb/tables/click-model-folder.js';
export { fillModel } from './click-model/fill-model.js';
export type { FilledModel, FillingEmbedding } from './click-model/fill-model.js';
export { spacesOfModel } from './click-model/model-spaces.js';
export type { ModelSpace } from './click-model/model-spaces.js';
export { writeFeatures } from './duckdb/tables/write-features.js';
export type {
  FeatureProgress,
  FeaturesInput,
  WriteFeaturesHooks,
  WriteFeaturesOptions,
  WrittenFeatures,
} from './duckdb/tables/write-features.js';
export type { HistoryBatches } from './histories/history-batches.js';
export type { CsvOptions, CsvReading } from './duckdb/sources/csv-dialect.js';
export type { EngineOptions } from './duckdb/engine/connection.js';
export type { ExtensionOptions } from './duckdb/engine/extensions.js';
export type { AzureAccess, ObjectStores, S3Access } from './duckdb/remote/object-stores.js';
export type { S3Credentials } from './duckdb/remote/sign-request.js';
export type { PlainValue } from './duckdb/engine/query-rows.js';
export type { OutputHooks } from './files/atomic-file.js';
export type { JoinReadHooks, ReadHooks } from './duckdb/engine/read-hooks.js';
export type { FolderOverwrite } from './duckdb/tables/click-model-folder.js';
export type { WriteEmbeddingOptions } from './duckdb/tables/embedding-file.js';
export type { NoteDetails, ReadNotes } from './duckdb/events/check-keys.js';
