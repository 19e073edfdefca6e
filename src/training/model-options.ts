/** Which training options apply to which model; one that does not is refused where it is given. */
import { describeValue, InputError, named, sentence } from '../checks.js';
import { resolveOptions } from '../option-table.js';
import { trainingOptions, type TrainingOptions, type ResolvedTrainingOptions } from './options.js';

/** A model of `trainingOptions`. */
export type Model = ResolvedTrainingOptions['model'];

type Goal = ResolvedTrainingOptions['goal'];

/**
 * The models in the order in which they are taken where none is given, by what the vectors are for; measured, see
 * docs/tuning-figures.md.
 */
export const modelsOfGoal: Readonly<Record<Goal, readonly [Model, ...Model[]]>> = {
  similar: ['spectral', 'skip-gram', 'cbow', 'pooled'],
  next: ['pooled', 'skip-gram', 'cbow', 'spectral'],
};

/** Numbers per vector that the spectral model can have. */
export const spectralDimensions = { min: 8, max: 512 } as const;

type Option = keyof ResolvedTrainingOptions;

const always: readonly Option[] = ['goal', 'model', 'dimension', 'center', 'seed', 'threads'];
const ofEpochs: readonly Option[] = [
  ...(['epochs', 'learningRate', 'sharedNegatives', 'noiseExponent', 'subsampling'] as const),
  ...(['context', 'window', 'shuffle', 'hogwild'] as const),
];
const ofPooled: readonly Option[] = ['poolingExponent', 'tables'];
const ofSpectral: readonly Option[] = ['historyExponent', 'categoryExponent', 'singularExponent', 'iterations'];

/** The options that a model reads, in the order of `trainingOptions`. */
export const optionsOfModel: Readonly<Record<Model, readonly Option[]>> = {
  'skip-gram': inOrder([...always, ...ofEpochs, 'negatives', 'weighting']),
  cbow: inOrder([...always, ...ofEpochs, 'negatives']),
  pooled: inOrder([...always, ...ofEpochs, ...ofPooled]),
  spectral: inOrder([...always, ...ofSpectral]),
};

/**
 * Defaults that differ from those of `trainingOptions`, by model and goal; measured, see docs/tuning-figures.md. Who gives an
 * exponent of the spectral model asks for a matrix, which is then factorized until convergence.
 */
function defaultsOf(model: Model, goal: Goal, given: TrainingOptions): TrainingOptions {
  if (model === 'pooled') return { noiseExponent: 0 };
  if (model !== 'spectral') return {};
  if (goal === 'next') return { historyExponent: 0.35, categoryExponent: 0.35 };
  const isAuto = [given.historyExponent, given.categoryExponent].every((exponent) => (exponent ?? -1) < 0);
  return { singularExponent: 1, ...(isAuto ? { iterations: 5 } : {}) };
}

/** A model, and why it is not the goal's first one. */
export interface ChosenModel {
  readonly model: Model;
  /** the option or input that the goal's first model does not read; undefined where the model was given or is that first one */
  readonly because?: string | undefined;
}

/**
 * The model that is trained: the one given, else the first of its goal that reads every option that was given.
 *
 * @param given - options that were given, undefined where one was not
 * @param needs - what else was given that only training in epochs can use, such as `start`
 */
export function chooseModel(given: TrainingOptions, needs: readonly string[] = []): ChosenModel {
  if (given.model !== undefined) return { model: given.model };
  const { goal } = resolveOptions(trainingOptions, { goal: given.goal });
  const models = modelsOfGoal[goal];
  const [first] = models;
  const model = models.find((one) => obstacleOf(one, given, needs) === undefined) ?? first;
  return { model, because: model === first ? undefined : obstacleOf(first, given, needs) };
}

/** Whether a model is open to be chosen: none was given, and it reads every option that was. */
export function canBe(model: Model, given: TrainingOptions): boolean {
  return given.model === undefined && obstacleOf(model, given, []) === undefined;
}

/** What keeps a model from being trained as asked; undefined where nothing does. */
function obstacleOf(model: Model, given: TrainingOptions, needs: readonly string[]): string | undefined {
  const names = Object.keys(trainingOptions) as Option[];
  const unread = names.find((name) => given[name] !== undefined && !optionsOfModel[model].includes(name));
  if (unread !== undefined || model !== 'spectral') return unread;
  const { min, max } = spectralDimensions;
  const { dimension = min } = given;
  return dimension < min || dimension > max ? 'dimension' : needs[0];
}

/**
 * Every training option with its value: what was given, else the chosen model, that model's default, the table's.
 *
 * @param needs - see `chooseModel`
 * @throws InputError for an unknown name or a value out of range
 */
export function resolveTrainingOptions(
  given: { readonly [Name in Option]?: ResolvedTrainingOptions[Name] | undefined },
  needs: readonly string[] = [],
): ResolvedTrainingOptions {
  const { model } = resolveOptions(trainingOptions, { model: chooseModel(given, needs).model });
  const { goal } = resolveOptions(trainingOptions, { goal: given.goal });
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return resolveOptions(trainingOptions, { model, ...defaultsOf(model, goal, given), ...set });
}

/** The objective on which an embedding can be trained further: its own where that trains in epochs, else skip-gram. */
export function continuedTraining(options: TrainingOptions): TrainingOptions {
  const { model, tables, noiseExponent, poolingExponent, negatives, weighting } = options;
  if (model === 'pooled') return { model, tables, noiseExponent, poolingExponent };
  if (model === 'cbow') return { model, negatives, noiseExponent };
  return model === 'skip-gram' ? { model, negatives, noiseExponent, weighting } : { model: 'skip-gram' };
}

/**
 * Refuses options that were given though the model does not read them.
 *
 * @param given - options that were given, undefined where one was not
 * @param model - the model that is trained
 * @throws InputError that names the first such option
 */
export function checkModelOptions(given: TrainingOptions, model: Model): void {
  for (const name of Object.keys(trainingOptions) as Option[]) {
    if (given[name] === undefined || optionsOfModel[model].includes(name)) continue;
    throw new InputError(
      sentence`${named(name)} must be left out with ${named('model')} ${model}, got ${describeValue(given[name])}; it
        is an option of ${modelsWith(name).join(' and ')}`,
    );
  }
}

/** The options that a model reads, with their values. */
export function optionsThatApply(options: ResolvedTrainingOptions): TrainingOptions {
  return Object.fromEntries(optionsOfModel[options.model].map((name) => [name, options[name]]));
}

function modelsWith(name: Option): Model[] {
  return (Object.keys(optionsOfModel) as Model[]).filter((model) => optionsOfModel[model].includes(name));
}

function inOrder(names: readonly Option[]): readonly Option[] {
  return (Object.keys(trainingOptions) as Option[]).filter((name) => names.includes(name));
}

/** What training is given beside its options that only training in epochs can use. */
export const onlyInEpochs = ['negativesWithin', 'negativesFrom', 'start', 'checkpoint'] as const;
