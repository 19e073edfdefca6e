/** An embedding's own file read without DuckDB: exactly the columns that `writeEmbedding` writes, or nothing. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { readNativeEmbedding, type EmbeddingFile } from '../../formats/native-embedding.js';

/** Bytes of a file that is held in memory beside its embedding; larger ones take long enough for DuckDB's start not to matter. */
const largestFile = 2 ** 26;

/**
 * Reads a file that `writeEmbedding` wrote.
 *
 * @returns undefined for every other file, and for a missing, damaged or large one: DuckDB reads it, or says what is
 *   wrong with it
 */
export async function readPlainEmbedding(path: string): Promise<EmbeddingFile | undefined> {
  const bytes = await readSmallFile(path);
  return bytes && plainEmbeddingFromBytes(bytes);
}

/** The same of the bytes of a file. */
export function plainEmbeddingFromBytes(bytes: Uint8Array): EmbeddingFile | undefined {
  try {
    return readNativeEmbedding(bytes);
  } catch {
    return undefined;
  }
}

async function readSmallFile(path: string): Promise<Uint8Array | undefined> {
  try {
    // a pipe, which would wait for whoever writes into it, is left to those who ask what it is
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      return status.isFile() && status.size <= largestFile ? await file.readFile() : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
