/** The model that flags ask for; flags that it does not read are refused, before the log is read. */
import { InputError } from '../../checks.js';
import { checkModelOptions, chooseModel, type ChosenModel, onlyInEpochs } from '../../training/model-options.js';
import type { TrainingOptions } from '../../training/options.js';
import { flagOf } from './flags.js';

/** What flags give that only training in epochs can use. */
export type EpochFlags = { readonly [Name in (typeof onlyInEpochs)[number] | 'foldIn']?: unknown };

/**
 * Chooses the model and checks what was given of the training options, and what stands beside them.
 *
 * @throws InputError that names the first flag that does not apply
 */
export function checkModelFlags(given: TrainingOptions, flags: EpochFlags): ChosenModel {
  const needs = [...onlyInEpochs, 'foldIn' as const].filter((name) => flags[name] !== undefined);
  const chosen = chooseModel(given, needs);
  checkModelOptions(given, chosen.model);
  const name = onlyInEpochs.find((one) => flags[one] !== undefined);
  if (chosen.model !== 'spectral' || name === undefined) return chosen;
  throw new InputError(`${flagOf(name)} must be left out with --model spectral, which does not train in epochs`);
}

/** `skip-gram, because of --epochs`: the model that was chosen, in words. */
export function describeModel({ model, because }: ChosenModel): string {
  return because === undefined ? model : `${model}, because of ${flagOf(because)}`;
}
