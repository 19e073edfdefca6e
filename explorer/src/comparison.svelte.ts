/** Two embeddings: one view or two, how much of their neighborhoods the categories share, and which changed most. */
import type { Layouts } from './layouts.svelte.js';
import { pairPlaces, type Pairing } from './pairing.js';
import type { Space } from './space.js';

/** Categories listed as changed most. */
const mostListed = 20;

/** A category and how many of its ten nearest are the same in both. */
export interface Changed {
  readonly category: string;
  readonly overlap: number;
}

/** What two embeddings have in common. */
export class Comparison {
  /** whether both are one view, whose points walk from the first map to the second */
  isTogether = $state(false);
  /** how far they have walked, from 0 to 1 */
  morph = $state(0);
  /** overlap@10 of the first embedding's categories with the second, once it was asked for; NaN where not compared */
  overlaps = $state.raw<Float64Array | undefined>();
  readonly #layouts: Layouts;
  readonly #spaces: () => readonly Space[];

  readonly pairing: Pairing | undefined = $derived.by(() => {
    const [one, other] = this.#spaces();
    if (!this.isTogether || one === undefined || other === undefined) return undefined;
    return pairPlaces([one, other], this.#layouts.placesOf(one), this.#layouts.placesOf(other));
  });
  /** those whose neighborhoods changed, most first, and of those that changed alike the most frequent first */
  readonly mostChanged: readonly Changed[] = $derived.by(() => {
    const [first] = this.#spaces();
    const { overlaps } = this;
    if (first === undefined || overlaps === undefined) return [];
    return first.embedding.vocabulary.keys
      .map((category, row) => ({ category, overlap: overlaps[row] ?? NaN }))
      .filter(({ overlap }) => overlap < 10)
      .toSorted((a, b) => a.overlap - b.overlap)
      .slice(0, mostListed);
  });

  constructor(layouts: Layouts, spaces: () => readonly Space[]) {
    this.#layouts = layouts;
    this.#spaces = spaces;
  }

  /** The overlaps of a space's rows; NaN where a category was not compared. */
  readonly overlapsOf = ({ embedding }: Space): Float64Array => {
    const [first] = this.#spaces();
    const rowOf = (key: string): number => first?.embedding.vocabulary.rowOf(key) ?? -1;
    return Float64Array.from(embedding.vocabulary.keys, (key) => this.overlaps?.[rowOf(key)] ?? NaN);
  };

  /** As it was before two were shown. */
  reset(): void {
    [this.isTogether, this.morph, this.overlaps] = [false, 0, undefined];
  }
}
