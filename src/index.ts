/** The public face of category2vec for Node: named re-exports, no code. */
export { InputError } from './checks.js';
export { Vocabulary, vocabularyFromCounts } from './vocabulary.js';
export { historyCount, clickCount, historyAt } from './histories/histories.js';
export type { Histories, Dropped } from './histories/histories.js';
export { Embedding } from './embedding/embedding.js';
export type { Attribute, EmbeddingParts, Json } from './embedding/embedding.js';
export type { NearestOptions, NearestQuery, Neighbor } from './embedding/nearest.js';
