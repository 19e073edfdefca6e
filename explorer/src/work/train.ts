/** Trains an embedding from a dropped log of clicks: the same histories, kernels and bits as in Node. */
import { historiesFromArrays, InputError, trainEmbedding, type Embedding } from 'category2vec/browser';
import type { OnProgress } from './client.js';
import { readCsvStart, readTwoColumns } from './csv.js';
import type { Task } from './parts.js';

/** Reads two columns of the file and trains on them. */
export async function trainFromFile(
  { file, history, category, options }: Task & { kind: 'train' },
  onProgress: OnProgress,
): Promise<Embedding> {
  onProgress('reading', 0);
  const text = await readText(file);
  const columns = readTwoColumns(text, readCsvStart(text, file.name), [history, category]);
  const histories = historiesFromArrays(columns.first, columns.second);
  return trainEmbedding(histories, options, {
    onProgress: ({ share, epoch, epochs }) => onProgress(`training, epoch ${epoch} of ${epochs}`, share),
    provenance: { source: { name: file.name, history, category } },
  });
}

/** The whole file as text. @throws InputError where it is not UTF-8 */
export async function readText(file: Blob): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new InputError('the file must be UTF-8 text');
  }
}
