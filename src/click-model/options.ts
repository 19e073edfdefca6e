// Every option of the click network once: meaning, unit, range, default.
import type { OptionsOf } from '../option-table.js';

/** The table that resolves, checks, documents and prints every option of a click network's training. */
export const clickOptions = {
  transfer: {
    kind: 'choice',
    isCommon: true,
    choices: ['scratch', 'features', 'init', 'hard', 'soft'],
    default: 'scratch',
    help: 'how the embedding is used: not at all (scratch), frozen (features), as a start (init), shared (hard), as an anchor (soft)',
  },
  dimension: { kind: 'integer', isCommon: true, min: 1, max: 1024, default: 32, help: 'numbers per vector of a table' },
  hidden: {
    kind: 'integers',
    min: 1,
    max: 4096,
    most: 2,
    default: [128, 64],
    help: 'outputs of each hidden layer, one or two of them',
  },
  product: {
    kind: 'flag',
    default: true,
    help: 'read the elementwise product of a category and each list, too',
  },
  epochs: {
    kind: 'integer',
    isCommon: true,
    min: 1,
    max: 10_000,
    default: 20,
    help: 'maximum passes over the training rows',
  },
  patience: {
    kind: 'integer',
    min: 1,
    max: 10_000,
    default: 3,
    help: 'epochs without a lower validation loss before training stops',
  },
  batchSize: { kind: 'integer', min: 1, max: 65_536, default: 1024, help: 'rows per gradient step' },
  learningRate: rate(0.001, 'step size of Adam for the dense layers'),
  tableOptimizer: {
    kind: 'choice',
    choices: ['adam', 'adagrad'],
    default: 'adam',
    help: 'optimizer of table rows: lazy Adam, or Adagrad with one sum per row',
  },
  tableRate: rate(0.001, 'step size for tables'),
  transferRate: rate(0.0003, 'step size for tables that start from an embedding'),
  freezeEpochs: {
    kind: 'integer',
    min: 0,
    max: 10_000,
    default: 0,
    help: 'first epochs in which tables from an embedding stay frozen',
  },
  l2: { kind: 'number', min: 0, max: 1, default: 0, help: 'weight decay of the dense layers' },
  tableL2: { kind: 'number', min: 0, max: 1, default: 0, help: 'weight decay of the table rows in a batch' },
  dropout: {
    kind: 'number',
    min: 0,
    max: 0.95,
    default: 0,
    help: 'share of each hidden layer dropped at random in training',
  },
  initialScale: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 100,
    default: 0.5,
    help: 'root mean square of initial table numbers; embeddings are scaled to it',
  },
  unknownShare: {
    kind: 'number',
    min: 0,
    max: 0.5,
    default: 0.01,
    help: 'share of categories read as unknown in training, to learn row 0',
  },
  negativeSampling: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 1,
    default: 1,
    help: 'share of unclicked rows trained on; probabilities are corrected',
  },
  c2vBatches: {
    kind: 'number',
    min: 0,
    max: 1000,
    default: 1,
    help: 'hard, soft: category2vec batches per click batch',
  },
  c2vRate: rate(0.05, 'hard, soft: step size of those batches'),
  lambda: {
    kind: 'number',
    min: 0,
    max: 1e30,
    default: 1,
    help: 'soft: strength of the pull toward the embedding',
  },
  rotation: {
    kind: 'flag',
    default: false,
    help: 'soft: refit a rotation of the anchor after each epoch',
  },
  seed: { kind: 'integer', min: 0, default: 1, help: 'same seed, same bits, any thread count' },
  threads: { kind: 'integer', min: 0, max: 256, default: 0, help: 'worker threads; 0 uses every processor' },
  hogwild: { kind: 'flag', default: false, help: 'let threads race: faster, no longer reproducible' },
} as const;

/** All options of a click network's training, resolved. */
export type ClickOptions = OptionsOf<typeof clickOptions>;

function rate<Default extends number>(byDefault: Default, help: string) {
  return { kind: 'number', min: 0, isMinExcluded: true, max: 100, default: byDefault, help } as const;
}
