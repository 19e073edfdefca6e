/** An embedding that was dropped or trained in the page, as its native file: Parquet, with the attributes that were joined. */
import { categoryTableToBytes } from 'category2vec/browser';
import { download } from './export-csv.js';
import type { Explorer } from './explorer.svelte.js';
import { runSave } from './work/client.js';

/** Saves the last embedding that is not the server's; every command of category2vec reads the file. */
export async function downloadVectors(explorer: Explorer): Promise<void> {
  const space = explorer.spaces.findLast(({ isServed }) => !isServed);
  if (space === undefined) return;
  const { vectors, outputVectors, dimension, provenance } = space.embedding;
  try {
    const table = Uint8Array.from(categoryTableToBytes(space.embedding));
    const parts = { name: space.name, table, dimension, vectors, outputVectors, provenance };
    const bytes = await runSave({ kind: 'save', space: parts });
    download(
      `${space.name.replace(/\.\w+$/, '')}.parquet`,
      new Blob([bytes], { type: 'application/vnd.apache.parquet' }),
    );
  } catch (error) {
    explorer.say(error instanceof Error ? error.message : String(error), true);
  }
}
