/** The spectral model: the leading singular vectors of the normalized click matrix as input and output vectors. */
import { checkInteger, InputError } from '../../checks.js';
import type { StartingWorkers } from '../../engine/workers.js';
import type { Histories } from '../../histories/histories.js';
import { sizesOfLog, type LogMeasure, type ShardedLog } from '../../histories/sharded-log.js';
import type { Kernels } from '../../numerics/kernel-exports.js';
import { compileKernels, instantiateKernels } from '../../numerics/kernels.js';
import { spectralDimensions } from '../model-options.js';
import { ClickFeed } from './click-feed.js';
import { categoryDegreesOf, categoryScalesOf } from './click-matrix.js';
import { kernelBlocks } from './kernel-blocks.js';
import { leadingSubspace, type LeadingSubspace } from './leading-subspace.js';
import { createSpectralMemory, layOutSpectral, type SpectralMemory } from './spectral-memory.js';
import { factorVectors, type FactorOptions } from './factor-vectors.js';

/** Hooks of the spectral model. */
export interface SpectralOptions {
  /** D, from 8 to 512 */
  readonly dimension: number;
  /** −1 in both: the log chooses, see `isFragmented` */
  readonly historyExponent: number;
  readonly categoryExponent: number;
  readonly singularExponent: number;
  /**
   * what the vectors are for: those for similar categories say in their last number how few clicks there were, see
   * `factorVectors`
   */
  readonly goal: 'similar' | 'next';
  /** passes over all clicks at most; 0 decides by their number */
  readonly iterations: number;
  readonly seed: number;
}

