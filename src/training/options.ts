// Every training option once: meaning, unit, range, default.
import type { OptionsOf, TableOf } from '../option-table.js';

/** How an embedding is trained: every option of `trainEmbedding`. */
export interface TrainingOptions {
  /** purpose, which chooses the model; default similar */
  readonly goal?: 'similar' | 'next' | undefined;
  /** objective; default by `goal` */
  readonly model?: 'skip-gram' | 'cbow' | 'pooled' | 'spectral' | undefined;
  /** numbers per vector; whole, 1 to 4,096; default 64 */
  readonly dimension?: number | undefined;
  /** passes; auto (0) decides by the histories; whole, 0 to 100,000; default 0 */
  readonly epochs?: number | undefined;
  /** first step size; falls linearly; > 0 and ≤ 100; default 0.5 */
  readonly learningRate?: number | undefined;
  /** negative samples per positive pair; whole, 1 to 1,000; default 10 */
  readonly negatives?: number | undefined;
  /** negatives per block; 0 chooses; whole, 0 to 1,024; default 0 */
  readonly sharedNegatives?: number | undefined;
  /** negatives are drawn by count ^ this; -4 to 4; default 0.5 */
  readonly noiseExponent?: number | undefined;
  /** downsample above this share; 0 is off; 0 to 1; default 0 */
  readonly subsampling?: number | undefined;
  /** count clicks alike, or pairs; default history */
  readonly weighting?: 'history' | 'pair' | undefined;
  /** context of each click; default history */
  readonly context?: 'history' | 'window' | undefined;
  /** window: clicks on each side; whole, 1 to 100,000; default 5 */
  readonly window?: number | undefined;
  /** window: reorder each history in every epoch; default false */
  readonly shuffle?: boolean | undefined;
  /** spectral: divide by history size ^ this; -1 to 1; default -1 */
  readonly historyExponent?: number | undefined;
  /** spectral: divide by count ^ this; -1 to 1; default -1 */
  readonly categoryExponent?: number | undefined;
  /** spectral: times singular value ^ this; 0 to 4; default by `goal` */
  readonly singularExponent?: number | undefined;
  /** spectral: passes; 0 to converge; whole, 0 to 10,000; default by `goal` */
  readonly iterations?: number | undefined;
  /** pooled: sum / size ^ this; 1 is the mean; 0 to 1; default 1 */
  readonly poolingExponent?: number | undefined;
  /** pooled: one table of vectors, or two; default two */
  readonly tables?: 'one' | 'two' | undefined;
  /** subtract the mean vector at the end; default false */
  readonly center?: boolean | undefined;
  /** same seed, same bits, any thread count; whole, ≥ 0; default 1 */
  readonly seed?: number | undefined;
  /** worker threads; 0 uses every processor; whole, 0 to 256; default 0 */
  readonly threads?: number | undefined;
  /** let threads race: faster, no longer reproducible; default false */
  readonly hogwild?: boolean | undefined;
}

/** The table that resolves, checks, documents and prints every training option. */
export const trainingOptions = {
  goal: {
    kind: 'choice',
    isCommon: true,
    choices: ['similar', 'next'],
    default: 'similar',
    help: 'purpose, which chooses the model',
  },
  model: {
    kind: 'choice',
    choices: ['skip-gram', 'cbow', 'pooled', 'spectral'],
    default: 'skip-gram',
    defaultBy: '--goal',
    help: 'objective',
  },
  dimension: { kind: 'integer', isCommon: true, min: 1, max: 4096, default: 64, help: 'numbers per vector' },
  epochs: {
    kind: 'integer',
    isCommon: true,
    min: 0,
    max: 100_000,
    default: 0,
    auto: 0,
    help: 'passes; auto (0) decides by the histories',
  },
  learningRate: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 100,
    default: 0.5,
    help: 'first step size; falls linearly',
  },
  negatives: { kind: 'integer', min: 1, max: 1000, default: 10, help: 'negative samples per positive pair' },
  sharedNegatives: { kind: 'integer', min: 0, max: 1024, default: 0, help: 'negatives per block; 0 chooses' },
  noiseExponent: { kind: 'number', min: -4, max: 4, default: 0.5, help: 'negatives are drawn by count ^ this' },
  subsampling: { kind: 'number', min: 0, max: 1, default: 0, help: 'downsample above this share; 0 is off' },
  weighting: { kind: 'choice', choices: ['history', 'pair'], default: 'history', help: 'count clicks alike, or pairs' },
  context: { kind: 'choice', choices: ['history', 'window'], default: 'history', help: 'context of each click' },
  window: { kind: 'integer', min: 1, max: 100_000, default: 5, help: 'window: clicks on each side' },
  shuffle: { kind: 'flag', default: false, help: 'window: reorder each history in every epoch' },
  historyExponent: {
    kind: 'number',
    min: -1,
    max: 1,
    default: -1,
    auto: -1,
    help: 'spectral: divide by history size ^ this',
  },
  categoryExponent: {
    kind: 'number',
    min: -1,
    max: 1,
    default: -1,
    auto: -1,
    help: 'spectral: divide by count ^ this',
  },
  singularExponent: {
    kind: 'number',
    min: 0,
    max: 4,
    default: 0.5,
    defaultBy: '--goal',
    help: 'spectral: times singular value ^ this',
  },
  iterations: {
    kind: 'integer',
    min: 0,
    max: 10_000,
    default: 0,
    defaultBy: '--goal',
    help: 'spectral: passes; 0 to converge',
  },
  poolingExponent: { kind: 'number', min: 0, max: 1, default: 1, help: 'pooled: sum / size ^ this; 1 is the mean' },
  tables: { kind: 'choice', choices: ['one', 'two'], default: 'two', help: 'pooled: one table of vectors, or two' },
  center: { kind: 'flag', default: false, help: 'subtract the mean vector at the end' },
  seed: { kind: 'integer', isCommon: true, min: 0, default: 1, help: 'same seed, same bits, any thread count' },
  threads: {
    kind: 'integer',
    isCommon: true,
    min: 0,
    max: 256,
    default: 0,
    help: 'worker threads; 0 uses every processor',
  },
  hogwild: { kind: 'flag', default: false, help: 'let threads race: faster, no longer reproducible' },
} as const satisfies TableOf<TrainingOptions>;

/** All training options, resolved. */
export type ResolvedTrainingOptions = OptionsOf<typeof trainingOptions>;
