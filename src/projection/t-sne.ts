/** t-SNE: neighbours that attract, everything that repels. van der Maaten and Hinton 2008; van der Maaten 2014, JMLR 15:3221–3245. */
import type { Workers } from '../engine/workers.js';
import { Random } from '../numerics/random.js';
import { conditionalAffinities, jointAffinities, usedPerplexity } from './affinities.js';
import type { MapMemory } from './map-memory.js';
import type { ProjectionOptions } from './options.js';
import { klDivergence, referenceForces } from './reference.js';

/** Standard deviation of the first axis where t-SNE begins: small, so that no order of the start is final. Kobak and Berens 2019. */
const START_SCALE = 1e-4;

/** What the layout is told and asked. */
export interface TsneRun {
  readonly options: ProjectionOptions;
  readonly hooks: {
    readonly onProgress?: ((progress: { stage: 'neighbors' | 'layout'; share: number }) => void) | undefined;
  };
  readonly pause: () => Promise<void>;
}

/**
 * Moves the coordinates from the principal components, where they are, to a t-SNE layout.
 *
 * @returns KL divergence of the layout, in nats
 */
export async function layOutTsne(memory: MapMemory, workers: Workers, run: TsneRun): Promise<number> {
  const { options, hooks, pause } = run;
  const { rows, neighbors: k } = memory.sizes;
  scaleStart(memory.coordinates, options.seed);
  if (k === 0) return 0;
  hooks.onProgress?.({ stage: 'neighbors', share: 0 });
  await workers.callAll('nearestPoints', memory.jobAddress, 0, rows);
  conditionalAffinities(memory.neighborSquares, k, usedPerplexity(options.perplexity, rows));
  const affinities = jointAffinities(memory.neighborRows, memory.neighborSquares, k);
  const { coordinates } = memory;
  const step = new Float64Array(rows * 2);
  const gain = new Float64Array(rows * 2).fill(1);
  const rate = options.learningRate > 0 ? options.learningRate : Math.max(200, rows / 12);
  for (let iteration = 0; iteration < options.iterations; iteration++) {
    const isEarly = iteration < options.exaggeratedIterations;
    const factor = isEarly ? options.earlyExaggeration : 1;
    const momentum = isEarly ? 0.5 : 0.8;
    const { attraction, repulsion } = referenceForces(affinities, coordinates);
    for (let at = 0; at < step.length; at++) {
      const gradient = factor * (attraction[at] ?? 0) - (repulsion[at] ?? 0);
      const isOpposed = (step[at] ?? 0) * gradient < 0;
      gain[at] = Math.max(0.01, isOpposed ? (gain[at] ?? 0) + 0.2 : (gain[at] ?? 0) * 0.8);
      step[at] = momentum * (step[at] ?? 0) - rate * (gain[at] ?? 0) * gradient;
      coordinates[at] = (coordinates[at] ?? 0) + (step[at] ?? 0);
    }
    // oxlint-disable-next-line no-await-in-loop -- lets others run between steps
    if (iteration % 10 === 0) await pause();
    hooks.onProgress?.({ stage: 'layout', share: 0.2 + (0.75 * (iteration + 1)) / options.iterations });
  }
  return klDivergence(affinities, coordinates, referenceForces(affinities, coordinates).normalizer);
}

/** Principal components, shrunk; a hundredth of it as seeded noise, so that an axis without variance can open too. */
function scaleStart(coordinates: Float32Array, seed: number): void {
  let squares = 0;
  for (let at = 0; at < coordinates.length; at += 2) {
    const x = coordinates[at] ?? 0;
    squares += x * x;
  }
  const deviation = Math.sqrt(squares / (coordinates.length / 2));
  const scale = deviation > 0 ? START_SCALE / deviation : 0;
  const random = new Random(seed, 0x75e0);
  for (let at = 0; at < coordinates.length; at++) {
    coordinates[at] = (coordinates[at] ?? 0) * scale + (random.uniform() - 0.5) * START_SCALE * 0.02;
  }
}
