import { describe, expect, test } from 'vitest';
import type { Workers } from '../../src/engine/workers.js';
import type { Kernels } from '../../src/numerics/kernel-exports.js';
import { compileKernels, instantiateKernels } from '../../src/numerics/kernels.js';
import { Random } from '../../src/numerics/random.js';
import { paddedDimension } from '../../src/numerics/row-products.js';
import { mostExactGraph, planGraph, type GraphPlan } from '../../src/projection/graph-plan.js';
import { createMapMemory, type MapMemory } from '../../src/projection/map-memory.js';
import { findNeighbors, rowsToCheck } from '../../src/projection/neighbor-graph.js';
import { referenceLists } from '../../src/projection/neighbor-graph-reference.js';
import { writePoints } from '../../src/projection/points.js';
import { projectEmbedding } from '../../src/projection/project-embedding.js';
import { clusters } from './clusters.js';

const module = compileKernels();
const bare = instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));

interface World {
  readonly vectors: Float32Array;
  readonly dimension: number;
}

/** Normal numbers, as nearly as twelve uniform ones are. */
function noise(rows: number, dimension: number): World {
  const random = new Random(5, rows, dimension);
  const normal = () => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b, -6);
  return { vectors: new Float32Array(rows * dimension).map(normal), dimension };
}

/** Few different vectors, zeros among them. */
function repeated(rows: number, dimension: number): World {
  const { vectors } = noise(7, dimension);
  vectors.fill(0, 0, dimension);
  return { vectors: new Float32Array(rows * dimension).map((_, at) => vectors[at % vectors.length] ?? 0), dimension };
}

/** The memory of a world, with the team that is this thread alone. */
function open({ vectors, dimension }: World, k: number, graph: GraphPlan) {
  const rows = vectors.length / dimension;
  const sizes = { rows, dimension, threads: 1, neighbors: k, graph, judged: 0, judgedNeighbors: 1 };
  const memory = createMapMemory(sizes, bare);
  writePoints({ vectors, dimension, metric: 'euclidean' }, memory.points);
  const stride = paddedDimension(dimension);
  for (let row = 0; row < rows; row++) {
    const point = memory.points.subarray(row * stride, (row + 1) * stride);
    memory.halfSquares[row] = point.reduce((sum, x) => sum + x * x, 0) / 2;
  }
  const kernels: Kernels = instantiateKernels(module, memory.memory);
  const calls = new Map<string, unknown>(Object.entries(kernels));
  const workers: Workers = {
    threads: 1,
    callAll: async (name, ...args) => {
      const call = calls.get(name);
      if (typeof call === 'function') call(...args, 0);
    },
    stop: async () => {},
  };
  return { memory, kernels, workers, rows, stride };
}

const run = { seed: 3, onShare: () => {}, pause: async () => {} };

/** Share of the k nearest that the graph has, by all distances; one as near as the last of them counts. */
function recallOf({ points, neighborRows }: MapMemory, rows: number, k: number, stride: number): number {
  const square = (a: number, b: number) => {
    let sum = 0;
    for (let i = 0; i < stride; i++) sum += ((points[a * stride + i] ?? 0) - (points[b * stride + i] ?? 0)) ** 2;
    return sum;
  };
  let found = 0;
  for (let row = 0; row < rows; row++) {
    const all = Array.from({ length: rows }, (_, other) => square(row, other)).filter((_, other) => other !== row);
    const last = all.toSorted((a, b) => a - b)[k - 1] ?? 0;
    const own = Array.from(neighborRows.subarray(row * k, (row + 1) * k));
    expect(new Set(own).size).toBe(k);
    expect(own).not.toContain(row);
    found += own.filter((other) => square(row, other) <= last * (1 + 1e-6) + 1e-12).length;
  }
  return found / (rows * k);
}

