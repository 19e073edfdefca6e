/** What a comparison of transfers takes and gives back. */
import type { ColumnTransfer } from '../click-network/training-input.js';
import type { KeyHooks } from '../embedding/key-match.js';
import type { AttributesByKey } from '../embedding/join-attributes.js';
import type { Figure } from '../numerics/bootstrap.js';
import type { EncoderOptions } from '../click-model/encode.js';
import type { Impressions } from '../impressions/impressions.js';
import type { ClickOptions } from '../click-network/options.js';
import type { Split } from '../impressions/splits.js';
import type { OptionTable } from '../option-table.js';
import type { StepHooks, StepProgress } from '../step.js';

/** A transfer of the network. */
export type Transfer = NonNullable<ClickOptions['transfer']>;

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

/** What is compared on, and with what. */
export interface ComparisonInput {
  /** with labels */
  readonly impressions: Impressions;
  /** rows of each part; the test rows are predicted once by each model */
  readonly split: Split;
  /** with the histories that `hard`, `soft` and the co-click baseline read; default none */
  readonly transfers?: readonly ColumnTransfer[] | undefined;
  /** vectors in place of the embedding's, to compare with; default none */
  readonly placebos?: readonly Placebo[] | undefined;
  /** attribute → category → value, for the purities that are asked for */
  readonly attributes?: AttributesByKey | undefined;
  /** the best possible probability of each row, shape [R]; a simulated world knows it */
  readonly oracle?: ArrayLike<number> | undefined;
}

/** Options of a comparison that commands have as flags. */
export const comparisonOptions = {
  seeds: { kind: 'integer', min: 1, max: 100, default: 3, isCommon: true, help: 'runs of each model' },
  settings: { kind: 'integer', min: 1, max: 3, default: 2, help: 'settings tried for each model' },
} as const satisfies OptionTable;

/** Shares of the labels where none are named. */
export const comparedFractions: readonly number[] = [0.01, 0.03, 0.1, 0.3, 1];

/** What is compared, how often, and how it is judged. */
export interface ComparisonOptions {
  /** which transfers; default all five, or scratch alone where there is no embedding */
  readonly names?: readonly Transfer[] | undefined;
  /** shares of the training labels, each in (0, 1]; default [0.01, 0.03, 0.1, 0.3, 1] */
  readonly fractions?: readonly number[] | undefined;
  /** runs of each model, with seeds 1 …; default 3, at most 100 */
  readonly seeds?: number | undefined;
  /** settings that each model tries on the validation rows, 1 … 3: the same number for all, scratch included; default 2 */
  readonly settings?: number | undefined;
  /** options of all models; `transfer` and `seed` are set by the comparison */
  readonly training?: Omit<ClickOptions, 'transfer' | 'seed'> | undefined;
  /** how categories and numbers are read */
  readonly encoder?: EncoderOptions | undefined;
  /** what the tables that the models end with are judged by; default nothing */
  readonly purities?: readonly PurityQuestion[] | undefined;
  /** bootstrap resamples of the intervals; default 200 */
  readonly resamples?: number | undefined;
  /** accept embeddings and clicks that do not end before the first impression; default false */
  readonly allowLeak?: boolean | undefined;
}

/** All of it, with the defaults filled in. */
export type ComparisonTask = ComparisonInput &
  ComparisonOptions & {
    readonly transfers: readonly ColumnTransfer[];
    readonly names: readonly Transfer[];
    readonly fractions: readonly number[];
    readonly seeds: number;
    readonly settings: number;
  };

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
  /** of all settings tried, beside another model on the other half of the threads; null without the hook `clock` */
  readonly seconds: number | null;
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

/** A model beside the one that validation chooses. */
export interface ValidationLead {
  readonly transfer: string;
  /** its log loss on validation − that of the chosen one; below 0 where it is ahead of it */
  readonly logLoss: number;
  /** of this difference, paired, over users (rows, where there are none) */
  readonly standardError: number;
}

/** The transfer that validation chooses for one fraction of the labels. */
export interface TransferChoice {
  readonly fraction: number;
  /** of those within one standard error of the lowest log loss, the first of features, init, soft, hard */
  readonly transfer: string;
  /** the share of the way from scratch to the oracle's AUC that it goes; null without an oracle */
  readonly gapClosed: number | null;
  /** the transfer of lowest log loss but the chosen one; null where there is no other */
  readonly nextTransfer: ValidationLead | null;
  /** the best of scratch and the baselines; null where none was compared */
  readonly bestBaseline: ValidationLead | null;
}

/** The whole comparison. */
export interface Comparison {
  readonly rows: readonly ComparisonRow[];
  readonly summary: readonly ComparisonSummary[];
  /** per fraction; empty where there is no transfer */
  readonly chosen: readonly TransferChoice[];
  readonly oracle: { readonly auc: number; readonly logLoss: number } | null;
}

/** Where a comparison stands. */
export interface ComparisonProgress extends StepProgress {
  readonly stage: 'comparing';
  /** the one whose turn it is */
  readonly model: string;
}

/** What a comparison tells and asks, and what stops it. */
export interface ComparisonHooks extends StepHooks<ComparisonProgress>, Pick<KeyHooks, 'onKeys'> {
  /** receives what is good to know, such as an embedding that cannot be checked against leaks */
  readonly onNote?: ((note: string) => void) | undefined;
  /** called with every model's predictions of the test rows, in their order; for pairs that the summary lacks */
  readonly onRun?: ((run: ComparedRun) => void) | undefined;
  /** a clock in seconds, from any origin, for the seconds of each row */
  readonly clock?: (() => number) | undefined;
}

/** A model of the comparison and its probabilities of the test rows. */
export interface ComparedRun {
  readonly transfer: string;
  readonly fraction: number;
  readonly seed: number;
  readonly probabilities: Float64Array;
}
