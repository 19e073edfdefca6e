/** Flags that the chosen model does not read are refused, before the log is read. */
import { InputError } from '../../checks.js';
import { checkModelOptions } from '../../training/model-options.js';
import { trainingOptions } from '../../training/options.js';
import { flagOf, type Given } from './flags.js';

const ofEpochs = ['negativesWithin', 'negativesFrom', 'start', 'checkpoint'] as const;

/**
 * Checks what was given of the training options, and what stands beside them.
 *
 * @throws InputError that names the first flag that does not apply
 */
export function checkModelFlags(
  given: Given<typeof trainingOptions>,
  flags: { readonly [Name in (typeof ofEpochs)[number]]?: unknown },
): void {
  const model = given.model ?? trainingOptions.model.default;
  checkModelOptions(given, model);
  const name = ofEpochs.find((one) => flags[one] !== undefined);
  if (model !== 'spectral' || name === undefined) return;
  throw new InputError(`${flagOf(name)} must be left out with --model spectral, which does not train in epochs`);
}
