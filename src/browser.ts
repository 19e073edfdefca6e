/** The public face of category2vec for browsers: named re-exports, no code. Histories in memory → embedding, with web workers. */
export { InputError } from './checks.js';
export { setWorkerUrl } from './engine/workers.js';
export { Vocabulary, vocabularyFromCounts } from './vocabulary.js';
export { historyCount, clickCount, historyAt } from './histories/histories.js';
export type { Histories, Dropped, HistoriesSource, Ties } from './histories/histories.js';
export type { TimeRounding } from './histories/time-rounding.js';
export type { KnownFrom, LateTime, PlaceholderTimes, TimeSpan, TimeUnit } from './histories/time-span.js';
export { historiesFromArrays, historiesFromRows } from './histories/from-arrays.js';
export { align } from './embedding/align.js';
export type { Aligned, AlignOptions, Drift } from './embedding/align.js';
export { checkSpaces, relateSpaces } from './embedding/version.js';
export type { SpaceIds, SpaceRelation, SpaceSide } from './embedding/version.js';
export { Embedding } from './embedding/embedding.js';
export type {
  AlignedProvenance,
  Measures,
  OptionsProvenance,
  Provenance,
  SourceProvenance,
  SplitProvenance,
  StartProvenance,
} from './embedding/provenance.js';
export type { Attribute, EmbeddingChanges, EmbeddingParts, Json } from './embedding/embedding.js';
export { memoryNeed, trainEmbedding } from './training/train-embedding.js';
export type {
  MemoryInput,
  TrainEmbeddingOptions,
  TrainingHooks,
  TrainingInput,
  TrainingProgress,
} from './training/train-embedding.js';
export { trainFoldedIn } from './training/train-folded-in.js';
export type { FoldedInHooks, FoldedInInput, TrainedFoldedIn } from './training/train-folded-in.js';
export type { FoldedIn, FoldInJudgment } from './training/fold-in.js';
export type { TrainingNeed } from './training/training-memory.js';
export type { CheckpointStore, SavedState, WorkState } from './engine/checkpoint.js';
export { trainingOptions } from './training/options.js';
export type { TrainingOptions } from './training/options.js';
export { joinAttributes, withAttributes } from './embedding/join-attributes.js';
export type { AttributesByKey, JoinHooks } from './embedding/join-attributes.js';
export { oddVectors } from './embedding/odd-vectors.js';
export type { VectorNote } from './embedding/odd-vectors.js';
export { describeMatch, GatheredKeys, matchKeys, matchWarning } from './embedding/key-match.js';
export type { JoinNames, KeyCounts, KeyHooks, KeyMatch, Keys, Partners, Respelling } from './embedding/key-match.js';
export { filterOptions } from './histories/reader-options.js';
export type { FilterOptions, HistoriesShape } from './histories/reader-options.js';
export type { ArrayHooks, ArrayOptions, Key } from './histories/from-arrays.js';
export type { ByteSource, SizedParts } from './formats/bytes.js';
export { embeddingFromParquet } from './formats/native-embedding.js';
export { embeddingFromNpy } from './formats/npy.js';
export { embeddingFromProjector } from './formats/projector.js';
export { embeddingFromSafetensors, embeddingToSafetensors } from './formats/safetensors.js';
export { embeddingFromWord2vecBinary } from './formats/word2vec-binary.js';
export { embeddingFromWord2vecText } from './formats/word2vec-text.js';
export { chanceOfCategory } from './embedding/confidence.js';
export type { Admission, AttributeValue, NearestOptions } from './embedding/admission.js';
export type { HistoryMean, MeanOptions } from './embedding/history-mean.js';
export type { NearestQuery, Neighbor } from './embedding/nearest.js';
export { labelPurity } from './evaluation/label-purity.js';
export type { LabelPurity, LabelPurityOptions, MeasureHooks, MeasureProgress } from './evaluation/label-purity.js';
export { projectEmbedding } from './projection/project-embedding.js';
export type { EmbeddingMap, MapQuality, ProjectionHooks, ProjectionProgress } from './projection/project-embedding.js';
export { projectionOptions } from './projection/options.js';
export type { ProjectionOptions } from './projection/options.js';
export { holdOut } from './histories/hold-out.js';
export type { Asked, HeldOut, HoldOutOptions, KnownSets } from './histories/hold-out.js';
export { Recommender } from './evaluation/recommend.js';
export type { RecommendAsk, Recommendation, RecommendQuestion } from './evaluation/recommend.js';
export { nextClickScores } from './evaluation/next-click.js';
export type {
  Baseline,
  NextClickOptions,
  NextClickScores,
  RankingFigures,
  ScoringRule,
} from './evaluation/next-click.js';
export type { Figure } from './numerics/bootstrap.js';
export { backtest } from './experiments/backtest.js';
export { purityBaselines } from './experiments/purity-baselines.js';
export type {
  PurityBaseline,
  PurityBaselineInput,
  PurityBaselineOptions,
  PurityBeside,
} from './experiments/purity-baselines.js';
export { tune } from './experiments/tune.js';
export type { Tuned, TuneHooks, TuneInput, TuneOptions, TuneProgress, TuneTrial } from './experiments/tune.js';
export type { Effect } from './experiments/tune-effects.js';
export type { TestFigures } from './experiments/tune-judges.js';
export type { Setting } from './experiments/tune-space.js';
export type {
  Backtest,
  BacktestHooks,
  BacktestInput,
  BacktestOptions,
  BacktestProgress,
  TrainStep,
  TrainedPart,
} from './experiments/backtest.js';
export { leaveOneLogOut, sweep } from './experiments/sweep.js';
export type {
  LeftOutLog,
  SweepHooks,
  SweepInput,
  SweepLog,
  SweepOptions,
  SweepProgress,
  Trial,
  TrialResult,
} from './experiments/sweep.js';
export type {
  CategoricalColumn,
  ClickRows,
  EncodedColumn,
  EncodedList,
  Impressions,
  ListColumn,
  NumericColumn,
} from './impressions/impressions.js';
export { encodeImpressions, fitEncoder } from './click-model/encode.js';
export type { EncodeOptions, EncoderOptions } from './click-model/encode.js';
export type {
  CategoricalInput,
  ClickEncoder,
  ClickModel,
  ClickNetwork,
  ClickTable,
  DenseLayer,
  ListInput,
  NumericInput,
  ProductInput,
  TableKeys,
} from './click-network/model.js';
export { nestedFraction, splitImpressions } from './impressions/splits.js';
export type { Split, SplitKind, SplitOptions } from './impressions/splits.js';
export { splitWithOwnHistories, withOwnHistories } from './impressions/own-histories.js';
export type { OwnHistoriesOptions, OwnHistory } from './impressions/own-histories.js';
export { subsetImpressions, subsetRows } from './impressions/subset.js';
export { clickOptions } from './click-network/options.js';
export type { ClickOptions } from './click-network/options.js';
export { judgeClickModel } from './click-model/judge-click-model.js';
export type { JudgedClickModel } from './click-model/judge-click-model.js';
export { trainClickModel } from './click-model/train-click-model.js';
export type { ClickModelInput, ClickModelOptions, TrainedClickModel } from './click-model/train-click-model.js';
export { trainClickNetwork } from './click-network/train-click-network.js';
export type {
  ClickProgress,
  ClickTrainingHooks,
  ClickTrainingInput,
  ClickTrainingResult,
  ColumnTransfer,
  TableTransfer,
} from './click-network/training-input.js';
export { openPredictor } from './click-model/predictor.js';
export type { FarColumn } from './click-model/far-numbers.js';
export type {
  PredictHooks,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorColumn,
  PredictorOptions,
  UnknownKeys,
} from './click-model/predictor.js';
export { impressionsFromRows } from './impressions/impressions-from-rows.js';
export type { ImpressionRow, RowColumns, TimedEntry } from './impressions/impressions-from-rows.js';
export type { HistoryReading, ModelReading } from './impressions/model-reading.js';
export type { SavedClickModel } from './click-model/model-description.js';
export { shareSeen } from './click-model/seen-rows.js';
export { clickModelFromFiles } from './click-model/click-model-from-files.js';
export type { ClickModelFiles } from './click-model/click-model-from-files.js';
export { predictClicks } from './click-model/predict-clicks.js';
export { clickMetrics } from './click-network/click-metrics.js';
export type { ClickMetrics, ClickMetricsOptions, ProbabilityReport } from './click-network/click-metrics.js';
export type { CalibrationBin } from './numerics/probability-metrics.js';
export { historyFeatures } from './features/history-features.js';
export type {
  FeatureBatch,
  FeatureBatchOptions,
  FeatureHooks,
  HistoryFeatureOptions,
} from './features/history-features.js';
export type { NegativesFrom, NegativesWithin } from './training/training-plan.js';
export { selectRows, sharedRows } from './embedding/select-rows.js';
export { compareTransfers } from './experiments/compare-transfers.js';
export type {
  ComparedRun,
  Comparison,
  ComparisonHooks,
  ComparisonInput,
  ComparisonOptions,
  ComparisonProgress,
  ComparisonRow,
  ComparisonSummary,
  TransferChoice,
  ValidationLead,
  Placebo,
  PurityQuestion,
  Transfer,
} from './experiments/comparison.js';
export { simulateWorld } from './simulation/simulate-world.js';
export type { World } from './simulation/simulate-world.js';
export type { ClickBatch, ImpressionBatch, UserBatch } from './simulation/batches.js';
export type { Advertisers, Market } from './simulation/advertisers.js';
export { worldOptions } from './simulation/options.js';
export type { WorldOptions } from './simulation/options.js';
export type { Moments } from './histories/moments.js';
export type { StepHooks, StepProgress } from './step.js';
export type { BadRowCause, BadRows } from './histories/bad-rows.js';
export type { Chance, ChanceBand } from './embedding/confidence.js';
export type { OptionName, Sentence } from './checks.js';
export type { BandPurity, PermutationNull, Suspect, ValuePurity } from './evaluation/purity-details.js';
export type { VectorRule } from './evaluation/vector-ranks.js';
export type { RankingMetric } from './evaluation/ranking-metrics.js';
export type { ChosenEpochs } from './training/chosen-epochs.js';
export type { Escape } from './formats/key-text.js';
export type { UnknownRow, UnknownVector } from './formats/unknown-row.js';
export { openShardedLog } from './histories/sharded-log.js';
export type { LogMeasure, ShardClicks, ShardedLog } from './histories/sharded-log.js';
export { historiesOfPrepared } from './histories/prepared-log.js';
export type {
  ActedFilters,
  LeftFilters,
  LogManifest,
  PreparedLog,
  PreparedShape,
  ShardEntry,
} from './histories/prepared-log.js';
export type { Part } from './histories/part.js';
export type { Shard } from './histories/shard.js';
export type { GivenAttribute, GivenAttributes } from './embedding/attribute.js';
