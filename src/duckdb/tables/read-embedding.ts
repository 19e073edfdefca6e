/** Reads an embedding: what we wrote ourselves at once, any other table through DuckDB, which is then loaded. */
import type { Embedding } from '../../embedding/embedding.js';
import { checkCall, path as aPath } from '../../step.js';
import type { EmbeddingFile } from '../../formats/native-embedding.js';
import { readPlainEmbedding } from './plain-embedding.js';

/**
 * Reads an embedding from its native file, or from any Parquet file with a text column `category` and a column `vector`
 * of lists of numbers, such as one that pandas has written back without our metadata (then with empty provenance, and
 * counts of 0 where there is no `count`).
 *
 * @throws InputError, one sentence, for a file that is missing, truncated, damaged, of a newer format version, not
 *   Parquet, not an embedding; for vectors of unequal length, numbers that are not finite, missing and repeated keys
 */
export async function readEmbedding(path: string): Promise<Embedding> {
  checkCall('readEmbedding(path)', { path: [path, aPath] });
  return (await readEmbeddingFile(path)).embedding;
}

/**
 * Reads an embedding with the key-value metadata of its file. What we wrote ourselves is read without DuckDB, whose
 * start alone takes longer than most embeddings.
 *
 * @throws InputError as `readEmbedding`
 */
export async function readEmbeddingFile(path: string): Promise<EmbeddingFile> {
  const plain = await readPlainEmbedding(path);
  return plain ?? (await import('./embedding-table.js')).embeddingFromTable(path);
}
