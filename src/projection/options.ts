// Every option of a map once: meaning, unit, range, default.
import type { OptionsOf } from '../option-table.js';

/** The table that resolves, checks, documents and prints every option of a map. */
export const projectionOptions = {
  method: {
    kind: 'choice',
    isCommon: true,
    choices: ['tsne', 'pca'],
    default: 'tsne',
    help: 'keep neighbors together (tsne), or show the two directions of largest variance (pca)',
  },
  metric: {
    kind: 'choice',
    choices: ['cosine', 'euclidean'],
    default: 'cosine',
    help: 'what is near: vectors of like direction (cosine), or of small difference, lengths included (euclidean)',
  },
  perplexity: {
    kind: 'number',
    min: 1,
    max: 1000,
    default: 30,
    help: 'neighbors that each category effectively has in tsne; at most a third of the other categories is used',
  },
  iterations: {
    kind: 'integer',
    min: 0,
    max: 100_000,
    default: 1000,
    help: 'steps of tsne, exaggerated ones included',
  },
  earlyExaggeration: {
    kind: 'number',
    min: 1,
    max: 1000,
    default: 12,
    help: 'factor on the attraction in the first steps of tsne, which lets groups find each other',
  },
  exaggeratedIterations: { kind: 'integer', min: 0, max: 100_000, default: 250, help: 'how many steps those are' },
  learningRate: {
    kind: 'number',
    min: 0,
    max: 1e9,
    default: 0,
    help: 'step size of tsne; 0 takes a twelfth of the number of categories, at least 200 (or that number, where it is less)',
  },
  seed: { kind: 'integer', min: 0, default: 1, help: 'the same seed gives the same bits at any thread count' },
  threads: { kind: 'integer', min: 0, max: 256, default: 0, help: 'worker threads; 0 takes one for each processor' },
} as const;

/** All options of a map, resolved. */
export type ProjectionOptions = OptionsOf<typeof projectionOptions>;
