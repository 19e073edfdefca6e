/** The training options that an embedding says it was made with. */
import type { Embedding } from '../embedding/embedding.js';
import { continuedTraining } from './model-options.js';
import { trainingOptions, type TrainingOptions } from './options.js';

/** The options that an embedding's metadata name, as far as they are ours. */
export function optionsOf({ provenance }: Embedding): TrainingOptions {
  const { options } = provenance;
  if (typeof options !== 'object' || options === null) return {};
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(trainingOptions, name)));
}

/**
 * The objective on which an embedding is trained further beside a click model.
 *
 * @param given - what was asked for; default what the embedding was made with
 */
export function furtherTraining(embedding: Embedding, given: TrainingOptions | undefined): TrainingOptions {
  return given === undefined ? continuedTraining(optionsOf(embedding)) : { model: 'skip-gram', ...given };
}
