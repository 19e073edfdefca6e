/** An embedding that was dropped or trained in the page, as its native file: Parquet, with the attributes that were joined. */
import { selectRows } from 'category2vec/browser';
import { download } from './export-csv.js';
import type { Explorer } from './explorer.svelte.js';
import { partsOfSpace } from './space.js';
import { runSave } from './work/client.js';

/** Saves what filters leave of the last embedding that is not the server's; every command of category2vec reads the file. */
export async function downloadVectors(explorer: Explorer): Promise<void> {
  const at = explorer.spaces.findLastIndex(({ isServed }) => !isServed);
  const [whole, rows] = [explorer.spaces[at], explorer.filters.shown[at]];
  if (whole === undefined) return;
  try {
    const space = rows === undefined ? whole : { ...whole, embedding: selectRows(whole.embedding, rows) };
    const bytes = await runSave({ kind: 'save', space: partsOfSpace(space) });
    download(
      `${space.name.replace(/\.\w+$/, '')}.parquet`,
      new Blob([bytes], { type: 'application/vnd.apache.parquet' }),
    );
  } catch (error) {
    explorer.say(error instanceof Error ? error.message : String(error), true);
  }
}
