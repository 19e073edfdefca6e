import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { anyDamage, damaged, embeddingOf } from '../formats/samples.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-damaged-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a damaged native file', () => {
  test('is refused in one sentence, or is an embedding that is whole', async () => {
    const path = join(folder, 'damaged.parquet');
    await writeEmbedding(path, embeddingOf(['Zürich', 'Genève', 'a long key with many letters', '🦉'], 8));
    const good = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(anyDamage, async ({ changes }) => {
        writeFileSync(path, damaged(good, { changes, keep: 1, extra: new Uint8Array() }));
        const seen = await readEmbedding(path).catch((error: unknown) => error);
        const isWhole =
          seen instanceof Embedding
            ? seen.vectors.every(Number.isFinite) && seen.vectors.length === seen.vocabulary.size * seen.dimension
            : seen instanceof InputError && !seen.message.includes('\n');
        expect(isWhole).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
