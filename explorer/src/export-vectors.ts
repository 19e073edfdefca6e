/** An embedding that was dropped or trained in the page, as its native file: Parquet, with the attributes that were joined. */
import { download } from './export-csv.js';
import type { Explorer } from './explorer.svelte.js';
import { partsOfSpace } from './space.js';
import { runSave } from './work/client.js';

/** Saves the last embedding that is not the server's; every command of category2vec reads the file. */
export async function downloadVectors(explorer: Explorer): Promise<void> {
  const space = explorer.spaces.findLast(({ isServed }) => !isServed);
  if (space === undefined) return;
  try {
    const bytes = await runSave({ kind: 'save', space: partsOfSpace(space) });
    download(
      `${space.name.replace(/\.\w+$/, '')}.parquet`,
      new Blob([bytes], { type: 'application/vnd.apache.parquet' }),
    );
  } catch (error) {
    explorer.say(error instanceof Error ? error.message : String(error), true);
  }
}
