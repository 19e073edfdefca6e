/** Units of work in plain TypeScript: which clicks, which negatives, what weights. The twin of kernels/block.ts and kernels/noise.ts. */
import { historyCount, type Histories } from '../histories/histories.js';
import { mix, permuted, Random } from '../numerics/random.js';
import {
  LONG_BLOCK,
  LONG_HISTORY,
  negativesOfBlock,
  SHORT_HISTORY,
  STRIP,
  type TrainingPlan,
} from './training-plan.js';

const PURPOSE_ORDER = 0x4f524445;
const PURPOSE_PARTITION = 0x50415254;
const PURPOSE_SUBSAMPLING = 0x53554253;
const PURPOSE_NOISE = 0x4e4f4953;

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
  const { seedLow, seedHigh } = seedWords(plan);
  const keyA = mix(seedLow ^ mix(epoch + PURPOSE_ORDER));
  const keyB = mix(seedHigh ^ mix(epoch ^ PURPOSE_ORDER));
  const count = historyCount(histories);
  let units: Unit[] = [];
  let clicks = 0;
  let bundle: number[] = [];
  let bundleClicks = 0;
  const closeBundle = (): void => {
    if (bundle.length > 0) units.push(openBundle(histories, plan, epoch, bundle));
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
    const n = (histories.offsets[history + 1] ?? 0) - (histories.offsets[history] ?? 0);
    if (plan.isBundled && n <= SHORT_HISTORY) {
      if (bundleClicks + n > STRIP) closeBundle();
      if (n > 1) bundle.push(history);
      if (n > 1) bundleClicks += n;
      clicks += n;
      if (clicks >= plan.batchClicks) yield closeBatch();
      continue;
    }
    for (const place of placesOf(history, n, plan)) {
      units.push(openUnit(histories, plan, epoch, place));
      clicks += partStart(place.size, place.strips, place.strip + 1) - partStart(place.size, place.strips, place.strip);
      if (clicks >= plan.batchClicks) yield closeBatch();
    }
  }
  if (clicks > 0) yield closeBatch();
}

/** All units of an epoch, in order. */
export function* unitsOfEpoch(histories: Histories, plan: TrainingPlan, epoch: number): Generator<Unit> {
  for (const { units } of batchesOfEpoch(histories, plan, epoch)) yield* units;
}

/** The strips of a history, block after block. */
function* placesOf(history: number, n: number, plan: TrainingPlan): Generator<Place> {
  const blocks = plan.options.context === 'history' && n > LONG_HISTORY ? Math.ceil(n / LONG_BLOCK) : 1;
  for (let block = 0; block < blocks; block++) {
    const size = partStart(n, blocks, block + 1) - partStart(n, blocks, block);
    const strips = Math.ceil(size / STRIP);
    for (let strip = 0; strip < strips; strip++) yield { history, n, blocks, block, strips, strip, size };
  }
}

/** Short histories, one behind the other: every click is an input. */
function openBundle(histories: Histories, plan: TrainingPlan, epoch: number, members: readonly number[]): Unit {
  const clicks = members.flatMap((history, part) => {
    const start = histories.offsets[history] ?? 0;
    const end = histories.offsets[history + 1] ?? 0;
    return Array.from({ length: end - start }, (_, i) => ({ click: start + i, part })).filter(({ click }) =>
      isKept(histories, plan, epoch, click),
    );
  });
  const planned = members.reduce((sum, h) => sum + (histories.offsets[h + 1] ?? 0) - (histories.offsets[h] ?? 0), 0);
  const { bundled } = plan.shared;
  return {
    history: members[0] ?? 0,
    block: 0,
    strip: 0,
    ids: clicks.map(({ click }) => histories.items[click] ?? 0),
    parts: clicks.map(({ part }) => part),
    clickWeights: clicks.map(({ click }) => histories.weights?.[click] ?? 1),
    first: 0,
    last: clicks.length,
    scale: 1,
    negatives: Math.min(bundled, Math.max(16, Math.ceil(Math.floor((bundled * clicks.length) / planned) / 4) * 4)),
  };
}

interface Place {
  readonly history: number;
  readonly n: number;
  readonly blocks: number;
  readonly block: number;
  readonly strips: number;
  readonly strip: number;
  readonly size: number;
}

function openUnit(histories: Histories, plan: TrainingPlan, epoch: number, place: Place): Unit {
  const { history, n, blocks, block, strips, strip, size } = place;
  const { seedLow, seedHigh } = seedWords(plan);
  const isWindowed = plan.options.context === 'window';
  const keyA = mix(seedLow ^ mix(epoch + PURPOSE_PARTITION));
  const keyB = mix(seedHigh ^ mix(history + PURPOSE_PARTITION));
  const isPermuted = blocks > 1 || (isWindowed && plan.options.shuffle);
  const start = histories.offsets[history] ?? 0;
  const blockFirst = partStart(n, blocks, block);
  const inputFirst = blockFirst + partStart(size, strips, strip);
  const inputLast = blockFirst + partStart(size, strips, strip + 1);
  const before: number[] = [];
  const inputs: number[] = [];
  const after: number[] = [];
  for (let position = blockFirst; position < blockFirst + size; position++) {
    const click = start + (isPermuted ? permuted(position, n, keyA, keyB) : position);
    if (!isKept(histories, plan, epoch, click)) continue;
    (position < inputFirst ? before : position < inputLast ? inputs : after).push(click);
  }
  const { window } = plan.options;
  const near = isWindowed ? before.slice(Math.max(0, before.length - window)) : before;
  const clicks = [...near, ...inputs, ...(isWindowed ? after.slice(0, window) : after)];
  return {
    history,
    block,
    strip,
    ids: clicks.map((click) => histories.items[click] ?? 0),
    parts: clicks.map(() => 0),
    clickWeights: clicks.map((click) => histories.weights?.[click] ?? 1),
    first: near.length,
    last: near.length + inputs.length,
    scale: blockScale(n, blocks, size, plan.options.weighting === 'pair'),
    negatives: negativesOfBlock(plan.shared, clicks.length),
  };
}

/** n(n − 1) / Σ b(b − 1); where every click counts alike, the block's own 1 / (b − 1) is part of it. */
function blockScale(n: number, blocks: number, size: number, isPairWeighted: boolean): number {
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
  const { seedLow, seedHigh } = seedWords(plan);
  const key = mix(seedLow ^ mix(seedHigh ^ mix(epoch + PURPOSE_SUBSAMPLING)));
  return mix((mix((click + key) | 0) ^ key) >>> 0) <= (plan.keep[histories.items[click] ?? 0] ?? 0);
}

/** The shared negatives of a unit, from its own random stream. */
export function drawNegatives(plan: TrainingPlan, epoch: number, unit: Unit): Negative[] {
  const random = new Random(plan.options.seed, PURPOSE_NOISE ^ epoch, unit.history, (unit.block << 16) + unit.strip);
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

function seedWords({ options: { seed } }: TrainingPlan): { seedLow: number; seedHigh: number } {
  return { seedLow: seed >>> 0, seedHigh: Math.floor(seed / 4294967296) >>> 0 };
}
