/** projectEmbedding: the points of an embedding in the plane, and how far the picture can be trusted. */
import { anEmbedding, type Embedding } from '../embedding/embedding.js';
import { availableThreads, startWorkers, type Workers } from '../engine/workers.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import { compileKernels, instantiateKernels } from '../numerics/kernels.js';
import { paddedDimension } from '../numerics/row-products.js';
import { resolveOptions } from '../option-table.js';
import { graphNeighbors } from './affinities.js';
import { planGraph } from './graph-plan.js';
import { createMapMemory, type MapMemory } from './map-memory.js';
import { judgedNeighbors, qualityOf, rowsToJudge, type MapQuality } from './map-quality.js';
import { projectionOptions, type ProjectionOptions, type ResolvedProjectionOptions } from './options.js';
import { writePoints } from './points.js';
import { principalCoordinates } from './principal-components.js';
import { layOutTsne } from './t-sne.js';
import { checkCall, plainHooks, tableKind, type StepHooks, type StepProgress } from '../step.js';

export type { MapQuality } from './map-quality.js';

/** An embedding in the plane. */
export interface EmbeddingMap {
  readonly method: 'pca' | 'tsne';
  /** row-major, shape [V, 2], in vocabulary order */
  readonly coordinates: Float32Array;
  readonly quality: MapQuality;
}

/** Where the drawing of a map stands. */
export interface ProjectionProgress extends StepProgress {
  readonly stage: 'neighbors' | 'layout' | 'quality';
  /** of all the work, 0 … 1 */
  readonly share: number;
}

/** What the drawing of a map tells, and what stops it. */
export type ProjectionHooks = StepHooks<ProjectionProgress>;

/**
 * Draws an embedding in the plane by PCA or t-SNE, and measures what the picture keeps of the neighborhoods.
 *
 * The same vectors, options and seed give the same bits at any thread count. docs/maps.md says what each method shows
 * and what it does not.
 *
 * @param options - see `projectionOptions` for meaning, range and default of each
 * @throws InputError for an option out of range, or more memory than there is; the signal's reason when it is raised
 */
export async function projectEmbedding(
  embedding: Embedding,
  options: ProjectionOptions = {},
  hooks: ProjectionHooks = {},
): Promise<EmbeddingMap> {
  checkCall('projectEmbedding(embedding, options, hooks)', {
    embedding: [embedding, anEmbedding],
    options: [options, tableKind(projectionOptions)],
    hooks: [hooks, plainHooks],
  });
  hooks.signal?.throwIfAborted();
  const resolved = resolveOptions(projectionOptions, options);
  const available = resolved.threads === 0 ? await availableThreads() : resolved.threads;
  // beyond one thread for each chunk of rows, threads would only wait for each other
  const threads = Math.max(1, Math.min(available, Math.ceil(embedding.vocabulary.size / kernelConstants.CHUNK_ROWS)));
  const memory = prepareMemory(embedding, resolved, threads);
  const workers = await startWorkers(compileKernels(), memory.memory, threads);
  try {
    const pause = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve));
      hooks.signal?.throwIfAborted();
    };
    const { rows, dimension } = memory.sizes;
    const plane = await principalCoordinates(memory.points, {
      rows,
      dimension,
      stride: paddedDimension(dimension),
      seed: resolved.seed,
      pause,
    });
    memory.coordinates.set(plane);
    const figures =
      resolved.method === 'tsne' ? await layOutTsne(memory, workers, { options: resolved, hooks, pause }) : undefined;
    const quality = await judge(memory, workers, hooks);
    hooks.onProgress?.({ stage: 'quality', share: 1 });
    return { method: resolved.method, coordinates: memory.coordinates.slice(), quality: { ...quality, ...figures } };
  } finally {
    await workers.stop();
  }
}

function prepareMemory(embedding: Embedding, options: ResolvedProjectionOptions, threads: number): MapMemory {
  const { vectors, dimension, vocabulary } = embedding;
  const rows = vocabulary.size;
  const judgedRows = rowsToJudge(rows, options.seed);
  const neighbors = options.method === 'tsne' ? graphNeighbors(options.perplexity, rows) : 0;
  const kernels = instantiateKernels(
    compileKernels(),
    new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
  );
  const memory = createMapMemory(
    {
      rows,
      dimension,
      threads,
      neighbors,
      graph: planGraph(rows, neighbors, options.graph),
      judged: judgedRows.length,
      judgedNeighbors: judgedNeighbors(rows),
    },
    kernels,
  );
  memory.judgedRows.set(judgedRows);
  writePoints({ vectors, dimension, metric: options.metric }, memory.points);
  const stride = paddedDimension(dimension);
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let at = row * stride; at < (row + 1) * stride; at++) squares += squareOf(memory.points[at] ?? 0);
    memory.halfSquares[row] = squares / 2;
  }
  return memory;
}

async function judge(
  memory: MapMemory,
  workers: Workers,
  { signal, onProgress }: ProjectionHooks,
): Promise<MapQuality> {
  const { rows, judgedNeighbors: k } = memory.sizes;
  onProgress?.({ stage: 'quality', share: 0.95 });
  if (k > 0) await workers.callAll('judgeRows', memory.jobAddress);
  signal?.throwIfAborted();
  return qualityOf(memory.judgments, rows, k);
}

function squareOf(value: number): number {
  return value * value;
}
