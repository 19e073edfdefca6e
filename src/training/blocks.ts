/**
 * Units of work in plain TypeScript: which clicks, which negatives, what weights. The twin of kernels/training/block.ts
 * and noise.ts.
 */
import { historyCount, type Histories } from '../histories/histories.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import { mix, permuted, Random, seedWords } from '../numerics/random.js';
import { negativesOfBlock, type TrainingPlan } from './training-plan.js';

const { LONG_BLOCK, LONG_HISTORY, SHORT_HISTORY, STRIP } = kernelConstants;
const { PURPOSE_ORDER, PURPOSE_PARTITION, PURPOSE_SUBSAMPLING, PURPOSE_NOISE } = kernelConstants;

/** A strip of inputs and the block of their context; or a bundle, whose short histories share negatives and nothing else. */
export interface Unit {
  /** the first one of a bundle */
  readonly history: number;
  readonly block: number;
  readonly strip: number;
  /** category rows of the block's clicks */
  readonly ids: readonly number[];
  /** which part of the block each click is in: the histories of a bundle, else all 0 */
  readonly parts: readonly number[];
  /** share of the loss of each click of the block */
  readonly clickWeights: readonly number[];
  /** positions of the inputs in the block: first … last − 1 */
  readonly first: number;
  readonly last: number;
  /** factor on pair weights where the block stands for more pairs than it holds */
  readonly scale: number;
  /** negatives that it shares */
  readonly negatives: number;
}

/** Units whose gradients are taken from the same tables, and the clicks that the plan counts for them, before subsampling. */
export interface Batch {
  readonly units: readonly Unit[];
  readonly clicks: number;
}

/** A negative sample and the segment it was drawn from; −1 is the list of what the history was shown. */
export interface Negative {
  readonly row: number;
  readonly segment: number;
}

/** All batches of an epoch, in order. */
export function* batchesOfEpoch(histories: Histories, plan: TrainingPlan, epoch: number): Generator<Batch> {
  const { low, high } = seedWords(plan.options.seed);
  const keyA = mix(low ^ mix(epoch + PURPOSE_ORDER));
  const keyB = mix(high ^ mix(epoch ^ PURPOSE_ORDER));
  const count = historyCount(histories);
  let units: Unit[] = [];
  let clicks = 0;
  let bundle: Member[] = [];
  let bundleClicks = 0;
  const closeBundle = (): void => {
    if (bundle.length > 0) units.push(openBundle(histories, plan, bundle));
    bundle = [];
    bundleClicks = 0;
  };
  const closeBatch = (): Batch => {
    closeBundle();
    const batch = { units, clicks };
    units = [];
    clicks = 0;
    return batch;
  };
  for (let visit = 0; visit < count; visit++) {
    const history = permuted(visit, count, keyA, keyB);
    for (const place of placesOf(histories, plan, history)) {
      const from = partStart(place.n, place.blocks, place.block);
      const kept = keptClicks(histories, plan, epoch, place, { from, end: from + place.size });
      const isBundled = plan.isBundled && place.blocks === 1 && kept.length > 1 && kept.length <= SHORT_HISTORY;
      if (isBundled && bundleClicks + kept.length > STRIP) closeBundle();
      if (isBundled) bundle.push({ history, kept });
      if (isBundled) bundleClicks += kept.length;
      const strips = isBundled ? [] : [...stripsOf(histories, plan, epoch, place, kept)];
      const isWhole = strips.length === 0 || plan.isWhole;
      const steps = isWhole ? [strips] : strips.map((unit) => [unit]);
      for (const [step, stripsOfStep] of steps.entries()) {
        units.push(...stripsOfStep);
        clicks += partStart(place.size, steps.length, step + 1) - partStart(place.size, steps.length, step);
        if (clicks >= plan.batchClicks) yield closeBatch();
      }
    }
  }
  if (clicks > 0) yield closeBatch();
}

/** All units of an epoch, in order. */
export function* unitsOfEpoch(histories: Histories, plan: TrainingPlan, epoch: number): Generator<Unit> {
  for (const { units } of batchesOfEpoch(histories, plan, epoch)) yield* units;
}

/** A block of a history of n clicks. */
interface Place {
  readonly history: number;
  readonly n: number;
  readonly blocks: number;
  readonly block: number;
  readonly size: number;
}

/** A short history, and the clicks of it that subsampling keeps, as numbers in the flat list of all clicks. */
interface Member {
  readonly history: number;
  readonly kept: readonly number[];
}

/** The blocks of a history. */
function* placesOf(histories: Histories, plan: TrainingPlan, history: number): Generator<Place> {
  const n = (histories.offsets[history + 1] ?? 0) - (histories.offsets[history] ?? 0);
  const blocks = plan.options.context === 'history' && n > LONG_HISTORY ? Math.ceil(n / LONG_BLOCK) : 1;
  for (let block = 0; block < blocks; block++) {
    yield { history, n, blocks, block, size: partStart(n, blocks, block + 1) - partStart(n, blocks, block) };
  }
}

/** The clicks between two positions that subsampling keeps, in their order. */
function keptClicks(
  histories: Histories,
  plan: TrainingPlan,
  epoch: number,
  place: Place,
  { from, end }: { from: number; end: number },
): number[] {
  return Array.from({ length: end - from }, (_, i) => clickAt(histories, plan, epoch, place, from + i)).filter(
    (click) => isKept(histories, plan, epoch, click),
  );
}

