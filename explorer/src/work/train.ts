/** Trains an embedding from a dropped log of clicks: the same histories, kernels and bits as in Node. */
import { historiesFromArrays, InputError, trainEmbedding, type Embedding } from 'category2vec/browser';
import type { OnProgress } from './client.js';
import { readColumns, readCsvStart } from './csv.js';
import type { Task } from './parts.js';
import { readText } from './text.js';

/** Reads two columns of the file and trains on them. */
export async function trainFromFile(
  { file, history, category, filters, options }: Task & { kind: 'train' },
  onProgress: OnProgress,
  onNote: (note: string) => void = () => {},
): Promise<Embedding> {
  onProgress('reading', 0);
  const text = await readText(file);
  const [keys = [], categories = []] = readColumns(text, readCsvStart(text, file.name), [history, category]);
  if (keys.length === 0)
    throw new InputError(`${file.name} holds no clicks; a log has one row per click below its header`);
  const histories = historiesFromArrays(keys, categories, filters, { onNote });
  const provenance = { source: { files: [file.name], history, category } };
  return trainEmbedding({ histories, provenance }, options, {
    onProgress: ({ share, epoch, epochs }) => onProgress(`training, epoch ${epoch} of ${epochs}`, share),
    onChance: () => onProgress('measuring what chance gives', 0),
  });
}
