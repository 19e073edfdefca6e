import { describe, expect, test } from 'vitest';
import { compileKernels, instantiateKernels } from '../../src/numerics/kernels.js';
import { createMapMemory } from '../../src/projection/map-memory.js';
import { judgedNeighbors, qualityOf, rowsToJudge } from '../../src/projection/map-quality.js';
import { Random } from '../../src/numerics/random.js';

const bare = instantiateKernels(compileKernels(), new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));

/** Quality by the kernel of places on a line (the space) against places in the plane. */
function judge(line: readonly number[], plane: readonly (readonly [number, number])[], k: number) {
  const rows = line.length;
  const sizes = { rows, dimension: 1, threads: 1, neighbors: 0, judged: rows, judgedNeighbors: k };
  const map = createMapMemory(sizes, bare);
  line.forEach((x, i) => {
    map.points[4 * i] = x;
    map.halfSquares[i] = (x * x) / 2;
    map.judgedRows[i] = i;
  });
  map.coordinates.set(plane.flat());
  instantiateKernels(compileKernels(), map.memory).judgeRows(map.jobAddress, 0);
  return qualityOf(map.judgments, rows, k);
}

/** The definition, by sorting; ties by index. */
function naive(line: readonly number[], plane: readonly (readonly [number, number])[], k: number) {
  const ranks = (distance: (i: number, j: number) => number) =>
    line.map((_, i) => {
      const order = [...line.keys()].filter((j) => j !== i).sort((a, b) => distance(i, a) - distance(i, b) || a - b);
      return line.map((__, j) => order.indexOf(j) + 1);
    });
  const space = ranks((i, j) => Math.abs((line[i] ?? 0) - (line[j] ?? 0)));
  const flat = ranks((i, j) => {
    const [a, b] = [plane[i] ?? [0, 0], plane[j] ?? [0, 0]];
    return Math.fround((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2);
  });
  const n = line.length;
  const excess = (ranked: number[][], by: number[][]) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) if (i !== j && (by[i]?.[j] ?? 0) <= k) sum += Math.max(0, (ranked[i]?.[j] ?? 0) - k);
    }
    return 1 - (2 / (n * k * (2 * n - 3 * k - 1))) * sum;
  };
  return { trustworthiness: excess(space, flat), continuity: excess(flat, space) };
}

describe('the quality of a map', () => {
  test('is that of an example worked by hand', () => {
    // on the line 0 1 3 7 15; in the plane the places of 1 and 15 are exchanged; k = 1
    const quality = judge(
      [0, 1, 3, 7, 15],
      [
        [0, 0],
        [15, 0],
        [3, 0],
        [7, 0],
        [1, 0],
      ],
      1,
    );

    // nearest in the plane: 0→4 (true rank 4), 1→3 (rank 3), 2→4 (rank 4), 3→2 (rank 1), 4→0 (rank 4): excess 3 + 2 + 3
    // + 0 + 3 = 11
    expect(quality.trustworthiness).toBeCloseTo(1 - (2 / (5 * 1 * 6)) * 11, 12);
    // nearest on the line: 0→1 (rank 4 in the plane), 1→0 (4), 2→1 (4), 3→2 (1), 4→3 (3): 3 + 3 + 3 + 0 + 2 = 11
    expect(quality.continuity).toBeCloseTo(1 - (2 / (5 * 1 * 6)) * 11, 12);
    expect(quality.recall).toBeCloseTo(1 / 5, 12);
  });

  test('is 1 where nothing moved', () => {
    const line = [0, 1, 3, 7, 15, 31, 63];

    expect(
      judge(
        line,
        line.map((x) => [x, 0] as const),
        3,
      ),
    ).toMatchObject({ trustworthiness: 1, continuity: 1, recall: 1 });
  });

  test.each([1, 2, 3, 4, 5])('is its definition on random places, ties by order, seed %i', (seed) => {
    const random = new Random(seed);
    const count = 9 + random.below(60);
    const line = Array.from({ length: count }, () => random.below(40));
    const plane = Array.from({ length: count }, () => [random.below(9), random.below(9)] as const);
    const k = 1 + random.below(judgedNeighbors(count));
    const quality = judge(line, plane, k);
    const expected = naive(line, plane, k);

    expect(quality.trustworthiness).toBeCloseTo(expected.trustworthiness, 10);
    expect(quality.continuity).toBeCloseTo(expected.continuity, 10);
  });

  test('judges all of 20,000 categories and a seeded sample of more', () => {
    expect(rowsToJudge(20_000, 1)).toHaveLength(20_000);
    const sample = rowsToJudge(20_001, 1);

    expect(new Set(sample).size).toBe(2000);
    expect(rowsToJudge(20_001, 1)).toEqual(sample);
    expect(rowsToJudge(20_001, 2)).not.toEqual(sample);
  });
});
