/** The page's worker: opens what the server has, reads what was dropped, trains; answers with an embedding in parts. */
import { Embedding, InputError, oddVectors, projectEmbedding } from 'category2vec/browser';
import { categoryTableFromBytes, categoryTableToBytes } from 'category2vec/page';
import { overlapsOf } from './overlap.js';
import { principalPlane } from './plane.js';
import { readEmbeddingFiles } from './read-files.js';
import { trainFromFile } from './train.js';
import type { SpaceTask } from './client.js';
import type { Answer, SpaceParts, Task } from './parts.js';

globalThis.addEventListener('message', ({ data }: MessageEvent<Task>) => void run(data));

const oneThread =
  'Trained on one thread: the host of this page does not isolate it (headers COOP and COEP), so its threads cannot share memory.';
const noChance =
  'Neighbors have no confidence: even where nothing is shared, vectors of such a log point in one direction, which ' +
  'most often means few histories.';

async function run(task: Task): Promise<void> {
  try {
    if (task.kind === 'save') return await save(task.space);
    if (task.kind === 'compare') return await compare(task);
    const space = await spaceOf(task);
    const buffers = [space.table, space.vectors, space.outputVectors, space.coordinates].flatMap((array) =>
      array?.buffer instanceof ArrayBuffer ? [array.buffer] : [],
    );
    tell({ kind: 'done', space }, [...new Set(buffers)]);
  } catch (error) {
    tell({ kind: 'failed', sentence: sentenceOf(error) });
  }
}

type EmbeddingParts = Omit<SpaceParts, 'coordinates'>;

async function save(space: EmbeddingParts): Promise<void> {
  onProgress('writing', 0);
  const { embeddingToParquet } = await import('./write-parquet.js');
  const bytes = await embeddingToParquet(embeddingOf(space));
  tell({ kind: 'saved', bytes }, [bytes.buffer]);
}

async function compare({ spaces: [one, other], k }: Task & { kind: 'compare' }): Promise<void> {
  if (one === undefined || other === undefined) throw new InputError('two embeddings must be compared, got one');
  const overlaps = await overlapsOf([embeddingOf(one), embeddingOf(other)], k, (share) =>
    onProgress('comparing neighborhoods', share),
  );
  tell({ kind: 'compared', overlaps }, [overlaps.buffer]);
}

function embeddingOf({ table, dimension, vectors, outputVectors, provenance }: EmbeddingParts): Embedding {
  return new Embedding({ ...categoryTableFromBytes(table), dimension, vectors, outputVectors, provenance });
}

async function spaceOf(task: SpaceTask): Promise<SpaceParts> {
  switch (task.kind) {
    case 'open':
      return openServed(task);
    case 'read': {
      const { name, embedding } = await readEmbeddingFiles(task.files);
      const notes = oddVectors(embedding).map(({ text }) => text);
      return { ...partsOf(name, embedding), ...(notes.length === 0 ? {} : { note: sentences(notes) }) };
    }
    case 'lay out':
      return layOut(task.space);
    case 'train': {
      const odd: string[] = [];
      const embedding = await trainFromFile(task, onProgress, (note) => odd.push(note));
      const notes = [
        sentences(odd),
        `Trained with the ${modelOf(embedding)} model.`,
        ...(globalThis.crossOriginIsolated ? [] : [oneThread]),
        ...(embedding.chance === undefined ? [noChance] : []),
      ];
      return { ...partsOf(task.file.name, embedding), note: notes.filter((note) => note !== '').join(' ') };
    }
  }
}

/** Notes of the library as sentences that stand one after the other. */
function sentences(notes: readonly string[]): string {
  return notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`).join(' ');
}

async function openServed({ name, url, dimension, provenance }: Task & { kind: 'open' }): Promise<SpaceParts> {
  onProgress('loading', 0);
  const [table, vectors] = await Promise.all([fetchBytes(`${url}/categories`), fetchBytes(`${url}/vectors`)]);
  const matrix = new Float32Array(vectors.buffer);
  return { name, table, dimension, vectors: matrix, provenance, coordinates: principalPlane(matrix, dimension) };
}

/** Places the points by t-SNE, and says how far the picture can be trusted. */
async function layOut(space: EmbeddingParts): Promise<SpaceParts> {
  const { name } = space;
  const embedding = embeddingOf(space);
  const hooks = {
    onProgress: ({ share }: { readonly share: number }) => onProgress(`laying out ${name} by t-SNE`, share),
  };
  const { coordinates, quality } = await projectEmbedding(embedding, { method: 'tsne' }, hooks);
  return { ...space, coordinates, quality };
}

async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url).catch(() => undefined);
  if (response?.ok !== true) throw new InputError('The server does not answer; start category2vec explore again.');
  return new Uint8Array(await response.arrayBuffer());
}

function partsOf(name: string, embedding: Embedding): SpaceParts {
  const { dimension, provenance } = embedding;
  // Training may leave its vectors in memory that is shared, or larger than they are.
  const vectors = Float32Array.from(embedding.vectors);
  const outputVectors = embedding.outputVectors && Float32Array.from(embedding.outputVectors);
  const table = Uint8Array.from(categoryTableToBytes(embedding));
  const coordinates = principalPlane(vectors, dimension);
  return { name, table, dimension, vectors, outputVectors, provenance, coordinates };
}

function modelOf({ provenance }: Embedding): string {
  const model = provenance.options?.['model'];
  return typeof model === 'string' ? model : 'chosen';
}

function onProgress(step: string, share: number): void {
  tell({ kind: 'progress', step, share });
}

function tell(answer: Answer, transfer: Transferable[] = []): void {
  globalThis.postMessage(answer, { transfer });
}

function sentenceOf(error: unknown): string {
  if (error instanceof InputError) return error.message;
  return `Something went wrong in this page: ${error instanceof Error ? error.message : String(error)}`;
}