describe('the approximate neighbor graph', () => {
  test.each([
    ['of noise', noise(700, 6), 12],
    ['of noise, in a number of rows that is no multiple of four', noise(613, 9), 33],
    ['of few different points', repeated(530, 5), 8],
    ['of one leaf', noise(90, 4), 20],
  ])('%s is that of the reference, entry by entry, after trees and after each round', (_, world, k) => {
    const plan = planGraph(world.vectors.length / world.dimension, k, 'approximate', 40);
    const { memory, kernels, rows, stride } = open(world, k, plan);
    const seed = 2 ** 40 + 9;
    memory.job.set({ seedLow: 9, seedHigh: 2 ** 8 });
    memory.treeOrders.set(memory.treeOrders.map((__, at) => at % rows));
    const points = { points: memory.points, halfSquares: memory.halfSquares.subarray(0, rows), stride };

    for (let level = 0; level < plan.levels; level++) kernels.splitNodes(memory.jobAddress, level, 0);
    for (let tree = 0; tree < plan.trees; tree++) kernels.joinLeaves(memory.jobAddress, tree, 0);
    for (const rounds of [0, 1, 2]) {
      if (rounds > 0) {
        kernels.refineLists(memory.jobAddress, 0, rows, 0);
        memory.neighborRows.set(memory.nextRows);
        memory.neighborSquares.set(memory.nextScores);
      }
      const unmarked = memory.neighborRows.map((entry) => entry & ~0x40000000);
      expect(isSame(unmarked, referenceLists(points, plan, { seed, rounds }))).toBe(true);
    }
  });

  test.each([
    ['noise', noise(1500, 8), 12],
    ['noise of many dimensions', noise(1500, 64), 40],
    ['few different points', repeated(900, 6), 10],
    ['points that are all the same', { vectors: new Float32Array(800 * 4).fill(0.5), dimension: 4 }, 5],
  ])('says which share it found of %s, and finds nearly all', async (_, world, k) => {
    const plan = planGraph(world.vectors.length / world.dimension, k, 'approximate', 64);
    const { memory, workers, rows, stride } = open(world, k, { ...plan, checked: 400 });
    const recall = await findNeighbors(memory, workers, run);

    expect(plan.levels).toBeGreaterThan(1);
    expect(recall).toBeGreaterThan(0.95);
    // 400 rows stand for all: a standard error of a few thousandths
    expect(Math.abs(recall - recallOf(memory, rows, k, stride))).toBeLessThan(0.01);
  });

  test('gives the distances that the exact graph gives', async () => {
    const world = noise(600, 10);
    const exact = open(world, 9, planGraph(600, 9, 'exact'));
    const nearly = open(world, 9, planGraph(600, 9, 'approximate'));
    await findNeighbors(exact.memory, exact.workers, run);
    await findNeighbors(nearly.memory, nearly.workers, run);

    // each neighbor of each row with its distance, by the rows of the embedding
    const squaresOf = ({ memory }: typeof exact) =>
      Array.from({ length: 600 }, (_, place) => {
        const at = Array.from({ length: 9 }, (__, i) => place * 9 + i);
        const pairs = at.map((i) => [memory.order[memory.neighborRows[i] ?? 0], memory.neighborSquares[i]] as const);
        return [memory.order[place] ?? 0, new Map(pairs)] as const;
      });
    const found = new Map(squaresOf(nearly));
    const same = squaresOf(exact).flatMap(([row, squares]) =>
      [...squares].flatMap(([other, square]) =>
        found.get(row)?.has(other) ? [found.get(row)?.get(other) === square] : [],
      ),
    );
    // leaves of 300 points, and rounds: few rows differ
    expect(same.length).toBeGreaterThan(5000);
    expect(same.every(Boolean)).toBe(true);
  });

  test('leaves the places of a map in the order of the embedding, and its divergence as by an exact graph', async () => {
    const embedding = clusters({ rows: 900, groups: 6, dimension: 12, spread: 0.2 });
    const [exact, nearly] = await Promise.all(
      (['exact', 'approximate'] as const).map((graph) => projectEmbedding(embedding, { graph, iterations: 400 })),
    );
    const nearest = (row: number) => {
      const square = (other: number) =>
        [0, 1].reduce((sum, axis) => {
          const [a = 0, b = 0] = [nearly?.coordinates[2 * row + axis], nearly?.coordinates[2 * other + axis]];
          return sum + (a - b) ** 2;
        }, 0);
      const others = Array.from({ length: 900 }, (_, other) => other).filter((other) => other !== row);
      return others.reduce((best, other) => (square(other) < square(best) ? other : best));
    };

    expect(Array.from({ length: 900 }, (_, row) => nearest(row) % 6 === row % 6).every(Boolean)).toBe(true);
    expect(nearly?.quality.klDivergence).toBeCloseTo(exact?.quality.klDivergence ?? 0, 1);
  });

  test('is taken above 50,000 categories, or where it is asked for', () => {
    expect(planGraph(mostExactGraph, 90, 'auto').listLength).toBe(0);
    expect(planGraph(mostExactGraph + 1, 90, 'auto')).toEqual({
      listLength: 90,
      reach: 45,
      trees: 8,
      levels: 7,
      checked: 1000,
    });
    expect(planGraph(1_000_000, 90, 'exact').listLength).toBe(0);
    expect(planGraph(300, 15, 'approximate')).toMatchObject({ listLength: 30, trees: 1, levels: 0, checked: 300 });
  });

  test('checks a seeded sample of rows', () => {
    const sample = rowsToCheck(60_000, 1000, 1);

    expect(new Set(sample).size).toBe(1000);
    expect(rowsToCheck(60_000, 1000, 1)).toEqual(sample);
    expect(rowsToCheck(60_000, 1000, 2)).not.toEqual(sample);
  });

  test('has the same bits at 1, 2 and 5 threads, and the map says what it found', async () => {
    const embedding = clusters({ rows: 2300, groups: 40, dimension: 24, spread: 0.8 });
    const options = { graph: 'approximate', iterations: 20, exaggeratedIterations: 10 } as const;
    const [one, two, five] = await Promise.all(
      [1, 2, 5].map((threads) => projectEmbedding(embedding, { ...options, threads })),
    );

    expect(two).toEqual(one);
    expect(five).toEqual(one);
    expect(one?.quality.graphRecall).toBeGreaterThan(0.95);
    expect(one?.quality.graphRecall).toBeLessThanOrEqual(1);
  });

  test('is exact where there are few categories, and a map by PCA has none', async () => {
    const embedding = clusters({ rows: 120 });

    expect((await projectEmbedding(embedding, { iterations: 5 })).quality.graphRecall).toBe(1);
    expect((await projectEmbedding(embedding, { method: 'pca' })).quality).not.toHaveProperty('graphRecall');
  });
});

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
