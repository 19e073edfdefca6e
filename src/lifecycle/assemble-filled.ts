/** Puts a filled embedding together: what was learned, what was shrunk, and what was guessed. */
import type { Attribute } from '../embedding/attribute.js';
import { Embedding } from '../embedding/embedding.js';
import type { AttributesByKey } from '../embedding/join-attributes.js';
import { Vocabulary } from '../vocabulary.js';
import type { Guess } from './rungs.js';

/** A guess and the rung that it stands on. */
export interface Made {
  readonly origin: Guess;
  /** shape [tables × D] */
  readonly row: Float64Array;
}

/** What a filled embedding is put together from. */
export interface Parts {
  readonly added: readonly string[];
  readonly made: readonly Made[];
  /** row of a rare category → what its attributes say */
  readonly shrunk: ReadonlyMap<number, Made | undefined>;
  readonly table: AttributesByKey;
  readonly rare: number;
  readonly priorClicks: number;
}

/** The embedding with the added categories after its own, rare ones shrunk, and the rung of each as `origin`. */
export function assemble(embedding: Embedding, { added, made, shrunk, table, rare, priorClicks }: Parts): Embedding {
  const { vocabulary, dimension, vectors, outputVectors, attributes, provenance } = embedding;
  const size = vocabulary.size + added.length;
  const grown = (matrix: Float32Array, from: number) => {
    const out = new Float32Array(size * dimension);
    out.set(matrix);
    made.forEach(({ row }, i) => out.set(row.subarray(from, from + dimension), (vocabulary.size + i) * dimension));
    return out;
  };
  const own = grown(vectors, 0);
  const output = outputVectors && grown(outputVectors, dimension);
  const before = attributes.get('origin');
  const origin: Attribute[number][] = vocabulary.keys.map((_, row) => {
    const guess = shrunk.get(row);
    if (guess === undefined || guess.origin === 'mean') return before?.[row] ?? 'learned';
    shrink(own.subarray(row * dimension, (row + 1) * dimension), guess.row, vocabulary.counts[row] ?? 0, priorClicks);
    return 'shrunk';
  });
  const names = [...new Set([...attributes.keys(), ...table.keys()])].filter((name) => name !== 'origin');
  const keys = [...vocabulary.keys, ...added];
  const joined = names.map((name): [string, Attribute] => [
    name,
    keys.map((key, row) => attributes.get(name)?.[row] ?? table.get(name)?.get(key) ?? null),
  ]);
  return new Embedding({
    vocabulary: new Vocabulary(
      keys,
      Float64Array.from(keys, (_, row) => vocabulary.counts[row] ?? 0),
    ),
    dimension,
    vectors: own,
    outputVectors: output,
    attributes: new Map([...joined, ['origin', [...origin, ...made.map((each) => each.origin)]]]),
    provenance: { ...provenance, chain: [...embedding.chain], filled: { added: added.length, rare, priorClicks } },
  });
}

/** (n v + m g) / (n + m), in place. */
function shrink(vector: Float32Array, guess: Float64Array, count: number, prior: number): void {
  vector.forEach((value, d) => (vector[d] = (count * value + prior * (guess[d] ?? 0)) / (count + prior)));
}
