import { describe, expect, test } from 'vitest';
import { Random } from '../../src/numerics/random.js';
import type { Kernels } from '../../src/numerics/kernel-exports.js';
import { compileKernels, instantiateKernels } from '../../src/numerics/kernels.js';
import { conditionalAffinities, jointAffinities } from '../../src/projection/affinities.js';
import { gridFor, writeTurns, type Grid } from '../../src/projection/grid.js';
import { createMapMemory, type MapMemory } from '../../src/projection/map-memory.js';
import { klDivergence, referenceForces } from '../../src/projection/reference.js';

const module = compileKernels();
const bare = instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));

/** A memory with random places in a square, and random affinities between them. */
function scattered(rows: number, extent: number, k = 6) {
  const random = new Random(7, rows, extent);
  const map = createMapMemory({ rows, dimension: 1, threads: 1, neighbors: k, judged: 0, judgedNeighbors: 1 }, bare);
  map.coordinates.set(map.coordinates.map(() => (random.uniform() - 0.5) * extent));
  const neighbors = new Int32Array(rows * k).map((_, at) => (Math.floor(at / k) + 1 + random.below(rows - 1)) % rows);
  const conditional = new Float32Array(rows * k).map(() => random.uniform() / k);
  const room = { offsets: map.edgeOffsets, columns: map.edgeColumns, values: map.edgeValues };
  const affinities = jointAffinities(neighbors, conditional, k, room);
  const kernels = instantiateKernels(module, map.memory);
  return { map, affinities, kernels };
}

/** A grid below the places of a memory. */
function layGrid(map: MapMemory, kernels: Kernels, { length, spacing }: Grid): void {
  writeTurns(map.turns, length);
  const origin = Math.min(...map.coordinates) - 1.5 * spacing;
  map.job.set({ gridLength: length, spacing, originX: origin, originY: origin, stepsAsked: 0 });
  kernels.prepareGrid(map.jobAddress, 0);
}

