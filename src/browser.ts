/** The public face of category2vec for browsers: named re-exports, no code. Histories in memory → embedding, with web workers. */
export { InputError } from './checks.js';
export { Vocabulary, vocabularyFromCounts } from './vocabulary.js';
export { historyCount, clickCount, historyAt } from './histories/histories.js';
export type { Histories, Dropped, HistoriesSource } from './histories/histories.js';
export { historiesFromArrays } from './histories/from-arrays.js';
export { Embedding } from './embedding/embedding.js';
export type { Attribute, EmbeddingParts, Json } from './embedding/embedding.js';
export { trainEmbedding } from './training/train-embedding.js';
export type { TrainingHooks, TrainingProgress } from './training/train-embedding.js';
export { trainingOptions } from './training/options.js';
export type { TrainingOptions } from './training/options.js';
export type { NearestOptions, NearestQuery, Neighbor } from './embedding/nearest.js';
export { labelPurity } from './evaluation/label-purity.js';
export type { LabelPurity, LabelPurityOptions, MeasureHooks } from './evaluation/label-purity.js';
