/** An embedding that was dropped or trained in the page, as a file: safetensors, which holds every key. */
import { embeddingToSafetensors } from 'category2vec/browser';
import { download } from './export-csv.js';
import type { Explorer } from './explorer.svelte.js';

/** Saves the last embedding that is not the server's; `category2vec import --format safetensors` reads it. */
export function downloadVectors({ spaces }: Explorer): void {
  const space = spaces.findLast(({ isServed }) => !isServed);
  if (space === undefined) return;
  const parts = Array.from(embeddingToSafetensors(space.embedding), (part) => Uint8Array.from(part));
  download(`${space.name.replace(/\.\w+$/, '')}.safetensors`, new Blob(parts));
}
