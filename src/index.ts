/** The public face of category2vec for Node: named re-exports, no code. */
export { InputError } from './checks.js';
export { Vocabulary, vocabularyFromCounts } from './vocabulary.js';
export { historyCount, clickCount, historyAt } from './histories/histories.js';
export type { Histories, Dropped, HistoriesSource } from './histories/histories.js';
export { historiesFromArrays } from './histories/from-arrays.js';
export type { ArrayOptions, Key } from './histories/from-arrays.js';
export { filterOptions } from './histories/reader-options.js';
export type { FilterOptions, HistoriesShape } from './histories/reader-options.js';
export { Embedding } from './embedding/embedding.js';
export type { Attribute, EmbeddingParts, Json } from './embedding/embedding.js';
export type { NearestOptions, NearestQuery, Neighbor } from './embedding/nearest.js';
export { trainEmbedding } from './training/train-embedding.js';
export type { TrainingHooks, TrainingProgress } from './training/train-embedding.js';
export type { NegativesFrom, NegativesWithin } from './training/training-plan.js';
export { trainingOptions } from './training/options.js';
export type { TrainingOptions } from './training/options.js';
export { readEmbedding, writeEmbedding } from './duckdb/embedding-file.js';
