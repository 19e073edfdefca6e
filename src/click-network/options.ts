// Every option of the click network once: meaning, unit, range, default.
import type { OptionsOf, TableOf } from '../option-table.js';

/** How a click network is built and trained. */
export interface ClickOptions {
  /** how the embedding is used; default scratch */
  readonly transfer?: 'scratch' | 'features' | 'init' | 'hard' | 'soft' | undefined;
  /** numbers per vector of a table; whole, 1 to 1,024; default 32 */
  readonly dimension?: number | undefined;
  /** outputs of one or two hidden layers; 1 to 2 whole numbers, 1 to 4,096; default [128, 64] */
  readonly hidden?: readonly number[] | undefined;
  /** read products of categories and lists; default true */
  readonly product?: boolean | undefined;
  /** maximum passes over training rows; whole, 1 to 10,000; default 20 */
  readonly epochs?: number | undefined;
  /** epochs without a lower loss to stop after; whole, 1 to 10,000; default by rows */
  readonly patience?: number | undefined;
  /** rows per gradient step; whole, 1 to 65,536; default by rows */
  readonly batchSize?: number | undefined;
  /** step size for the dense layers; > 0 and ≤ 100; default by rows */
  readonly learningRate?: number | undefined;
  /** optimizer of table rows; default adam */
  readonly tableOptimizer?: 'adam' | 'adagrad' | undefined;
  /** step size for tables; > 0 and ≤ 100; default by rows */
  readonly tableRate?: number | undefined;
  /** step size for tables from embeddings; > 0 and ≤ 100; default by rows */
  readonly transferRate?: number | undefined;
  /** epochs with frozen embeddings; whole, 0 to 10,000; default 0 */
  readonly freezeEpochs?: number | undefined;
  /** weight decay of the dense layers; 0 to 1; default 0 */
  readonly l2?: number | undefined;
  /** weight decay of the table rows in a batch; 0 to 1; default 0 */
  readonly tableL2?: number | undefined;
  /** share of hidden outputs dropped in training; 0 to 0.95; default by rows */
  readonly dropout?: number | undefined;
  /** root mean square of tables at the start; > 0 and ≤ 100; default by rows */
  readonly initialScale?: number | undefined;
  /** share read as unknown, to learn row 0; 0 to 0.5; default 0.01 */
  readonly unknownShare?: number | undefined;
  /** share of unclicked rows that are trained on; > 0 and ≤ 1; default 1 */
  readonly negativeSampling?: number | undefined;
  /** hard, soft: batches per click batch; 0 to 1,000; default by rows */
  readonly c2vBatches?: number | undefined;
  /** hard, soft: step size of these batches; > 0 and ≤ 100; default 0.05 */
  readonly c2vRate?: number | undefined;
  /** soft: strength of the pull to the embedding; 0 to 1,000,000,000,000,000,000,000,000,000,000; default 1 */
  readonly lambda?: number | undefined;
  /** soft: refit a rotation of the anchor after each epoch; default false */
  readonly rotation?: boolean | undefined;
  /** same seed, same bits, any thread count; whole, ≥ 0; default 1 */
  readonly seed?: number | undefined;
  /** worker threads; 0 uses every processor; whole, 0 to 256; default 0 */
  readonly threads?: number | undefined;
  /** let threads race: faster, no longer reproducible; default false */
  readonly hogwild?: boolean | undefined;
}

/** The table that resolves, checks, documents and prints every option of a click network's training. */
export const clickOptions = {
  transfer: {
    kind: 'choice',
    isCommon: true,
    choices: ['scratch', 'features', 'init', 'hard', 'soft'],
    default: 'scratch',
    help: 'how the embedding is used',
  },
  dimension: { kind: 'integer', isCommon: true, min: 1, max: 1024, default: 32, help: 'numbers per vector of a table' },
  hidden: {
    kind: 'integers',
    min: 1,
    max: 4096,
    most: 2,
    default: [128, 64],
    help: 'outputs of one or two hidden layers',
  },
  product: { kind: 'flag', default: true, help: 'read products of categories and lists' },
  epochs: {
    kind: 'integer',
    isCommon: true,
    min: 1,
    max: 10_000,
    default: 20,
    help: 'maximum passes over training rows',
  },
  patience: {
    kind: 'integer',
    min: 1,
    max: 10_000,
    default: 3,
    defaultBy: 'rows',
    help: 'epochs without a lower loss to stop after',
  },
  batchSize: { kind: 'integer', min: 1, max: 65_536, default: 1024, defaultBy: 'rows', help: 'rows per gradient step' },
  learningRate: { ...rate(0.001, 'step size for the dense layers'), defaultBy: 'rows' },
  tableOptimizer: { kind: 'choice', choices: ['adam', 'adagrad'], default: 'adam', help: 'optimizer of table rows' },
  tableRate: { ...rate(0.001, 'step size for tables'), defaultBy: 'rows' },
  transferRate: { ...rate(0.0003, 'step size for tables from embeddings'), defaultBy: 'rows' },
  freezeEpochs: { kind: 'integer', min: 0, max: 10_000, default: 0, help: 'epochs with frozen embeddings' },
  l2: { kind: 'number', min: 0, max: 1, default: 0, help: 'weight decay of the dense layers' },
  tableL2: { kind: 'number', min: 0, max: 1, default: 0, help: 'weight decay of the table rows in a batch' },
  dropout: {
    kind: 'number',
    min: 0,
    max: 0.95,
    default: 0,
    defaultBy: 'rows',
    help: 'share of hidden outputs dropped in training',
  },
  initialScale: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 100,
    default: 0.5,
    defaultBy: 'rows',
    help: 'root mean square of tables at the start',
  },
  unknownShare: { kind: 'number', min: 0, max: 0.5, default: 0.01, help: 'share read as unknown, to learn row 0' },
  negativeSampling: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 1,
    default: 1,
    help: 'share of unclicked rows that are trained on',
  },
  c2vBatches: {
    kind: 'number',
    min: 0,
    max: 1000,
    default: 1,
    defaultBy: 'rows',
    help: 'hard, soft: batches per click batch',
  },
  c2vRate: rate(0.05, 'hard, soft: step size of these batches'),
  lambda: { kind: 'number', min: 0, max: 1e30, default: 1, help: 'soft: strength of the pull to the embedding' },
  rotation: { kind: 'flag', default: false, help: 'soft: refit a rotation of the anchor after each epoch' },
  seed: { kind: 'integer', min: 0, default: 1, help: 'same seed, same bits, any thread count' },
  threads: { kind: 'integer', min: 0, max: 256, default: 0, help: 'worker threads; 0 uses every processor' },
  hogwild: { kind: 'flag', default: false, help: 'let threads race: faster, no longer reproducible' },
} as const satisfies TableOf<ClickOptions>;

/** All options of a click network's training, resolved. */
export type ResolvedClickOptions = OptionsOf<typeof clickOptions>;

function rate<Default extends number>(byDefault: Default, help: string) {
  return { kind: 'number', min: 0, isMinExcluded: true, max: 100, default: byDefault, help } as const;
}
