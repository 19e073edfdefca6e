/** Chosen points, in the space where they were chosen and in the other one. */
import type { Outline } from './map/outline.js';
import type { Space } from './space.js';

/** How points are placed in the plane. */
export type Layout = 'pca' | 'tsne';

/** Chosen points: rows of one space, and the outline that chose them. */
export interface Selection {
  readonly space: number;
  readonly rows: Int32Array;
  readonly outline: Outline;
  /** in which the outline was drawn */
  readonly layout: Layout;
}

/** The selected categories, in vocabulary order. */
export function keysOf(selection: Selection | undefined, spaces: readonly Space[]): readonly string[] {
  if (selection === undefined) return [];
  const keys = spaces[selection.space]?.embedding.vocabulary.keys ?? [];
  return Array.from(selection.rows, (row) => keys[row] ?? '');
}

/** For each space 1 where a row is selected, in the other one by its key; undefined where nothing is. */
export function masksOf(
  selection: Selection | undefined,
  spaces: readonly Space[],
): readonly (Uint8Array | undefined)[] {
  const selected = keysOf(selection, spaces);
  return spaces.map(({ size, embedding: { vocabulary } }, i) => {
    if (selection === undefined) return undefined;
    const mask = new Uint8Array(size);
    const rows = i === selection.space ? selection.rows : selected.map((key) => vocabulary.rowOf(key));
    for (const row of rows) if (row !== undefined) mask[row] = 1;
    return mask;
  });
}

/** What a map draws of each row: 1 where it is selected, 2 where filters leave it out; undefined where neither is. */
export function marksOf(selected: Uint8Array | undefined, passing: Uint8Array | undefined): Uint8Array | undefined {
  return passing === undefined ? selected : passing.map((passes, row) => (passes === 0 ? 2 : (selected?.[row] ?? 0)));
}
