// Every option of a map once: meaning, unit, range, default.
import type { OptionsOf } from '../option-table.js';

/** The table that resolves, checks, documents and prints every option of a map. */
export const projectionOptions = {
  method: {
    kind: 'choice',
    isCommon: true,
    choices: ['tsne', 'pca'],
    default: 'tsne',
    help: 'keep neighbors together (tsne), or show the two largest variances (pca)',
  },
  metric: {
    kind: 'choice',
    choices: ['cosine', 'euclidean'],
    default: 'cosine',
    help: 'what near means: same direction (cosine) or small difference (euclidean)',
  },
  perplexity: {
    kind: 'number',
    min: 1,
    max: 1000,
    default: 30,
    help: 'tsne: effective neighbors per category, at most V / 3',
  },
  graph: {
    kind: 'choice',
    choices: ['auto', 'exact', 'approximate'],
    default: 'auto',
    help: 'how tsne finds neighbors: all of them (exact), nearly all (approximate), or all up to 50,000 categories and nearly all beyond (auto)',
  },
  iterations: {
    kind: 'integer',
    min: 0,
    max: 100_000,
    default: 1000,
    help: 'tsne: gradient steps, exaggerated ones included',
  },
  earlyExaggeration: {
    kind: 'number',
    min: 1,
    max: 1000,
    default: 12,
    help: 'tsne: factor on the attraction in the first steps',
  },
  exaggeratedIterations: {
    kind: 'integer',
    min: 0,
    max: 100_000,
    default: 250,
    help: 'tsne: how many steps those are',
  },
  learningRate: {
    kind: 'number',
    min: 0,
    max: 1e9,
    default: 0,
    help: 'tsne: step size; 0 takes V / 12, at least 200 (or V, if less)',
  },
  seed: { kind: 'integer', min: 0, default: 1, help: 'same seed, same bits, any thread count' },
  threads: { kind: 'integer', min: 0, max: 256, default: 0, help: 'worker threads; 0 uses every processor' },
} as const;

/** All options of a map, resolved. */
export type ProjectionOptions = OptionsOf<typeof projectionOptions>;
