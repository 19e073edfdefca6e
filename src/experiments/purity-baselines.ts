/** Whether an embedding's neighbors share labels more often than those of baselines that nobody has to train with care. */
import { anEmbedding, Embedding } from '../embedding/embedding.js';
import { meetKeys, type KeyHooks } from '../embedding/key-match.js';
import { coOccurrenceShares } from '../evaluation/co-occurrence-purity.js';
import { labelShares, type LabelPurityOptions, type MeasureHooks } from '../evaluation/label-purity.js';
import { someHistories, type Histories } from '../histories/histories.js';
import { bootstrapMeans, type Figure } from '../numerics/bootstrap.js';
import { checkCall, inputsKind, hooksKind, neededOptionsKind } from '../step.js';
import { spectralDimensions } from '../training/model-options.js';
import { trainEmbedding } from '../training/train-embedding.js';

/** What an embedding's purity stands beside. */
export type PurityBaseline = 'coOccurrence' | 'spectral';

/** How the purity of an embedding and its baselines is measured. */
export interface PurityBaselineOptions extends Pick<
  LabelPurityOptions,
  'attribute' | 'k' | 'within' | 'separator' | 'seed'
> {
  /** draws of the bootstrap; default 1000, 0 for none */
  readonly resamples?: number | undefined;
  /** worker threads of the spectral model; 0 uses every processor; default 0 */
  readonly threads?: number | undefined;
}

/** Purity of an embedding beside that of its baselines, with 95 % intervals over the labeled categories. */
export interface PurityBeside {
  /** purity of the embedding and of each baseline, all on the same categories */
  readonly scores: Readonly<Record<PurityBaseline | 'vectors', Figure>>;
  /** vectors − baseline, paired */
  readonly differences: Readonly<Record<PurityBaseline, Figure>>;
  /** baselines with a higher purity than the embedding, best first */
  readonly better: readonly PurityBaseline[];
}

/** What is judged, and the log that it was trained on. */
export interface PurityBaselineInput {
  /** with the attribute to judge by */
  readonly embedding: Embedding;
  /** the log that the embedding was trained on */
  readonly histories: Histories;
}

const inputKind = inputsKind<PurityBaselineInput>('an object such as { embedding, histories }', {
  embedding: true,
  histories: true,
});
const hookKind = hooksKind<MeasureHooks & KeyHooks>({ onProgress: true, signal: true, onKeys: true, gathered: true });
const baselines: readonly PurityBaseline[] = ['coOccurrence', 'spectral'];
const optionKind = neededOptionsKind<PurityBaselineOptions>({
  attribute: true,
  k: true,
  within: true,
  separator: true,
  seed: true,
  resamples: true,
  threads: true,
});

/**
 * Label purity of an embedding, of co-occurrence, and of the spectral model as `train` has it by default, with as many numbers.
 *
 * Neighbors are looked for among the labeled categories of the embedding; those that the log lacks have no neighbors by
 * a baseline, which counts as chance.
 *
 * @throws InputError as `labelPurity`, and where categories are only spelled otherwise in the log (see `matchKeys`)
 */
export async function purityBaselines(
  input: PurityBaselineInput,
  options: PurityBaselineOptions,
  hooks: MeasureHooks & KeyHooks = {},
): Promise<PurityBeside> {
  const call = 'purityBaselines({ embedding, histories }, { attribute, … }, hooks)';
  checkCall(call, { input: [input, inputKind] });
  const { embedding, histories } = input;
  checkCall(call, {
    embedding: [embedding, anEmbedding],
    histories: [histories, someHistories],
    options: [options, optionKind],
    hooks: [hooks, hookKind],
  });
  const names = { keys: 'categories of the embedding', partner: 'the log' };
  meetKeys(embedding.vocabulary.keys, histories.vocabulary, names, hooks);
  const { resamples, threads = 0, ...labels } = options;
  const { shares: vectors, rows } = await labelShares(embedding, labels, hooks);
  const coOccurrence = await coOccurrenceShares(embedding, histories, labels, hooks);
  const { shares: spectral } = await labelShares(await spectralBeside(embedding, histories, options), labels, hooks);
  const { means, differences } = bootstrapMeans(
    [vectors, coOccurrence, spectral],
    [
      [0, 1],
      [0, 2],
    ],
    { clusters: rows, resamples, seed: labels.seed },
  );
  const [own = nothing, ...others] = means;
  const byName = (figures: readonly Figure[]) => ({
    coOccurrence: figures[0] ?? nothing,
    spectral: figures[1] ?? nothing,
  });
  const scores = byName(others);
  return {
    scores: { vectors: own, ...scores },
    differences: byName(differences),
    better: baselines
      .filter((name) => scores[name].value > own.value)
      .sort((a, b) => scores[b].value - scores[a].value),
  };

  async function spectralBeside(of: Embedding, log: Histories, { seed }: PurityBaselineOptions): Promise<Embedding> {
    const { min, max } = spectralDimensions;
    const dimension = Math.max(min, Math.min(max, of.dimension));
    const trained = await trainEmbedding(
      log,
      { model: 'spectral', dimension, seed, threads, measuresChance: false },
      { signal: hooks.signal },
    );
    return withRowsOf(of, trained);
  }
}

const nothing: Figure = { value: NaN, low: NaN, high: NaN };

/** The vectors of one embedding for the categories of another; zeros where it lacks one. */
function withRowsOf({ vocabulary, attributes }: Embedding, { vectors, dimension, ...from }: Embedding): Embedding {
  const rows = new Float32Array(vocabulary.size * dimension);
  vocabulary.keys.forEach((key, row) => {
    const known = from.vocabulary.rowOf(key);
    if (known !== undefined) rows.set(vectors.subarray(known * dimension, (known + 1) * dimension), row * dimension);
  });
  return new Embedding({ vocabulary, dimension, vectors: rows, attributes });
}