/** The click at a position of a history: long ones are dealt to blocks anew in each epoch, and `shuffle` draws an order. */
function clickAt(
  histories: Histories,
  plan: TrainingPlan,
  epoch: number,
  { history, n, blocks }: Place,
  position: number,
): number {
  const { low, high } = seedWords(plan.options.seed);
  const isPermuted = blocks > 1 || (plan.options.context === 'window' && plan.options.shuffle);
  const keyA = mix(low ^ mix(epoch + PURPOSE_PARTITION));
  const keyB = mix(high ^ mix(history + PURPOSE_PARTITION));
  return (histories.offsets[history] ?? 0) + (isPermuted ? permuted(position, n, keyA, keyB) : position);
}

/** Short histories, one behind the other: every click is an input. */
function openBundle(histories: Histories, plan: TrainingPlan, members: readonly Member[]): Unit {
  const clicks = members.flatMap(({ kept }, part) => kept.map((click) => ({ click, part })));
  return {
    history: members[0]?.history ?? 0,
    block: 0,
    strip: 0,
    ids: clicks.map(({ click }) => histories.items[click] ?? 0),
    parts: clicks.map(({ part }) => part),
    clickWeights: clicks.map(({ click }) => histories.weights?.[click] ?? 1),
    first: 0,
    last: clicks.length,
    scale: 1,
    negatives: plan.shared.bundled,
  };
}

/** The strips of a block: inputs side by side, all against the whole block, or against what their window holds. */
function* stripsOf(
  histories: Histories,
  plan: TrainingPlan,
  epoch: number,
  place: Place,
  kept: readonly number[],
): Generator<Unit> {
  const { history, block, size } = place;
  const isWindowed = plan.options.context === 'window';
  if (!isWindowed && kept.length < 2) return;
  const strips = Math.ceil((isWindowed ? size : kept.length) / STRIP);
  for (let strip = 0; strip < strips; strip++) {
    const { clicks, first, last } = isWindowed
      ? windowOf(histories, plan, epoch, place, { strips, strip })
      : {
          clicks: kept,
          first: stripStart(kept.length, strips, strip),
          last: stripStart(kept.length, strips, strip + 1),
        };
    yield {
      history,
      block,
      strip,
      ids: clicks.map((click) => histories.items[click] ?? 0),
      parts: clicks.map(() => 0),
      clickWeights: clicks.map((click) => histories.weights?.[click] ?? 1),
      first,
      last,
      scale: blockScale(place, plan.options.weighting === 'pair'),
      negatives: negativesOfBlock(plan.shared, clicks.length),
    };
  }
}

/** A strip of a history in its order, and as many kept clicks before and behind it as the window holds. */
function windowOf(
  histories: Histories,
  plan: TrainingPlan,
  epoch: number,
  place: Place,
  { strips, strip }: { strips: number; strip: number },
) {
  const inputFirst = partStart(place.n, strips, strip);
  const inputLast = partStart(place.n, strips, strip + 1);
  const { window } = plan.options;
  const kept = (from: number, end: number): number[] => keptClicks(histories, plan, epoch, place, { from, end });
  const before = kept(0, inputFirst);
  const near = before.slice(Math.max(0, before.length - window));
  const inputs = kept(inputFirst, inputLast);
  const clicks = [...near, ...inputs, ...kept(inputLast, place.n).slice(0, window)];
  return { clicks, first: near.length, last: near.length + inputs.length };
}

/** n(n − 1) / Σ b(b − 1); where every click counts alike, the block's own 1 / (b − 1) is part of it. */
function blockScale({ n, blocks, size }: Place, isPairWeighted: boolean): number {
  if (blocks === 1) return 1;
  let pairs = 0;
  for (let block = 0; block < blocks; block++) {
    const other = partStart(n, blocks, block + 1) - partStart(n, blocks, block);
    pairs += other * (other - 1);
  }
  return ((n * (n - 1)) / pairs) * (isPairWeighted ? 1 : (size - 1) / (n - 1));
}

function isKept(histories: Histories, plan: TrainingPlan, epoch: number, click: number): boolean {
  if (plan.keep === undefined) return true;
  const { low, high } = seedWords(plan.options.seed);
  const key = mix(low ^ mix(high ^ mix(epoch + PURPOSE_SUBSAMPLING)));
  return mix((mix((click + key) | 0) ^ key) >>> 0) <= (plan.keep[histories.items[click] ?? 0] ?? 0);
}

/** The shared negatives of a unit, from its own random stream. */
export function drawNegatives(plan: TrainingPlan, epoch: number, unit: Unit): Negative[] {
  const strip = plan.isNoiseShared ? 0 : unit.strip;
  const random = new Random(plan.options.seed, PURPOSE_NOISE ^ epoch, unit.history, (unit.block << 16) + strip);
  const { noise, shown } = plan;
  const shownStart = shown?.offsets[unit.history] ?? 0;
  const shownCount = (shown?.offsets[unit.history + 1] ?? 0) - shownStart;
  return Array.from({ length: unit.negatives }, () => {
    if (shown !== undefined && shownCount > 0) {
      return { row: shown.items[shownStart + random.below(shownCount)] ?? 0, segment: -1 };
    }
    const segment =
      noise.segmentOf === undefined ? 0 : (noise.segmentOf[unit.ids[random.below(unit.ids.length)] ?? 0] ?? 0);
    const start = noise.segmentStart[segment] ?? 0;
    const entry = start + random.below((noise.segmentStart[segment + 1] ?? 0) - start);
    const isOwn = random.uint32() <= (noise.threshold[entry] ?? 0);
    return { row: noise.category[isOwn ? entry : (noise.alias[entry] ?? 0)] ?? 0, segment };
  });
}

function partStart(n: number, parts: number, k: number): number {
  return Math.floor((n * k) / parts);
}

/** First click of a strip: whole groups of four are dealt. */
function stripStart(n: number, strips: number, k: number): number {
  return Math.min(n, partStart(Math.ceil(n / 4), strips, k) * 4);
}
