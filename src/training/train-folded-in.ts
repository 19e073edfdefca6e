/** The most frequent categories that fit are trained, every other one gets a vector from its contexts. */
import { InputError, named, sentence } from '../checks.js';
import { checkOriginColumn, originName } from '../embedding/vector-origin.js';
import { joinAttributes, type AttributesByKey } from '../embedding/join-attributes.js';
import { asInput, type Histories } from '../histories/histories.js';
import { aPreparedLog, attributesOf, type PreparedLog } from '../histories/prepared-log.js';
import type { Attribute } from '../embedding/attribute.js';
import { checkCall, inputsKind, tableKind, type StepProgress } from '../step.js';
import { leastCountThatFits } from './fitting-log.js';
import { foldIn, type FoldedIn } from './fold-in.js';
import { checkModelOptions, chooseModel } from './model-options.js';
import { trainingOptions, type TrainingOptions } from './options.js';
import { trainEmbedding, trainingHooks, type TrainingHooks, type TrainingInput } from './train-embedding.js';

/** What is trained, and what else is learned from. */
export interface FoldedInInput extends Pick<TrainingInput, 'start' | 'alignTo' | 'checkpoint' | 'provenance'> {
  /** as `prepareLog` and `openPreparedLog` give it: it is read once more after training */
  readonly histories: PreparedLog;
  /** attributes of categories, trained or not, as `readAttributes` gives them */
  readonly attributes?: AttributesByKey | undefined;
}

/** An embedding of all categories of a log, and with which of them it was trained. */
export interface TrainedFoldedIn extends FoldedIn {
  /** clicks of the rarest category that was trained: what the log was opened with, or more where vectors would not fit */
  readonly minCount: number;
}

/** What training and folding in tell, and what stops them. */
export interface FoldedInHooks extends Omit<TrainingHooks, 'onProgress'> {
  /** called now and then */
  readonly onProgress?: ((progress: StepProgress) => void) | undefined;
}

const inputKind = inputsKind<FoldedInInput>('a prepared log, or an object such as { histories, attributes }', {
  histories: true,
  attributes: true,
  start: true,
  alignTo: true,
  checkpoint: true,
  provenance: true,
});

/**
 * Trains the categories of at least `minCount` clicks, and gives every other one the mean of the vectors beside it: see
 * `foldIn`. Where the vectors would not fit into memory, fewer categories are trained. What chance gives is not measured.
 *
 * @param input - a prepared log, opened with the `minCount` of what is trained, or an object with it
 * @throws InputError as `trainEmbedding`, and for the spectral model, whose axes weigh contexts unlike each other
 */
export async function trainFoldedIn(
  input: PreparedLog | FoldedInInput,
  options: TrainingOptions = {},
  hooks: FoldedInHooks = {},
): Promise<TrainedFoldedIn> {
  const { histories: log, attributes: table, ...data } = asInput<FoldedInInput>(input);
  checkCall('trainFoldedIn({ histories, attributes, … }, options, hooks)', {
    histories: [log, aPreparedLog],
    input: [data, inputKind],
    options: [options, tableKind(trainingOptions)],
    hooks: [hooks, trainingHooks],
  });
  checkOriginColumn(table?.get(originName)?.values());
  const training = { ...options, model: modelToFoldInto(options) };
  const shape = { isOrdered: training.context === 'window', keepKeys: false, training, signal: hooks.signal };
  const minCount = await leastCountThatFits(log, shape);
  const { manifest } = log;
  const opened = { ...log, manifest: { ...manifest, defaults: { ...manifest.defaults, minCount } } };
  const embedding = await trainEmbedding({ ...data, histories: opened }, { ...training, measuresChance: false }, hooks);
  const folded = await foldIn(embedding, log, {
    weighting: training.weighting ?? 'history',
    seed: training.seed ?? 1,
    attributes: (vocabulary) =>
      attributesBeside({ vocabulary, attributes: attributesOf(manifest, { vocabulary }) }, table),
    signal: hooks.signal,
    onProgress: (share) => hooks.onProgress?.({ stage: 'folding in', share }),
  });
  return { ...folded, minCount };
}

/**
 * The model that is trained where the rest is folded in.
 *
 * @throws InputError for the spectral one, and for options that do not apply
 */
export function modelToFoldInto(options: TrainingOptions) {
  if (options.model === 'spectral') {
    throw new InputError(
      sentence`${named('model')} must be another than spectral where categories are folded in, as its axes weigh contexts
        unlike each other`,
    );
  }
  const { model } = chooseModel(options, ['foldIn']);
  checkModelOptions(options, model);
  return model;
}

/** The attributes that a log gives its categories, and those of a table beside it. */
export function attributesBeside(
  { vocabulary, attributes }: Pick<Histories, 'vocabulary' | 'attributes'>,
  table: AttributesByKey | undefined,
): ReadonlyMap<string, Attribute> {
  const joined = table === undefined ? [] : joinAttributes(vocabulary, table);
  return new Map<string, Attribute>([...(attributes ?? []), ...joined]);
}
