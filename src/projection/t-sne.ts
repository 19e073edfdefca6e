/**
 * t-SNE: neighbors that attract, everything that repels. van der Maaten and Hinton 2008; van der Maaten 2014, JMLR
 * 15:3221–3245.
 */
import { InputError, named, sentence } from '../checks.js';
import type { Workers } from '../engine/workers.js';
import { pow } from '../numerics/elementary.js';
import { Random } from '../numerics/random.js';
import { jointAffinities, usedPerplexity, type Affinities } from './affinities.js';
import { gridFor, noGrid, longestTransform, writeTurns } from './grid.js';
import { restoreOrder, type MapMemory } from './map-memory.js';
import { findNeighbors } from './neighbor-graph.js';
import type { ResolvedProjectionOptions } from './options.js';
import { klDivergence } from './reference.js';

/**
 * Standard deviation of the first axis where t-SNE begins: small, so that no order of the start is final. Kobak and
 * Berens 2019.
 */
const START_SCALE = 1e-4;
/**
 * Steps between two looks at the signal, at most; and how many points may be moved, so that it is looked at every
 * second or so.
 */
const STEPS_AT_ONCE = 25;
const MOVES_AT_ONCE = 1_000_000;

/** Rows up to which the repulsion of all pairs is summed: faster there than a grid. */
const MOST_EXACT = 2000;
/** Rows up to which Z of the finished layout is summed over all pairs too, for the divergence that is reported. */
const MOST_EXACT_AT_END = 30_000;

/** What is known of a layout. */
export interface TsneFigures {
  /** of the layout, in nats */
  readonly klDivergence: number;
  /** share of the true neighbors in the graph that the layout was given */
  readonly graphRecall: number;
}

/** Progress callback and abort signal of the layout. */
export interface TsneRun {
  readonly options: ResolvedProjectionOptions;
  readonly hooks: {
    readonly onProgress?: ((progress: { stage: 'neighbors' | 'layout'; share: number }) => void) | undefined;
  };
  readonly pause: () => Promise<void>;
}

/**
 * Momentum until exaggeration begins to fall, and from then on; gains stand in the kernel, `moveChunk`. van der Maaten
 * and Hinton 2008 have 0.5 and 0.8, for a learning rate that stays low.
 */
const EARLY_MOMENTUM = 0.8;
const MOMENTUM = 0.9;
/** Steps of one stair, where exaggeration falls. */
const STAIR = 10;

/**
 * Moves the coordinates from the principal components, where they are, to a t-SNE layout.
 *
 * @throws InputError where a learning rate is so large that the layout does not stay finite
 */
export async function layOutTsne(memory: MapMemory, workers: Workers, given: TsneRun): Promise<TsneFigures> {
  const { rows } = memory.sizes;
  const options = { ...given.options, iterations: given.options.iterations || stepsFor(rows) };
  const run = { ...given, options };
  scaleStart(memory.coordinates, options.seed);
  if (memory.sizes.neighbors === 0) return { klDivergence: 0, graphRecall: 1 };
  const { affinities, graphRecall } = await findAffinities(memory, workers, run);
  memory.gains.fill(1);
  const before = shareOfNeighbors(memory, options);
  const atOnce = Math.max(1, Math.min(STEPS_AT_ONCE, Math.floor(MOVES_AT_ONCE / rows)));
  for (let done = 0; done < options.iterations;) {
    const { until, ...factors } = factorsOfStep(done, rows, options);
    memory.job.set(factors);
    const stepsAsked = Math.min(atOnce, until - done);
    // oxlint-disable-next-line no-await-in-loop -- steps follow each other
    await runSteps(memory, workers, stepsAsked);
    done += memory.job.get('stepsDone');
    run.hooks.onProgress?.({ stage: 'layout', share: before + ((0.95 - before) * done) / options.iterations });
    // oxlint-disable-next-line no-await-in-loop -- lets others run between steps
    await run.pause();
  }
  await runSteps(memory, workers, 0);
  const divergence = klDivergence(affinities, memory.coordinates, memory.job.get('normalizer'));
  restoreOrder(memory);
  return { klDivergence: divergence, graphRecall };
}

/** Steps where none are given: a large map takes longer to spread. */
function stepsFor(rows: number): number {
  return Math.round(500 * pow(Math.max(1, rows / 10_000), 0.2));
}

/**
 * Factors of a step, and the step until which they hold.
 *
 * Exaggeration stands for half of its steps, then falls to 1 in equal ratios. The learning rate is V / exaggeration:
 * Belkina and others 2019 divide by 12 to the end, but where less attracts, a longer step is as safe.
 */
