/** Trains an embedding from a dropped log of clicks: the same histories, kernels and bits as in Node. */
import { historiesFromArrays, trainEmbedding, type Embedding } from 'category2vec/browser';
import type { OnProgress } from './client.js';
import { badRow, lineAt, readCsvStart, readTwoColumns } from './csv.js';
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
  const provenance = { source: { name: file.name, history, category } };
  return trainEmbedding({ histories, provenance }, options, {
    onProgress: ({ share, epoch, epochs }) => onProgress(`training, epoch ${epoch} of ${epochs}`, share),
  });
}

/** The whole file as text. @throws InputError where it is not UTF-8, or holds a NUL character, with the line */
export async function readText(file: Blob): Promise<string> {
  const bytes = await file.arrayBuffer();
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const shown = new TextDecoder().decode(bytes);
    throw badRow(lineAt(shown, shown.indexOf('\ufffd')), 'holds bytes that are not UTF-8');
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw badRow(lineAt(text, nul), 'holds a NUL character');
  return text;
}
