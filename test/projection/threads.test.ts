import { describe, expect, test } from 'vitest';
import { startWorkers } from '../../src/engine/workers.js';
import { compileKernels, instantiateKernels } from '../../src/numerics/kernels.js';
import { Random } from '../../src/numerics/random.js';
import { jointAffinities } from '../../src/projection/affinities.js';
import { writeTurns } from '../../src/projection/grid.js';
import { createMapMemory } from '../../src/projection/map-memory.js';
import { projectEmbedding } from '../../src/projection/project-embedding.js';
import { clusters } from './clusters.js';

const module = compileKernels();
const bare = instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));

/** Coordinates after each of many short calls of the layout, on a grid, by a team of threads. */
async function layOut({ threads, rows, calls }: { threads: number; rows: number; calls: number }) {
  const k = 6;
  const map = createMapMemory({ rows, dimension: 1, threads, neighbors: k, judged: 0, judgedNeighbors: 1 }, bare);
  const random = new Random(11);
  map.coordinates.set(map.coordinates.map(() => (random.uniform() - 0.5) * 12));
  const neighbors = new Int32Array(rows * k).map((_, at) => (Math.floor(at / k) + 1 + random.below(rows - 1)) % rows);
  const room = { offsets: map.edgeOffsets, columns: map.edgeColumns, values: map.edgeValues };
  jointAffinities(neighbors, new Float32Array(rows * k).fill(1 / k), k, room);
  map.gains.fill(1);
  writeTurns(map.turns, 128);
  const grid = { gridLength: 128, spacing: 0.5, originX: -8, originY: -8 };
  map.job.set({ ...grid, exaggeration: 1, momentum: 0.5, rate: 20, stepsAsked: 8 });
  const workers = await startWorkers(module, map.memory, threads);
  try {
    await workers.callAll('prepareGrid', map.jobAddress);
    const places: Float32Array[] = [];
    for (let call = 0; call < calls; call++) {
      // oxlint-disable-next-line no-await-in-loop -- calls follow each other
      await workers.callAll('layOutSteps', map.jobAddress);
      places.push(map.coordinates.slice());
    }
    return places;
  } finally {
    await workers.stop();
  }
}

describe('threads that lay out a map', () => {
  // V8 of Node 20 was seen to wake from a barrier with another number in an f32 local; more threads than processors
  // sleep at every one
  test('agree to the bit in every one of 1,200 steps, more of them than processors', async () => {
    const [alone, team] = await Promise.all([1, 5].map((threads) => layOut({ threads, rows: 1300, calls: 150 })));

    expect(alone?.at(-1)).not.toEqual(alone?.at(-2));
    expect(team?.findIndex((places, call) => !isSame(places, alone?.[call]))).toBe(-1);
  });

  test('find the same neighbors, affinities and places for 2,900 categories, whatever their number', async () => {
    const embedding = clusters({ rows: 2900, groups: 7, dimension: 10 });
    const options = { iterations: 70, exaggeratedIterations: 30, learningRate: 900 };
    const [one, two, five] = await Promise.all(
      [1, 2, 5].map((threads) => projectEmbedding(embedding, { ...options, threads })),
    );

    expect(two).toEqual(one);
    expect(five).toEqual(one);
  });
});

function isSame(a: Float32Array, b: Float32Array = new Float32Array()): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