function factorsOfStep(done: number, rows: number, options: ResolvedProjectionOptions) {
  const early = Math.min(options.exaggeratedIterations, options.iterations);
  const held = Math.ceil(early / 2);
  const stairs = Math.floor((done - held) / STAIR) * STAIR;
  const until = [held, Math.min(early, held + stairs + STAIR), options.iterations].find((step) => step > done);
  const fallen = Math.max(0, Math.min(1, (stairs + STAIR / 2) / (early - held)));
  const exaggeration = done < early ? pow(options.earlyExaggeration, 1 - fallen) : 1;
  return {
    exaggeration,
    rate: options.learningRate > 0 ? options.learningRate : rows / exaggeration,
    momentum: done < held ? EARLY_MOMENTUM : MOMENTUM,
    until: until ?? options.iterations,
  };
}

/**
 * Share of the work that the neighbor graph is: seconds on two cores of an AMD EPYC, so that the time left is foreseen
 * at any size.
 */
function shareOfNeighbors(
  { sizes, graph: plan, points }: MapMemory,
  { iterations }: ResolvedProjectionOptions,
): number {
  const { rows } = sizes;
  const graph = plan.listLength > 0 ? rows * plan.listLength * 1.5e-6 : rows * points.length * 5e-11 + rows * 4e-5;
  const layout = rows * iterations * 5e-7;
  return (0.95 * graph) / (graph + layout);
}

async function findAffinities(
  memory: MapMemory,
  workers: Workers,
  { options, hooks, pause }: TsneRun,
): Promise<{ readonly affinities: Affinities; readonly graphRecall: number }> {
  const { rows, neighbors } = memory.sizes;
  const share = shareOfNeighbors(memory, options);
  const onShare = (done: number) => hooks.onProgress?.({ stage: 'neighbors', share: share * done });
  const graphRecall = await findNeighbors(memory, workers, { seed: options.seed, onShare, pause });
  await workers.callAll('bandwidthRows', memory.jobAddress, usedPerplexity(options.perplexity, rows));
  const neighborRows = memory.neighborRows.subarray(0, rows * neighbors);
  const conditional = memory.neighborSquares.subarray(0, rows * neighbors);
  const affinities = jointAffinities(neighborRows, conditional, neighbors, {
    offsets: memory.edgeOffsets,
    columns: memory.edgeColumns,
    values: memory.edgeValues,
  });
  return { affinities, graphRecall };
}

/** Centers the points, lays a grid below them, and makes steps until they are done or the grid is too small. */
async function runSteps(memory: MapMemory, workers: Workers, stepsAsked: number): Promise<void> {
  const { job, jobAddress, coordinates, sizes } = memory;
  const [spanX, spanY, lowX, lowY] = center(coordinates);
  const { length, spacing } =
    sizes.rows <= (stepsAsked === 0 ? MOST_EXACT_AT_END : MOST_EXACT)
      ? noGrid
      : gridFor(Math.max(spanX, spanY), longestTransform(sizes.rows), {
          length: job.get('gridLength'),
          spacing: job.get('spacing'),
        });
  if (length !== job.get('gridLength') || spacing !== job.get('spacing')) {
    writeTurns(memory.turns, length);
    job.set({ gridLength: length, spacing });
    if (length > 0) await workers.callAll('prepareGrid', jobAddress);
  }
  job.set({ originX: lowX - 1.5 * spacing, originY: lowY - 1.5 * spacing, stepsAsked });
  await workers.callAll('layOutSteps', jobAddress);
}

/**
 * Moves the mean to zero: forces cancel but for rounding, which would add up.
 *
 * @returns extent along both axes, and the least coordinates
 */
function center(coordinates: Float32Array): [spanX: number, spanY: number, lowX: number, lowY: number] {
  const rows = coordinates.length / 2;
  const [width, height, left, top] = [0, 1]
    .map((axis) => {
      let sum = 0;
      for (let at = axis; at < coordinates.length; at += 2) sum += coordinates[at] ?? 0;
      const mean = sum / rows;
      let low = Infinity;
      let high = -Infinity;
      for (let at = axis; at < coordinates.length; at += 2) {
        const value = Math.fround((coordinates[at] ?? 0) - mean);
        coordinates[at] = value;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      return [high - low, low] as const;
    })
    .reduce<[number, number, number, number]>(
      ([x, y, a, b], [span, low], axis) => (axis === 0 ? [span, y, low, b] : [x, span, a, low]),
      [0, 0, 0, 0],
    );
  // a grid of 4096 points could no longer tell apart places so far from each other
  if (!(width < 1e6 && height < 1e6)) {
    throw new InputError(sentence`the layout did not stay finite; give a smaller ${named('learningRate')}`);
  }
  return [width, height, left, top];
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
