/** Embeddings of other programs as a command reads them: what is odd about their vectors is a warning. */
import { readEmbedding } from '../../duckdb/tables/read-embedding.js';
import type { Embedding } from '../../embedding/embedding.js';
import { oddVectors } from '../../embedding/odd-vectors.js';
import type { Progress } from './progress.js';

/** Reads an embedding. */
export async function readToldEmbedding(path: string, progress: Progress): Promise<Embedding> {
  return tellVectors(await readEmbedding(path), progress, path);
}

/** Tells it, warnings once the outputs stand; of what was trained here nothing is to be told. */
export function tellVectors(embedding: Embedding, progress: Progress, path: string): Embedding {
  const isOwn = embedding.provenance.options !== undefined;
  for (const { text, isWarning } of isOwn ? [] : oddVectors(embedding)) {
    if (isWarning) progress.warnAtEnd(`${path}: ${text}`);
    else progress.onNote(`${path}: ${text}`);
  }
  return embedding;
}
