/** What a comparison of transfers takes and gives back. */
import type { ColumnTransfer } from '../click-network/training-input.js';
import type { KeyHooks } from '../embedding/key-match.js';
import type { AttributesByKey } from '../embedding/join-attributes.js';
import type { Figure } from '../numerics/bootstrap.js';
import type { EncoderOptions } from '../click-model/encode.js';
import type { Impressions } from '../impressions/impressions.js';
import type { ClickOptions, ResolvedClickOptions } from '../click-network/options.js';
import type { Split } from '../impressions/splits.js';

/** A transfer of the network. */
export type Transfer = ResolvedClickOptions['transfer'];

/** Vectors in place of the embedding's, used as `features`. */
export interface Placebo {
  readonly name: string;
  readonly transfers: readonly ColumnTransfer[];
}

/** What the table that a model ended with is judged by. */
export interface PurityQuestion {
  readonly attribute: string;
  readonly within?: string | undefined;
}

/** What is compared, and on what. */
export interface ComparisonTask {
  readonly impressions: Impressions;
  readonly split: Split;
  readonly encoder?: EncoderOptions | undefined;
  /** with the histories that `hard`, `soft` and the co-click baseline read */
  readonly transfers: readonly ColumnTransfer[];
  /** of all models; `transfer` and `seed` are set by the comparison */
  readonly options?: ClickOptions | undefined;
  readonly names: readonly Transfer[];
  /** shares of the training labels, each in (0, 1] */
  readonly fractions: readonly number[];
  /** runs of each model, with seeds 1 … */
  readonly seeds: number;
  /** settings that each model tries on the validation rows, 1 … 3: the same number for all, scratch included */
  readonly settings: number;
  readonly placebos?: readonly Placebo[] | undefined;
  readonly attributes?: AttributesByKey | undefined;
  readonly purities?: readonly PurityQuestion[] | undefined;
  /** the best possible probability of each row, shape [R]; a simulated world knows it */
  readonly oracle?: ArrayLike<number> | undefined;
  /** of the intervals; default 200 */
  readonly resamples?: number | undefined;
  /** accept embeddings and clicks that do not end before the first impression; default false */
  readonly allowLeak?: boolean | undefined;
}

/** One model trained on one fraction with one seed. */
export interface ComparisonRow {
  readonly transfer: string;
  readonly fraction: number;
  readonly seed: number;
  /** on the test rows */
  readonly auc: number;
  readonly logLoss: number;
  readonly validationLogLoss: number;
  /** of the table of what is shown, by question; empty for baselines */
  readonly purity: Readonly<Record<string, number>>;
  /** of all settings tried */
  readonly seconds: number;
  /** the setting that was best on the validation rows */
  readonly setting: ClickOptions;
}

/** A model's figures over all seeds, and paired with scratch. */
export interface ComparisonSummary {
  readonly transfer: string;
  readonly fraction: number;
  readonly auc: Figure;
  readonly logLoss: Figure;
  readonly aucOverScratch: Figure | null;
  readonly logLossOverScratch: Figure | null;
}

/** The whole comparison. */
export interface Comparison {
  readonly rows: readonly ComparisonRow[];
  readonly summary: readonly ComparisonSummary[];
  /** per fraction: the transfer with the lowest log loss on validation, and the share of the way from scratch to the oracle's AUC that it goes */
  readonly chosen: readonly {
    readonly fraction: number;
    readonly transfer: string;
    readonly gapClosed: number | null;
  }[];
  readonly oracle: { readonly auc: number; readonly logLoss: number } | null;
}

/** Hooks of a comparison; `clock` returns seconds, because this floor reads none. */
export interface ComparisonHooks extends Pick<KeyHooks, 'onKeys'> {
  /** receives what is good to know, such as an embedding that cannot be checked against leaks */
  readonly onNote?: ((note: string) => void) | undefined;
  readonly onProgress?: ((done: { readonly share: number; readonly model: string }) => void) | undefined;
  /** called with every model's predictions of the test rows, in their order; for pairs that the summary lacks */
  readonly onRun?: ((run: ComparedRun) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock: () => number;
}

/** A model of the comparison and its probabilities of the test rows. */
export interface ComparedRun {
  readonly transfer: string;
  readonly fraction: number;
  readonly seed: number;
  readonly probabilities: Float64Array;
}