/** Relative difference of two fields of forces: |a − b| / |b| over all points. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let apart = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    apart += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
    size += (b[i] ?? 0) ** 2;
  }
  return Math.sqrt(apart / size);
}

describe('the forces of t-SNE', () => {
  test('are the reference over all pairs, but for rounding', () => {
    const { map, affinities, kernels } = scattered(301, 20);
    map.job.set({ gridLength: 0, spacing: 1, stepsAsked: 0 });
    kernels.layOutSteps(map.jobAddress, 0);
    const expected = referenceForces(affinities, map.coordinates);
    const normalizer = map.job.get('normalizer');

    expect(normalizer / expected.normalizer).toBeCloseTo(1, 5);
    expect(difference(map.attraction, expected.attraction)).toBeLessThan(1e-5);
    expect(
      difference(
        map.repulsion.map((force) => force / normalizer),
        expected.repulsion,
      ),
    ).toBeLessThan(1e-5);
  });

  test.each([
    [700, 3, 0.001],
    [700, 25, 0.005],
    [1500, 60, 0.01],
    [1500, 180, 0.015],
    [200, 180, 0.02],
  ])('are near the reference on the grid: %i points in a square of %i', (rows, extent, most) => {
    const { map, affinities, kernels } = scattered(rows, extent);
    layGrid(map, kernels, gridFor(extent, 1024));
    kernels.layOutSteps(map.jobAddress, 0);
    const expected = referenceForces(affinities, map.coordinates);
    const unnormalized = expected.repulsion.map((force) => force * expected.normalizer);

    expect(difference(map.attraction, expected.attraction)).toBeLessThan(1e-5);
    expect(difference(map.repulsion, unnormalized)).toBeLessThan(most);
    expect(Math.abs(map.job.get('normalizer') / expected.normalizer - 1)).toBeLessThan(5e-4);
  });

  // the last pass is one of four, of three or of two, by the length
  test.each([64, 96, 128, 192, 256, 384, 512, 768, 1024])('are near the reference by transforms of %i', (length) => {
    const spacing = 0.3;
    const { map, affinities, kernels } = scattered(300, (length / 2 - 6) * spacing);
    layGrid(map, kernels, { length, spacing });
    kernels.layOutSteps(map.jobAddress, 0);
    const expected = referenceForces(affinities, map.coordinates);
    const unnormalized = expected.repulsion.map((force) => force * expected.normalizer);

    expect(difference(map.repulsion, unnormalized)).toBeLessThan(0.015);
    expect(Math.abs(map.job.get('normalizer') / expected.normalizer - 1)).toBeLessThan(5e-4);
  });

  test('hold nothing of a point that pushes itself, wherever it lies between grid points', () => {
    const { map, affinities, kernels } = scattered(100, 1);
    // a hundred places 17 apart or more, so that what is wrong is wrong with the point itself
    for (const [at, offset] of map.coordinates.entries()) {
      map.coordinates[at] = offset + 18 * (at % 2 === 0 ? (at >> 1) % 10 : Math.floor(at / 20));
    }
    layGrid(map, kernels, gridFor(180, 1024));
    kernels.layOutSteps(map.jobAddress, 0);
    const expected = referenceForces(affinities, map.coordinates);

    // with its own image in it, a point was pushed by up to 0.02
    for (const [at, force] of map.repulsion.entries()) {
      expect(Math.abs(force - (expected.repulsion[at] ?? 0) * expected.normalizer)).toBeLessThan(1e-5);
    }
  });

  test('descend: small steps against them lower the divergence', () => {
    const { map, affinities } = scattered(60, 4);
    const before = referenceForces(affinities, map.coordinates);
    const first = klDivergence(affinities, map.coordinates, before.normalizer);
    const moved = map.coordinates.map((x, at) => x - ((before.attraction[at] ?? 0) - (before.repulsion[at] ?? 0)));

    expect(klDivergence(affinities, moved, referenceForces(affinities, moved).normalizer)).toBeLessThan(first);
  });

  test('are a quarter of the gradient of the divergence, by finite differences', () => {
    const { map, affinities } = scattered(20, 3);
    const total = affinities.values.reduce((sum, value) => sum + value, 0);
    const at = Float64Array.from(map.coordinates);
    const divergence = (coordinates: Float64Array) => {
      // KL in f64 throughout, for differences of 10⁻⁵
      let sum = 0;
      let normalizer = 0;
      const q = (i: number, j: number) => {
        const dx = (coordinates[2 * i] ?? 0) - (coordinates[2 * j] ?? 0);
        const dy = (coordinates[2 * i + 1] ?? 0) - (coordinates[2 * j + 1] ?? 0);
        return 1 / (1 + dx * dx + dy * dy);
      };
      for (let i = 0; i < 20; i++) {
        for (let j = 0; j < 20; j++) if (i !== j) normalizer += q(i, j);
        for (let entry = affinities.offsets[i] ?? 0; entry < (affinities.offsets[i + 1] ?? 0); entry++) {
          const p = (affinities.values[entry] ?? 0) / total;
          if (p > 0) sum += p * Math.log(p / q(i, affinities.columns[entry] ?? 0));
        }
      }
      return sum + Math.log(normalizer);
    };
    const { attraction, repulsion } = referenceForces(affinities, map.coordinates);
    for (const coordinate of [0, 7, 22, 39]) {
      const up = at.slice();
      const down = at.slice();
      up[coordinate] = (up[coordinate] ?? 0) + 1e-5;
      down[coordinate] = (down[coordinate] ?? 0) - 1e-5;
      const slope = (divergence(up) - divergence(down)) / 2e-5;

      expect(4 * ((attraction[coordinate] ?? 0) / total - (repulsion[coordinate] ?? 0))).toBeCloseTo(slope, 5);
    }
  });
});

describe('affinities', () => {
  test('of the kernel are those of the reference, and have the perplexity asked for', () => {
    const [rows, k, perplexity] = [50, 23, 7];
    const random = new Random(3);
    const map = createMapMemory({ rows, dimension: 1, threads: 1, neighbors: k, judged: 0, judgedNeighbors: 1 }, bare);
    map.neighborSquares.set(map.neighborSquares.map(() => random.uniform() * 10 + 0.1));
    const expected = map.neighborSquares.slice();
    instantiateKernels(module, map.memory).bandwidthRows(map.jobAddress, perplexity, 0);
    conditionalAffinities(expected, k, perplexity);

    expected.forEach((value, at) => expect(map.neighborSquares[at]).toBeCloseTo(value, 4));
    for (let row = 0; row < rows; row++) {
      const shares = Array.from(map.neighborSquares.subarray(row * k, (row + 1) * k));
      const entropy = shares.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
      expect(Math.exp(entropy)).toBeCloseTo(perplexity, 2);
    }
  });

  test('are joined in both directions, sorted, padded, and sum to one', () => {
    const joined = jointAffinities(Int32Array.of(1, 2, 2, 0, 1, 0), Float32Array.of(0.5, 0.5, 0.75, 0.25, 1, 0), 2);

    expect([...joined.offsets]).toEqual([0, 4, 8, 12]);
    expect([...joined.columns.subarray(0, 4)]).toEqual([1, 2, 0, 0]);
    expect(joined.values[0]).toBeCloseTo((0.5 + 0.25) / 6, 6);
    expect(joined.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
  });

  test('are the same in a room where something else stood', () => {
    const neighbors = Int32Array.of(1, 2, 2, 0, 1, 0);
    const conditional = Float32Array.of(0.5, 0.5, 0.75, 0.25, 1, 0);
    const offsets = new Int32Array(4);
    const room = { offsets, columns: new Int32Array(20).fill(7), values: new Float32Array(20).fill(-Infinity) };

    expect(jointAffinities(neighbors, conditional, 2, room)).toEqual(jointAffinities(neighbors, conditional, 2));
  });
});
