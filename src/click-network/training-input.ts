/** What training a click network takes and what it gives back. */
import type { Embedding } from '../embedding/embedding.js';
import type { KeyHooks } from '../embedding/key-match.js';
import type { Histories } from '../histories/histories.js';
import type { TrainingOptions } from '../training/options.js';
import type { NegativesWithin } from '../training/training-plan.js';
import type { Vocabulary } from '../vocabulary.js';
import type { ClickRows } from '../impressions/impressions.js';
import type { ClickNetwork } from './model.js';
import { hooksKind, type StepHooks, type StepProgress } from '../step.js';

/** An embedding for one of the tables. */
export interface TableTransfer {
  /** index of the table */
  readonly table: number;
  /** the table's categories: category r stands in row r + 1 */
  readonly vocabulary: Vocabulary;
  /** of any dimension and scale; categories it lacks start at the mean of its vectors */
  readonly embedding: Embedding;
  /** the clicks on which `hard` and `soft` continue to train the embedding; their log must end before the first labeled row */
  readonly histories?: Histories | undefined;
  /** where the negatives of those clicks are drawn from, if not from all; codes in the order of the histories' vocabulary */
  readonly negativesWithin?: NegativesWithin | undefined;
  /** objective of those clicks; dimension, rate, seed and threads are those of the click network */
  readonly training?: TrainingOptions | undefined;
}

/** An embedding for the table of a column, and the clicks that `hard` and `soft` continue on. */
export interface ColumnTransfer extends Omit<TableTransfer, 'table' | 'vocabulary' | 'embedding'> {
  /** a categorical or list column, or a history */
  readonly column: string;
  readonly embedding: Embedding;
  /** how messages call them; default `the embedding of COLUMN` and `the log of COLUMN` */
  readonly names?: { readonly embedding?: string | undefined; readonly histories?: string | undefined } | undefined;
}

/** What a click network learns from. */
export interface ClickTrainingInput {
  /** with labels of both kinds */
  readonly train: ClickRows;
  /** for early stopping; with labels of both kinds; the same columns and tables */
  readonly validation: ClickRows;
  /** rows of each table, V + 1 */
  readonly tableSizes: readonly number[];
  /** indices of the tables that have one number a row, which starts at 0, instead of `dimension`; default none */
  readonly ownNumbers?: readonly number[] | undefined;
  /** embeddings, each for one table; default none */
  readonly transfers?: readonly TableTransfer[] | undefined;
}

/** Where a run stands at the end of an epoch. */
export interface ClickProgress extends StepProgress {
  readonly stage: 'training';
  /** share of all epochs done, 0 … 1; training may stop before the last */
  readonly share: number;
  /** from 1 */
  readonly epoch: number;
  readonly epochs: number;
  /** training rows done so far, over all epochs */
  readonly rows: number;
  /** mean log loss of the training rows of this epoch so far, dropout included */
  readonly loss: number;
  /** log loss of the validation rows; undefined within an epoch */
  readonly validationLoss?: number | undefined;
}

/** What training tells, and what stops it. */
export interface ClickTrainingHooks extends StepHooks<ClickProgress>, Pick<KeyHooks, 'onKeys'> {
  /** receives how columns with one table, and embeddings and tables, met by key */
  readonly onKeys?: KeyHooks['onKeys'];
  /** receives what is good to know, such as an embedding that cannot be checked against leaks */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** These hooks as the argument of a step. */
export const clickHooks = hooksKind<ClickTrainingHooks>({ onProgress: true, signal: true, onKeys: true, onNote: true });

/** A trained network and how it went. */
export interface ClickTrainingResult {
  /** of the best epoch */
  readonly network: ClickNetwork;
  /** epochs done */
  readonly epochs: number;
  /** the one with the lowest validation log loss, from 1 */
  readonly bestEpoch: number;
  readonly validation: { readonly logLoss: number };
  /** training rows gone through, over all epochs */
  readonly rows: number;
  /** the embedding as the category2vec batches of `hard` and `soft` left it, per transfer; undefined where there were none */
  readonly embeddings: readonly (Embedding | undefined)[];
}
