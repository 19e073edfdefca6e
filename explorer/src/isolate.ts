/** Looks at some categories alone: where they stand among all, or laid out by themselves. */
import type { Explorer } from './explorer.svelte.js';
import { viewOf, wholeView } from './map/view.js';

/** Keeps the selected categories alone, and fills the maps with them. */
export function isolateSelection(explorer: Explorer): void {
  explorer.filters.isolate(explorer.selectedKeys);
  fillMaps(explorer);
}

/** Lays out the isolated categories of the first space by themselves, and shows them so. */
export async function layOutAlone(explorer: Explorer): Promise<void> {
  const [space] = explorer.spaces;
  const { isolated } = explorer.filters;
  if (space === undefined || isolated === undefined) return;
  const { vocabulary } = space.embedding;
  const rows = Int32Array.from([...isolated].flatMap((key) => vocabulary.rowOf(key) ?? [])).toSorted();
  await explorer.layouts.layOutAlone(space, rows);
  if (explorer.layouts.alone === undefined) return;
  explorer.selection = undefined;
  explorer.views = [wholeView, wholeView];
}

/** Back to where the isolated categories stand among all. */
export function leaveAlone(explorer: Explorer): void {
  explorer.layouts.leaveAlone();
  explorer.selection = undefined;
  fillMaps(explorer);
}

function fillMaps(explorer: Explorer): void {
  explorer.views = explorer.views.map((view, i) => {
    const [space, shown] = [explorer.spaces[i], explorer.filters.shown[i]];
    return space === undefined || shown === undefined ? view : viewOf(explorer.layouts.placesOf(space), shown);
  });
}
