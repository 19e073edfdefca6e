/** Embeddings that say what a transfer owes to what its vectors know: permuted within groups, or made from the truth. */
import type { Attribute } from '../embedding/attribute.js';
import { Embedding } from '../embedding/embedding.js';
import { Random, shuffle } from '../numerics/random.js';

/**
 * The same vectors dealt anew among categories of the same value: what is left is the group, and nothing within it.
 *
 * @param groups - one value for each category, in row order; those without one are a group of their own
 */
export function permutedWithin(embedding: Embedding, groups: Attribute, seed: number): Embedding {
  const { vocabulary, dimension, vectors } = embedding;
  const members = new Map<Attribute[number], number[]>();
  groups.forEach((value, row) => {
    const list = members.get(value);
    if (list === undefined) members.set(value, [row]);
    else list.push(row);
  });
  const dealt = new Float32Array(vectors.length);
  const random = new Random(seed, 0x9e27);
  for (const rows of members.values()) {
    const from = shuffle(Uint32Array.from(rows), random);
    rows.forEach((row, i) => {
      const source = (from[i] ?? 0) * dimension;
      dealt.set(vectors.subarray(source, source + dimension), row * dimension);
    });
  }
  return new Embedding({ vocabulary, dimension, vectors: dealt });
}

/** Share of a vector's length that is its group's own; the rest it shares with the outer group. */
const innerShare = 0.7;

/**
 * Vectors of the true groups: a random direction for each pair of outer and inner value, mixed with one of the outer value.
 *
 * @param outer - such as the language of each category; `inner` - such as its topic
 */
export function vectorsOfTruth(
  embedding: Embedding,
  { outer, inner }: { readonly outer: Attribute; readonly inner: Attribute },
  seed: number,
): Embedding {
  const { vocabulary, dimension } = embedding;
  const random = new Random(seed, 0x7247);
  const directions = new Map<string, Float64Array>();
  const directionOf = (name: string): Float64Array => {
    const known = directions.get(name);
    if (known !== undefined) return known;
    const drawn = Float64Array.from({ length: dimension }, () => random.uniform() + random.uniform() - 1);
    directions.set(name, drawn);
    return drawn;
  };
  const vectors = new Float32Array(vocabulary.size * dimension);
  for (let row = 0; row < vocabulary.size; row++) {
    const group = directionOf(JSON.stringify([outer[row], inner[row]]));
    const around = directionOf(JSON.stringify([outer[row]]));
    for (let d = 0; d < dimension; d++) {
      vectors[row * dimension + d] = innerShare * (group[d] ?? 0) + (1 - innerShare) * (around[d] ?? 0);
    }
  }
  return new Embedding({ vocabulary, dimension, vectors });
}
