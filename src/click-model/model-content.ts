/** Whether the files of a click model are those that were written together, to the last bit. */
import { InputError } from '../checks.js';
import type { DenseLayer } from '../click-network/model.js';
import { contentIdOfJson } from '../numerics/fingerprint.js';
import { clickModelFiles } from './model-description.js';

/** What a content id of a click model is of, beside its description. */
export interface ModelContent {
  readonly layers: readonly DenseLayer[];
  /** version of each table's embedding, in their order */
  readonly versions: readonly string[];
}

/** The content id of a click model: of its description, its weights, and keys and vectors of its tables. */
export function contentIdOfModel(description: object, { layers, versions }: ModelContent): string {
  return contentIdOfJson(description, versions, ...layers.flatMap(({ weights, biases }) => [weights, biases]));
}

/**
 * Checks the files of a click model against the content id in its description; models of before have none.
 *
 * @param name - of the model, for the message
 * @throws InputError where a file is damaged or of another model
 */
export function checkModelContent(name: string, description: unknown, content: ModelContent): void {
  if (typeof description !== 'object' || description === null || !('contentId' in description)) return;
  if (description.contentId === contentIdOfModel(description, content)) return;
  const files = Object.values(clickModelFiles).join(', ');
  throw new InputError(
    `${name} is damaged or of parts of several models: ${files} are not what was written together; train it ` +
      'again, or take a copy',
  );
}
