// Every training option once: meaning, unit, range, default.
import type { OptionsOf } from '../option-table.js';

/** The table that resolves, checks, documents and prints every training option. */
export const trainingOptions = {
  model: {
    kind: 'choice',
    choices: ['skip-gram', 'cbow', 'pooled', 'spectral'],
    default: 'skip-gram',
    help: 'predict the others from each (skip-gram), each from the mean of the others (cbow), the next among many (pooled); or factorize (spectral)',
  },
  dimension: { kind: 'integer', isCommon: true, min: 1, max: 4096, default: 64, help: 'numbers per vector' },
  epochs: {
    kind: 'integer',
    isCommon: true,
    min: 0,
    max: 100_000,
    default: 10,
    auto: 0,
    help: 'passes over all histories; auto (0) chooses by the length of the histories',
  },
  learningRate: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 100,
    default: 0.5,
    help: 'step size at the start; falls linearly to nearly 0',
  },
  negatives: { kind: 'integer', min: 1, max: 1000, default: 10, help: 'negative samples per positive pair' },
  sharedNegatives: {
    kind: 'integer',
    min: 0,
    max: 1024,
    default: 0,
    help: 'negatives per block; 0 chooses',
  },
  noiseExponent: {
    kind: 'number',
    min: -4,
    max: 4,
    default: 0.5,
    help: 'negatives are drawn by count ^ this',
  },
  subsampling: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0,
    help: 'downsample above this share; 0 is off',
  },
  weighting: {
    kind: 'choice',
    choices: ['history', 'pair'],
    default: 'history',
    help: 'weight clicks alike (history), or pairs, so that long histories dominate (pair)',
  },
  context: {
    kind: 'choice',
    choices: ['history', 'window'],
    default: 'history',
    help: 'context of each click',
  },
  window: {
    kind: 'integer',
    min: 1,
    max: 100_000,
    default: 5,
    help: 'window: clicks on each side',
  },
  shuffle: {
    kind: 'flag',
    default: false,
    help: 'window: reorder each history in every epoch',
  },
  historyExponent: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.35,
    help: 'spectral: divide by history size ^ this',
  },
  categoryExponent: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.35,
    help: 'spectral: divide by count ^ this',
  },
  singularExponent: {
    kind: 'number',
    min: 0,
    max: 4,
    default: 0.5,
    help: 'spectral: times singular value ^ this',
  },
  iterations: {
    kind: 'integer',
    min: 0,
    max: 10_000,
    default: 0,
    help: 'spectral: passes; 0 until convergence',
  },
  poolingExponent: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 1,
    help: 'pooled: sum / size ^ this; 1 is the mean',
  },
  tables: {
    kind: 'choice',
    choices: ['one', 'two'],
    default: 'two',
    help: 'pooled: one table of vectors, or two',
  },
  center: { kind: 'flag', default: false, help: 'subtract the mean vector at the end' },
  seed: {
    kind: 'integer',
    isCommon: true,
    min: 0,
    default: 1,
    help: 'same seed, same bits, any thread count',
  },
  threads: {
    kind: 'integer',
    isCommon: true,
    min: 0,
    max: 256,
    default: 0,
    help: 'worker threads; 0 uses every processor',
  },
  hogwild: { kind: 'flag', default: false, help: 'let threads race: faster, no longer reproducible' },
} as const;

/** All training options, resolved. */
export type TrainingOptions = OptionsOf<typeof trainingOptions>;