/** Where the work stands, and what ends it. */
export interface SpectralHooks {
  readonly onPlan?: ((need: { readonly bytes: number; readonly arithmetic: string }) => void) | undefined;
  readonly onProgress?: ((progress: SpectralProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where the work stands. */
export interface SpectralProgress {
  /** pass under way, from 1 */
  readonly pass: number;
  readonly passes: number;
  /** share of the most passes done, 0 … 1 */
  readonly share: number;
  /** clicks multiplied so far */
  readonly clicks: number;
}

/** Vectors and what they come from. */
export interface SpectralVectors {
  /** row-major, shape [V, D] */
  readonly vectors: Float32Array;
  /** row-major, shape [V, D] */
  readonly outputVectors: Float32Array;
  /** those that were used */
  readonly exponents: Exponents;
  readonly measures: {
    readonly passes: number;
    /** estimated angle between the subspace and the one sought, in radians */
    readonly angle: number;
    readonly singularValues: readonly number[];
  };
}

/** Powers of the degrees that divide. */
export type Exponents = Pick<SpectralOptions, 'historyExponent' | 'categoryExponent'>;

/** Columns beyond those wanted, which make the wanted ones separate faster. */
const LEAST_OVERSAMPLING = 8;
const OVERSAMPLING = 1 / 4;
/** Angle at which the subspace stands still for all that f32 can show. */
const TOLERANCE = 1e-5;
/** Clicks × columns that are multiplied at most where `iterations` is 0, but LEAST_PASSES passes in any case. */
const MOST_WORK = 1.6e9;
const LEAST_PASSES = 8;
const MOST_PASSES = 200;
/** Clicks × columns between two looks at the abort signal: about a tenth of a second of one thread. */
const SLICE_WORK = 4e7;

/**
 * Factorizes A = D_u^−a R D_i^−b, R the weighted history × category click matrix: A ≈ U Σ Vᵀ with D numbers each.
 *
 * input_i = d_i^−b V_i Σ^p and output_i = d_i^b V_i Σ^p: their product is the score of category c for a click on i in
 * the low-pass filter R D_i^−b V Σ^2p Vᵀ D_i^b (Shen et al. 2021, GF-CF, arXiv:2108.07567, at a = b = ½ and p = 0), and
 * the cosine of two input vectors is that of the rows of V Σ^p.
 *
 * A pass over a log in shards reads each of them once; of one shard the bits are those of its histories in memory.
 *
 * @param threads - of `starting`
 * @throws InputError for a dimension out of range or more memory than there is; the signal's reason when it is raised
 */
export async function trainSpectral(
  log: Histories | ShardedLog,
  options: SpectralOptions,
  starting: StartingWorkers,
  { threads, ...hooks }: SpectralHooks & { readonly threads: number },
): Promise<SpectralVectors> {
  checkSpectral(log, options);
  const module = compileKernels();
  const columns = columnsOf(log, options);
  const first = exponentsOf(options) ?? STRONG;
  const memory = createSpectralMemory(log, { columns, threads, seed: options.seed }, bareKernels(module));
  hooks.onPlan?.({ bytes: memory.totalBytes, arithmetic: memory.arithmetic });
  const workers = starting.load(module, memory.memory);
  const degrees = await categoryDegreesOf(log, hooks.signal);
  memory.writeCategoryScales(categoryScalesOf(degrees, first.categoryExponent));
  const { historyExponent } = first;
  const sliceClicks = (threads * SLICE_WORK) / columns;
  const feed = new ClickFeed(log, { memory, workers, historyExponent, sliceClicks, signal: hooks.signal });
  const mostPasses = mostPassesOf(log, options, columns);
  const blocks = kernelBlocks(memory, columns, { workers, feed, onSlice: sliceHook(log, mostPasses, hooks) });
  const { vocabulary } = log;
  const wanted = Math.min(options.dimension - (options.goal === 'similar' ? 1 : 0), vocabulary.size);
  const counts = options.goal === 'similar' ? vocabulary.counts : undefined;
  const search = { wanted, mostPasses, tolerance: TOLERANCE };
  if (exponentsOf(options) !== undefined) {
    return collect(memory, degrees, await leadingSubspace(blocks, search), { ...options, ...first, counts });
  }
  const probe = await leadingSubspace(blocks, { ...search, mostPasses: Math.min(mostPasses, LEAST_PASSES) });
  const exponents = isFragmented(probe) ? WEAK : STRONG;
  const isDone = exponents === STRONG && (probe.passes < LEAST_PASSES || mostPasses <= LEAST_PASSES);
  if (exponents === WEAK) {
    memory.writeCategoryScales(categoryScalesOf(degrees, WEAK.categoryExponent));
    feed.rescale(WEAK.historyExponent);
  }
  const rest = isDone ? probe : await leadingSubspace(blocks, search);
  const found = isDone ? probe : { ...rest, passes: probe.passes + rest.passes };
  return collect(memory, degrees, found, { ...options, ...exponents, counts });
}

/**
 * The matrix of spectral clustering: a part of the log that shares nothing with the rest has a singular value of 1, so
 * a log of many small parts spends its axes on them.
 */
const STRONG: Exponents = { historyExponent: 0.5, categoryExponent: 0.5 };
/** What such a log gets instead. */
const WEAK: Exponents = { historyExponent: 0.35, categoryExponent: 0.35 };
/** The exponents that were given; undefined where the log chooses. */
function exponentsOf({ historyExponent, categoryExponent }: SpectralOptions): Exponents | undefined {
  if (historyExponent < 0 && categoryExponent < 0) return undefined;
  const given = (exponent: number) => (exponent < 0 ? WEAK.historyExponent : exponent);
  return { historyExponent: given(historyExponent), categoryExponent: given(categoryExponent) };
}

/** What an axis of a part must share with the rest of the log at least: 1 − σ². docs/tuning-figures.md has the figures. */
const LEAST_SHARED = 0.04;

/** Whether half of the axes stand for parts of the log that share hardly anything with the rest. */
function isFragmented({ singularValues }: LeadingSubspace): boolean {
  const middle = singularValues[singularValues.length >> 1] ?? 0;
  return 1 - middle * middle < LEAST_SHARED;
}

/**
 * Memory that `trainSpectral` would ask for.
 *
 * @throws InputError as `trainSpectral`
 */
export function spectralNeed(log: Histories | LogMeasure, options: SpectralOptions, threads: number) {
  checkSpectral(log, options);
  const { totalBytes, arithmetic } = layOutSpectral(
    log,
    { columns: columnsOf(log, options), threads },
    bareKernels(compileKernels()),
  );
  return { bytes: totalBytes, arithmetic };
}

function checkSpectral(log: Histories | LogMeasure, { dimension }: SpectralOptions): void {
  checkInteger('dimension', dimension, spectralDimensions);
  if (sizesOfLog(log).clicks === 0)
    throw new InputError('training needs at least one click, got none; relax the filters');
}

/** Kernels that have no memory worth naming, to be asked for sizes. */
function bareKernels(module: WebAssembly.Module): Kernels {
  return instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
}

function columnsOf({ vocabulary }: Pick<LogMeasure, 'vocabulary'>, { dimension }: SpectralOptions): number {
  const oversampling = Math.max(LEAST_OVERSAMPLING, Math.ceil(dimension * OVERSAMPLING));
  return Math.min(vocabulary.size, dimension + oversampling);
}

function mostPassesOf(log: Histories | LogMeasure, { iterations }: SpectralOptions, columns: number): number {
  if (iterations > 0) return Math.max(2, iterations);
  const affordable = Math.floor(MOST_WORK / (sizesOfLog(log).clicks * columns));
  return Math.max(LEAST_PASSES, Math.min(MOST_PASSES, affordable));
}

/** Tells the progress of passes, and ends the work where the signal is raised. */
function sliceHook(log: Histories | LogMeasure, mostPasses: number, { signal, onProgress }: SpectralHooks) {
  const { clicks } = sizesOfLog(log);
  let done = 0;
  return (share: number): void => {
    signal?.throwIfAborted();
    done += share;
    // shares of slices add up to a pass but for rounding
    const pass = Math.min(mostPasses, Math.floor(done + 1e-9) + 1);
    onProgress?.({
      pass,
      passes: mostPasses,
      share: Math.min(1, done / mostPasses),
      clicks: Math.round(done * clicks),
    });
  };
}

function collect(
  memory: SpectralMemory,
  degrees: Float64Array,
  found: LeadingSubspace,
  options: FactorOptions & Exponents,
): SpectralVectors {
  const { block, singularValues, passes, angle } = found;
  const { stride, blocks } = memory;
  const { vectors, outputVectors } = factorVectors(
    { rows: blocks[block], spare: blocks[block === 0 ? 1 : 0], stride },
    degrees,
    singularValues,
    options,
  );
  const { historyExponent, categoryExponent } = options;
  return {
    vectors,
    outputVectors,
    exponents: { historyExponent, categoryExponent },
    measures: { passes, angle, singularValues: [...singularValues] },
  };
}
