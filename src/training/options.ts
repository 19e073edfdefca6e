// Every training option once: meaning, unit, range, default.
import type { OptionsOf } from '../option-table.js';

/** The table that resolves, checks, documents and prints every training option. */
export const trainingOptions = {
  model: {
    kind: 'choice',
    choices: ['skip-gram', 'cbow', 'pooled', 'spectral'],
    default: 'skip-gram',
    help: 'predict every other category of a history from each one (skip-gram), each from the mean of the others (cbow), each among many from the others (pooled, for next clicks), or factorize the click matrix (spectral)',
  },
  dimension: { kind: 'integer', isCommon: true, min: 1, max: 4096, default: 64, help: 'numbers per vector' },
  epochs: { kind: 'integer', isCommon: true, min: 1, max: 100_000, default: 10, help: 'passes over all histories' },
  learningRate: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 100,
    default: 0.5,
    help: 'step size at the start; falls linearly to nearly 0 at the end',
  },
  negatives: { kind: 'integer', min: 1, max: 1000, default: 10, help: 'wrong answers per right one, in the objective' },
  sharedNegatives: {
    kind: 'integer',
    min: 0,
    max: 1024,
    default: 0,
    help: 'wrong answers drawn for a block of a history, or for several short histories together, weighted to count as `negatives` for each pair; 0 takes 64 for short histories together (32 to 256 with other `negatives`), else up to 32 (cbow: 128), and more for more than 10 `negatives`; pooled: 256, each counting once',
  },
  noiseExponent: {
    kind: 'number',
    min: -4,
    max: 4,
    default: 0.5,
    help: 'wrong answers are drawn in proportion to count to this power (pooled: 0 unless given, all alike)',
  },
  subsampling: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0,
    help: 'share of all clicks above which a category is thinned out by chance; 0 keeps every click',
  },
  weighting: {
    kind: 'choice',
    choices: ['history', 'pair'],
    default: 'history',
    help: 'every click counts alike (history), or every pair does, so that long histories dominate (pair)',
  },
  context: {
    kind: 'choice',
    choices: ['history', 'window'],
    default: 'history',
    help: 'context of a click: the whole rest of its history, or its neighbors in time',
  },
  window: {
    kind: 'integer',
    min: 1,
    max: 100_000,
    default: 5,
    help: 'clicks on each side that are context, where context is window',
  },
  shuffle: {
    kind: 'flag',
    default: false,
    help: 'draw a new order of every history in each epoch, where context is window',
  },
  historyExponent: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.35,
    help: 'spectral: clicks are divided by the size of their history to this power',
  },
  categoryExponent: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.35,
    help: 'spectral: clicks are divided by the count of their category to this power',
  },
  singularExponent: {
    kind: 'number',
    min: 0,
    max: 4,
    default: 0.5,
    help: 'spectral: each number of a vector is multiplied by its singular value to this power',
  },
  iterations: {
    kind: 'integer',
    min: 0,
    max: 10_000,
    default: 0,
    help: 'spectral: passes over all clicks at most; 0 goes on until the vectors stand still, within 8 to 200 passes by the number of clicks',
  },
  poolingExponent: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 1,
    help: 'pooled: the sum of a context is divided by its size to this power; 1 is the mean',
  },
  tables: {
    kind: 'choice',
    choices: ['one', 'two'],
    default: 'two',
    help: 'pooled: one vector for a category as context and as answer, or two',
  },
  center: { kind: 'flag', default: false, help: 'subtract the mean vector at the end' },
  seed: {
    kind: 'integer',
    isCommon: true,
    min: 0,
    default: 1,
    help: 'the same seed gives the same bits at any thread count',
  },
  threads: {
    kind: 'integer',
    isCommon: true,
    min: 0,
    max: 256,
    default: 0,
    help: 'worker threads; 0 takes one for each processor',
  },
  hogwild: { kind: 'flag', default: false, help: 'let threads race: faster, no longer reproducible' },
} as const;

/** All training options, resolved. */
export type TrainingOptions = OptionsOf<typeof trainingOptions>;
