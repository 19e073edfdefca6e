/** The objectives that are trained in epochs, by the model that names them. */
import { InputError, named, sentence } from '../checks.js';
import { cbow } from './cbow/objective.js';
import type { Objective } from './objective.js';
import type { ResolvedTrainingOptions } from './options.js';
import { pooled } from './pooled/objective.js';
import { skipGram } from './skip-gram/objective.js';

const objectives: Readonly<Partial<Record<ResolvedTrainingOptions['model'], Objective>>> = {
  'skip-gram': skipGram,
  cbow,
  pooled,
};

/** Table row at which output vectors begin: behind the input vectors, or 0 where one table holds both. */
export function firstOutputRow(
  { model, tables }: Pick<ResolvedTrainingOptions, 'model' | 'tables'>,
  categories: number,
): number {
  return model === 'pooled' && tables === 'one' ? 0 : categories;
}

/** @throws InputError for a model that is not trained in epochs */
export function objectiveOf(model: ResolvedTrainingOptions['model']): Objective {
  const objective = objectives[model];
  if (objective === undefined) {
    throw new InputError(
      sentence`${named('model')} must be one that trains in epochs (${Object.keys(objectives).join(', ')}), got ${model}`,
    );
  }
  return objective;
}
