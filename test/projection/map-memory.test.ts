import { expect, test } from 'vitest';
import { compileKernels, instantiateKernels } from '../../src/numerics/kernels.js';
import { planGraph } from '../../src/projection/graph-plan.js';
import { createMapMemory } from '../../src/projection/map-memory.js';

const bare = instantiateKernels(compileKernels(), new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));

test('refuses a t-SNE of two million categories in arithmetic, and says what to do', () => {
  const sizes = { rows: 2_000_000, dimension: 64, threads: 2, neighbors: 90, judged: 2000, judgedNeighbors: 15 };

  expect(() => createMapMemory(sizes, bare)).toThrow(
    'drawing this map needs 4.8 GiB (2,000,000 × (64 + 6 × 90 + …) × 4 bytes), WebAssembly allows 4 GiB; ' +
      'lower perplexity or draw fewer categories',
  );
});

test('has room for a t-SNE of one million, whose neighbor graph is approximate', () => {
  const graph = planGraph(1_000_000, 90, 'auto');
  const sizes = { rows: 1_000_000, dimension: 64, threads: 2, neighbors: 90, graph, judged: 2000, judgedNeighbors: 15 };

  expect(graph.listLength).toBe(90);
  expect(createMapMemory(sizes, bare).coordinates).toHaveLength(2_000_000);
});
