// Every option of the click network once: meaning, unit, range, default.
import type { OptionsOf } from '../option-table.js';

/** The table that resolves, checks, documents and prints every option of a click network's training. */
export const clickOptions = {
  transfer: {
    kind: 'choice',
    isCommon: true,
    choices: ['scratch', 'features', 'init', 'hard', 'soft'],
    default: 'scratch',
    help: 'how an embedding is used: not at all (scratch), frozen (features), as a start (init), as one table for both networks (hard), or as an anchor (soft)',
  },
  dimension: { kind: 'integer', isCommon: true, min: 1, max: 1024, default: 32, help: 'numbers per vector of a table' },
  hidden1: { kind: 'integer', min: 1, max: 4096, default: 128, help: 'outputs of the first layer' },
  hidden2: { kind: 'integer', min: 0, max: 4096, default: 64, help: 'outputs of the second layer; 0 leaves it out' },
  product: {
    kind: 'flag',
    default: true,
    help: 'also read the elementwise product of a category and each list over the same table',
  },
  epochs: {
    kind: 'integer',
    isCommon: true,
    min: 1,
    max: 10_000,
    default: 20,
    help: 'passes over all training rows, at most',
  },
  patience: {
    kind: 'integer',
    min: 1,
    max: 10_000,
    default: 3,
    help: 'epochs without a lower log loss on the validation rows after which training ends; the best epoch is kept',
  },
  batchSize: { kind: 'integer', min: 1, max: 65_536, default: 1024, help: 'rows whose gradients make one step' },
  learningRate: rate(0.001, 'step size of Adam for the layers'),
  tableOptimizer: {
    kind: 'choice',
    choices: ['adam', 'adagrad'],
    default: 'adam',
    help: 'step of the table rows that a batch met: lazy Adam, or Adagrad with one sum for each row',
  },
  tableRate: rate(0.001, 'step size for tables'),
  transferRate: rate(0.0003, 'step size for tables that start from an embedding'),
  freezeEpochs: {
    kind: 'integer',
    min: 0,
    max: 10_000,
    default: 0,
    help: 'first epochs in which tables that start from an embedding stay as they are',
  },
  l2: { kind: 'number', min: 0, max: 1, default: 0, help: 'pull of the layers toward 0, as a gradient per weight' },
  tableL2: { kind: 'number', min: 0, max: 1, default: 0, help: 'pull of the table rows that a batch met toward 0' },
  dropout: {
    kind: 'number',
    min: 0,
    max: 0.95,
    default: 0,
    help: 'share of each hidden layer left out by chance in training',
  },
  initialScale: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 100,
    default: 0.5,
    help: 'root mean square of the numbers that tables start with; an embedding is brought to it',
  },
  unknownShare: {
    kind: 'number',
    min: 0,
    max: 0.5,
    default: 0.01,
    help: 'share of categories read as unknown in training, so that row 0 is learned',
  },
  negativeSampling: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 1,
    default: 1,
    help: 'share of the rows without a click that is trained on; probabilities are corrected for it',
  },
  c2vBatches: {
    kind: 'number',
    min: 0,
    max: 1000,
    default: 1,
    help: 'category2vec batches for each click batch, where transfer is hard or soft',
  },
  c2vRate: rate(0.05, 'step size of category2vec in those batches'),
  lambda: {
    kind: 'number',
    min: 0,
    max: 1e30,
    default: 1,
    help: 'strength of the pull toward the embedding, where transfer is soft',
  },
  rotation: {
    kind: 'flag',
    default: false,
    help: 'let the anchor of soft turn with the table: an orthogonal matrix is fitted after each epoch',
  },
  seed: { kind: 'integer', min: 0, default: 1, help: 'the same seed gives the same bits at any thread count' },
  threads: { kind: 'integer', min: 0, max: 256, default: 0, help: 'worker threads; 0 takes one for each processor' },
  hogwild: { kind: 'flag', default: false, help: 'let threads race: faster, no longer reproducible' },
} as const;

/** All options of a click network's training, resolved. */
export type ClickOptions = OptionsOf<typeof clickOptions>;

function rate<Default extends number>(byDefault: Default, help: string) {
  return { kind: 'number', min: 0, isMinExcluded: true, max: 100, default: byDefault, help } as const;
}
