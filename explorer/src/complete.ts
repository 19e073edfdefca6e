/** Completion: the most frequent categories that begin with a text, then those that hold it. */
import type { Space } from './space.js';

/** At most `most` categories of any space; upper and lower case are one. */
export function completions(spaces: readonly Space[], text: string, most = 8): string[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const starting = new Set<string>();
  const holding = new Set<string>();
  for (const { embedding } of spaces) {
    // Keys stand in order of their counts.
    for (const key of embedding.vocabulary.keys) {
      const at = key.toLowerCase().indexOf(wanted);
      if (at === 0) starting.add(key);
      else if (at > 0 && holding.size < most) holding.add(key);
      if (starting.size >= most) break;
    }
  }
  return [...starting, ...holding].slice(0, most);
}
