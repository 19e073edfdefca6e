/** Which training options apply to which model; one that does not is refused where it is given. */
import { describeValue, InputError, named, sentence } from '../checks.js';
import { resolveOptions } from '../option-table.js';
import { trainingOptions, type TrainingOptions, type ResolvedTrainingOptions } from './options.js';

/** A model of `trainingOptions`. */
export type Model = ResolvedTrainingOptions['model'];

type Option = keyof ResolvedTrainingOptions;

const always: readonly Option[] = ['model', 'dimension', 'center', 'seed', 'threads'];
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

/** Defaults that differ from those of `trainingOptions`, by model; measured, see docs/tuning.md. */
export const defaultsOfModel: Readonly<Partial<Record<Model, TrainingOptions>>> = {
  pooled: { noiseExponent: 0 },
};

/**
 * Every training option with its value: what was given, else the model's default, else the table's.
 *
 * @throws InputError for an unknown name or a value out of range
 */
export function resolveTrainingOptions(given: {
  readonly [Name in Option]?: ResolvedTrainingOptions[Name] | undefined;
}): ResolvedTrainingOptions {
  const { model } = resolveOptions(trainingOptions, { model: given.model });
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return resolveOptions(trainingOptions, { ...defaultsOfModel[model], ...set });
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
      sentence`${named(name)} must be left out with model ${model}, got ${describeValue(given[name])}; it is an option of ${modelsWith(name).join(' and ')}`,
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
