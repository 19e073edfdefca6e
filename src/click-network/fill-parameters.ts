/** Where the numbers of a run start, and how each table moves: scratch at random, transfers from their embedding. */
import { dropoutKey, dropoutThreshold } from './chance.js';
import { writeParameters, type ClickMemory } from './click-memory.js';
import type { NetworkShape } from './network-shape.js';
import type { ResolvedClickOptions } from './options.js';
import { initialParameters } from './parameters.js';
import type { TablePlan } from './plan-tables.js';
import { padRows } from '../numerics/padded-rows.js';

/**
 * Weight decay of the numbers that categories have beside their vectors. A tenth of a simulated world's labels, five
 * rows for each advertiser of which most show no own click rate: AUC 0.752 without, 0.760 at 0.02, 0.762 at 0.05, 0.761
 * without such numbers; on films the four AUCs of docs/click-model.md are within 0.002 of each other for 0, 0.02 and 0.1.
 */
const OWN_NUMBER_L2 = 0.05;

/** Writes all numbers of a run and the rules that its tables follow. */
export function fillParameters(click: ClickMemory, { shape, tables, options }: Filling): void {
  const initial = initialParameters(shape, options.seed, options.initialScale);
  tables.forEach((table, t) => {
    const vectors = initial.tables[t];
    const { stride = 0 } = shape.tables[t] ?? {};
    if (table.startsAtZero) vectors?.fill(0);
    if (vectors === undefined || table.start === undefined) return;
    if (table.isShared) initial.scales[t] = fillShared(vectors, table, click.parameters.tables[t], stride);
    else fillRows(vectors, table, stride);
  });
  writeParameters(click, initial);
  tables.forEach((table, t) => {
    const { start, startsAtZero, isFrozen, isShared, isAnchored } = table;
    click.tables[t]?.set({
      isFrozen: isFrozen ? 1 : 0,
      rate:
        start === undefined ? options.tableRate : options.transferRate * (isShared ? 1 / (initial.scales[t] ?? 1) : 1),
      l2: startsAtZero ? Math.max(options.tableL2, OWN_NUMBER_L2) : options.tableL2,
      lambda: Math.min(options.lambda, 3e38),
      isScaleLearned: isShared ? 1 : 0,
    });
    if (isAnchored) anchorOf(click, t).set(initial.tables[t] ?? []);
  });
  click.job.set({
    learningRate: options.learningRate,
    l2: options.l2,
    dropoutKey: dropoutKey(options.seed),
    dropoutThreshold: dropoutThreshold(options.dropout),
    dropoutScale: 1 / (1 - options.dropout),
  });
}

interface Filling {
  readonly shape: NetworkShape;
  readonly tables: readonly TablePlan[];
  readonly options: ResolvedClickOptions;
}

/** The anchor of a table, shape [rows, stride], in shared memory. */
export function anchorOf({ regions }: Pick<ClickMemory, 'regions'>, t: number): Float32Array {
  return regions.part(`table${t}`).f32('anchor');
}

function fillRows(vectors: Float32Array, { start, dimension }: TablePlan, stride: number): void {
  if (start === undefined) return;
  vectors.fill(0);
  padRows(start.vectors, dimension, vectors, stride);
}

/**
 * One table for both networks keeps the embedding's own numbers, and the click network reads them times a scale; rows
 * that are the click network's alone start at the mean.
 *
 * @returns the scale
 */
function fillShared(
  vectors: Float32Array,
  { start, dimension, placeOf, rows, extraRows }: TablePlan,
  shared: Float32Array | undefined,
  stride: number,
): number {
  if (start === undefined || shared === undefined) return 1;
  vectors.set(shared);
  const firstExtra = rows - extraRows;
  placeOf?.forEach((place, row) => {
    if (place < firstExtra) return;
    for (let d = 0; d < dimension; d++) {
      vectors[place * stride + d] = (start.vectors[row * dimension + d] ?? 0) / start.scale;
    }
  });
  return start.scale;
}
