/** An embedding with known groups: what the tests of the page look at. */
import { type Attribute, Embedding } from '../../src/embedding/embedding.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

const groups = ['amber', 'birch', 'cedar', 'dahlia', 'elm', 'fern'];

/**
 * Categories around one center for each of six groups, named `amber-0`, `birch-1`, …; attributes `group` and
 * `length` (a number).
 *
 * @param noise - how far they stray from the center
 */
export function plantedEmbedding(size: number, { seed = 1, noise = 0.7, dimension = 16 } = {}): Embedding {
  const random = new Random(seed);
  const number = (): number => random.uniform() + random.uniform() + random.uniform() - 1.5;
  const centers = Float32Array.from({ length: groups.length * dimension }, number);
  const group = (row: number): number => row % groups.length;
  const keys = Array.from({ length: size }, (_, row) => `${groups[group(row)]}-${row}`);
  const vectors = new Float32Array(size * dimension).map(
    (_, i) => (centers[group(Math.floor(i / dimension)) * dimension + (i % dimension)] ?? 0) + number() * noise,
  );
  return new Embedding({
    vocabulary: new Vocabulary(
      keys,
      Float64Array.from(keys, (_, row) => size - row),
    ),
    dimension,
    vectors,
    attributes: new Map<string, Attribute>([
      ['group', keys.map((_, row) => (row % 50 === 7 ? null : (groups[group(row)] ?? '')))],
      ['share', keys.map((_, row) => row / size)],
    ]),
    provenance: { options: { seed } },
  });
}
