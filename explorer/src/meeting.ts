/** How two embeddings side by side met: a category is looked up in the other by its exact key. */
import { InputError, matchKeys, matchWarning } from 'category2vec/browser';
import type { Space } from './space.js';

/**
 * What must be known of it: undefined where at least half of the fewer categories are in the other, too, or there is no
 * other.
 */
export function meetingWarning([one, other]: readonly Space[]): string | undefined {
  if (one === undefined || other === undefined) return undefined;
  const [few, many] = other.size < one.size ? [other, one] : [one, other];
  const names = { keys: `categories of ${few.name}`, partner: many.name };
  try {
    return matchWarning(matchKeys(few.embedding.vocabulary.keys, many.embedding.vocabulary, names));
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}
