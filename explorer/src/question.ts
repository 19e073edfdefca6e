/** What is asked of the embeddings: the neighbors of a category, of an average, of more like these and less like those. */
import type { Neighbor } from 'category2vec/browser';
import type { Space } from './space.js';

/** A question in the words of the page. */
export type Question =
  | { readonly kind: 'category'; readonly category: string }
  | { readonly kind: 'average'; readonly categories: readonly string[] }
  | { readonly kind: 'mix'; readonly like: readonly string[]; readonly unlike: readonly string[] };

/** The answer of one space. */
export interface SpaceAnswer {
  readonly space: Space;
  readonly neighbors: readonly Neighbor[];
  /** asked categories that this space does not have */
  readonly unknown: readonly string[];
}

/**
 * Asks one space; categories that it does not know are left out of the question.
 *
 * @param exclude - categories that are no answer
 */
export function ask(question: Question, space: Space, k: number, exclude: readonly string[] = []): SpaceAnswer {
  const { embedding } = space;
  const unknown = categoriesOf(question).filter((key) => embedding.vocabulary.rowOf(key) === undefined);
  const known = (keys: readonly string[]): string[] =>
    unknown.length === 0 ? [...keys] : keys.filter((key) => embedding.vocabulary.rowOf(key) !== undefined);
  const start = performance.now();
  const neighbors = search();
  performance.measure('neighbors', { start });
  return { space, neighbors, unknown };

  function search(): readonly Neighbor[] {
    if (question.kind === 'mix') {
      const [like, unlike] = [known(question.like), known(question.unlike)];
      return like.length + unlike.length === 0 ? [] : embedding.nearest({ like, unlike }, k, { exclude });
    }
    const keys = known(categoriesOf(question));
    const [only] = keys;
    if (only === undefined) return [];
    return embedding.nearest(keys.length === 1 ? only : keys, k, { exclude });
  }
}

/** Every category that a question names. */
export function categoriesOf(question: Question): readonly string[] {
  if (question.kind === 'category') return [question.category];
  return question.kind === 'average' ? question.categories : [...question.like, ...question.unlike];
}

/** A question as a heading. */
export function titleOf(question: Question): string {
  if (question.kind === 'category') return question.category;
  if (question.kind === 'average') return `Average of ${question.categories.length.toLocaleString('en')} categories`;
  const parts = [
    question.like.length > 0 ? `like ${question.like.join(', ')}` : '',
    question.unlike.length > 0 ? `unlike ${question.unlike.join(', ')}` : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** Categories among the neighbors of every answer. */
export function sharedNeighbors(answers: readonly SpaceAnswer[]): ReadonlySet<string> {
  const [first, ...others] = answers.map(({ neighbors }) => new Set(neighbors.map(({ category }) => category)));
  return new Set([...(first ?? [])].filter((category) => others.every((other) => other.has(category))));
}
