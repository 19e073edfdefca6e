/** Embeddings with planted groups, and small ones from lists. */
import { Embedding } from '../../src/embedding/embedding.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

/** An embedding of given vectors; categories c0, c1, … of one click each. */
export function embeddingOf(
  rows: readonly (readonly number[])[],
  attributes?: ReadonlyMap<string, string[]>,
): Embedding {
  const keys = rows.map((_, i) => `c${i}`);
  return new Embedding({
    vocabulary: new Vocabulary(keys, new Float64Array(rows.length).fill(1)),
    dimension: rows[0]?.length ?? 1,
    vectors: Float32Array.from(rows.flat()),
    ...(attributes === undefined ? {} : { attributes }),
  });
}

/** Groups of equal size around random centers, row i in group i mod `groups`; attribute `group`. */
export function clusters({ rows = 300, groups = 6, dimension = 8, spread = 0.3, seed = 1 } = {}): Embedding {
  const random = new Random(seed);
  // the sum of twelve uniform numbers less six is nearly normal
  const normal = () => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b, -6);
  const centers = Array.from({ length: groups }, () => Array.from({ length: dimension }, normal));
  const vectors = Array.from({ length: rows }, (_, i) =>
    (centers[i % groups] ?? []).map((center) => center + spread * normal()),
  );
  return embeddingOf(vectors, new Map([['group', vectors.map((_, i) => `g${i % groups}`)]]));
}
