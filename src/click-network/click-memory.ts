/** What a click network needs in shared memory, and how its numbers and rows get there. */
import { kernelConstants } from '../numerics/kernel-records.js';
import { partSizes, type Regions, type RegionSizes } from '../numerics/memory-layout.js';
import { openRecord, recordBytes, type KernelRecord, type RecordValues } from '../numerics/records.js';
import type { ClickRows } from '../impressions/impressions.js';
import type { NetworkShape } from './network-shape.js';
import { openRowSet, setRegions, type SetMemory } from './row-memory.js';
import { layerSizes, type LayerNumbers, type Parameters } from './parameters.js';

/** Rows that the kernels multiply together. */
const { SLICE, OPTIMIZER_ADAM, OPTIMIZER_ADAGRAD } = kernelConstants;
/** Groups of slices that a batch is dealt into, each with its own sums of gradients: what many threads can share, at most. */
const GROUPS = 8;

/** What decides the sizes of a run beside its network and its rows. */
export interface ClickRoom {
  readonly batchSize: number;
  readonly threads: number;
  readonly isHogwild: boolean;
  readonly optimizer: 'adam' | 'adagrad';
  /** no gradients and moments: prediction alone */
  readonly isForwardOnly: boolean;
  /** tables whose rows are pulled to an anchor */
  readonly anchored: readonly boolean[];
  /** tables that stand elsewhere in the same memory: no vectors of their own */
  readonly borrowed: readonly boolean[];
  /** rows that are trained on, where those are not all */
  readonly order?: Uint32Array | undefined;
}

/**
 * Region → bytes. Those of a table, a layer or a set are a part of their own: `table0`, `layer0`, `set0`,
 * `set0.column0`, in the order given.
 */
export function clickRegions(shape: NetworkShape, sets: readonly ClickRows[], room: ClickRoom): RegionSizes {
  const lanes = lanesOf(room);
  const rows = lanes * batchRoomOf(room);
  const isTrained = !room.isForwardOnly;
  return {
    job: recordBytes('ClickJob'),
    sync: 64,
    tables: shape.tables.length * recordBytes('ClickTable'),
    products: shape.products.length * recordBytes('ClickProduct'),
    layers: (shape.hidden.length + 1) * recordBytes('ClickLayer'),
    ...partsOf('table', shape.tables, (table, t) => tableRegions(table, t, lanes, room)),
    ...partsOf('layer', layerSizes(shape), (_, l) => layerRegions(shape, l, room)),
    inputs: room.threads * SLICE * shape.width * 4,
    groupSums: isTrained ? lanes * groupCount(room) * groupBytes(shape) : 0,
    inputErrors: isTrained ? rows * shape.width * 4 : 0,
    batchHeads: Math.max(2 * lanes, room.threads) * recordBytes('ClickBatch'),
    batchRows: 2 * rows * 4,
    ...shareRegions(shape, room),
    sliceSums: lanes * (batchRoomOf(room) / SLICE + groupCount(room)) * (2 + shape.tables.length) * 8,
    touched: isTrained ? room.threads * touchedBytes(shape, sets, room) : 0,
    rowGradients: isTrained ? room.threads * rowGradientBytes(shape, sets, room) : 0,
    scratch: room.threads * scratchBytes(mostNumbers(shape)),
    order: room.order?.byteLength ?? 0,
    ...partsOf('set', sets, (set) => setRegions(shape, set)),
  };
}

/** The regions of things that are counted, each under its name and number. */
function partsOf<Thing>(
  name: string,
  things: readonly Thing[],
  regionsOf: (thing: Thing, index: number) => RegionSizes,
): RegionSizes {
  return Object.assign({}, ...things.map((thing, i) => partSizes(`${name}${i}`, regionsOf(thing, i))));
}

function tableRegions({ rows, stride }: NetworkShape['tables'][number], t: number, lanes: number, room: ClickRoom) {
  const bytes = rows * stride * 4;
  const isTrained = !room.isForwardOnly;
  return {
    vectors: room.borrowed[t] === true ? 0 : bytes,
    stamps: isTrained ? rows * 8 * lanes : 0,
    moments: isTrained ? (room.optimizer === 'adam' ? bytes * 2 : rows * 4) : 0,
    anchor: room.anchored[t] === true ? bytes : 0,
  };
}

function layerRegions(shape: NetworkShape, l: number, room: ClickRoom) {
  const { inputs = 0, outputs = 0, biases = 0 } = layerSizes(shape)[l] ?? {};
  const isLast = l === shape.hidden.length;
  const bytes = inputs * outputs * 4;
  const sliceBytes = room.threads * SLICE * outputs * 4;
  const errorBytes = l === 0 ? lanesOf(room) * batchRoomOf(room) * outputs * 4 : sliceBytes;
  const parts = l === 0 ? inputParts(shape).length : 1;
  const { isForwardOnly } = room;
  return {
    weights: bytes,
    forwardPanels: isLast ? 0 : wholePanels(outputs) * inputs * 4,
    // the last panel of each part may be half full
    backwardPanels: isLast ? 0 : (inputs + 4 * parts) * outputs * 4,
    biases: biases * 4,
    first: isForwardOnly ? 0 : bytes,
    second: isForwardOnly ? 0 : bytes,
    biasFirst: isForwardOnly ? 0 : biases * 4,
    biasSecond: isForwardOnly ? 0 : biases * 4,
    activations: isLast ? 0 : sliceBytes,
    errors: isLast || isForwardOnly ? 0 : errorBytes,
  };
}

/** Inputs that the first layer takes one after the other: each categorical column, then all others together. */
function inputParts({ columns, categoricalCount, tables, width }: NetworkShape) {
  const parts = columns.slice(0, categoricalCount).map(({ table, at }) => ({ at, width: tables[table]?.stride ?? 0 }));
  const { at, width: before } = parts.at(-1) ?? { at: 0, width: 0 };
  return [...parts, { at: at + before, width: width - at - before }];
}

/** For what the rows of a batch share: see kernels/click-network/batch-shares.ts. */
function shareRegions(shape: NetworkShape, room: ClickRoom) {
  const { categoricalCount: columns, hidden } = shape;
  const lanes = lanesOf(room);
  const rows = batchRoomOf(room);
  const categories = lanes * rows * 0.75;
  const { at: numbers = 0 } = inputParts(shape).at(-1) ?? {};
  return {
    shares: 2 * lanes * columns * (16 + 16 * rows),
    shareProducts: columns * categories * (hidden[0] ?? 0) * 4,
    shareErrors: room.isForwardOnly ? 0 : categories * numbers * 4,
    slots: room.threads * slotWords(room) * 4,
  };
}

/** Room to find the categories of as many rows as one thread looks at. */
function slotWords(room: ClickRoom): number {
  return (4 * batchRoomOf(room)) / (room.isForwardOnly ? room.threads : 1);
}

/** Batches that are trained on at the same time. */
function lanesOf({ isHogwild, threads }: ClickRoom): number {
  return isHogwild ? threads : 1;
}

/** Rows of a batch's matrices: whole slices, and one for each thread that predicts. */
function batchRoomOf({ batchSize, threads, isHogwild }: ClickRoom): number {
  return Math.max(Math.ceil(batchSize / SLICE), isHogwild ? 1 : threads) * SLICE;
}

/** Slices that one thread goes through in their order. Part of the algorithm: it does not depend on threads, unless they race. */
function groupSlices({ batchSize, isHogwild }: ClickRoom): number {
  return Math.ceil(Math.ceil(batchSize / SLICE) / (isHogwild ? 1 : GROUPS));
}

function groupCount(room: ClickRoom): number {
  return Math.ceil(batchRoomOf(room) / SLICE / groupSlices(room));
}

/** Gradients of all layers, each with its biases. */
function groupBytes(shape: NetworkShape): number {
  return layerSizes(shape).reduce((sum, layer) => sum + gradientBytes(layer), 0);
}

function gradientBytes({ inputs, outputs, biases }: { inputs: number; outputs: number; biases: number }): number {
  return Math.ceil((inputs * outputs + biases) / 16) * 64;
}

function wholePanels(columns: number): number {
  return Math.ceil(columns / 8) * 8;
}

function mostNumbers(shape: NetworkShape): number {
  return wholePanels(Math.max(shape.width, ...shape.hidden));
}

function scratchBytes(most: number): number {
  return most * SLICE * 8 + 2 * SLICE * 4;
}

/** The most rows of each table that one thread can meet in a batch: its share of them, and no more than are read. */
function mostTouched(shape: NetworkShape, sets: readonly ClickRows[], { batchSize, threads, isHogwild }: ClickRoom) {
  const { categorical = [], lists = [] } = sets[0] ?? {};
  return shape.tables.map(({ rows }, t) => {
    const longest = lists
      .filter(({ table }) => table === t)
      .map(({ starts, ends }) => ends.reduce((most, end, row) => Math.max(most, end - (starts[row] ?? 0)), 0));
    const entries = longest.reduce(
      (sum, length) => sum + length,
      categorical.filter(({ table }) => table === t).length,
    );
    return Math.min(Math.ceil(rows / (isHogwild ? 1 : threads)), batchSize * entries);
  });
}

/** Three words for each row, and room for one that is written in advance. */
function touchedBytes(shape: NetworkShape, sets: readonly ClickRows[], room: ClickRoom): number {
  return (mostTouched(shape, sets, room).reduce((sum, rows) => sum + rows, 0) + 1) * 12;
}

function rowGradientBytes(shape: NetworkShape, sets: readonly ClickRows[], room: ClickRoom): number {
  const numbers = mostTouched(shape, sets, room).map((rows, t) => rows * (shape.tables[t]?.stride ?? 0));
  return Math.ceil(numbers.reduce((sum, count) => sum + count, 0) / 16) * 64;
}

/** A network in shared memory, with views on what the host reads and writes. */
export interface ClickMemory {
  readonly shape: NetworkShape;
  readonly regions: Regions;
  readonly jobAddress: number;
  readonly job: KernelRecord<'ClickJob'>;
  readonly tables: readonly KernelRecord<'ClickTable'>[];
  readonly parameters: Parameters<Float32Array>;
  readonly sets: readonly SetMemory[];
}

/**
 * Writes everything but tables and layers, which stay 0.
 *
 * @param regions - of `clickRegions`
 * @param vectors - address of the vectors of borrowed tables
 */
export function openClickMemory(
  regions: Regions,
  {
    shape,
    sets,
    room,
    vectors,
  }: {
    readonly shape: NetworkShape;
    readonly sets: readonly ClickRows[];
    readonly room: ClickRoom;
    readonly vectors?: readonly (number | undefined)[];
  },
): ClickMemory {
  const { memory } = regions;
  const jobAddress = regions.address('job');
  const job = openRecord(memory, 'ClickJob', jobAddress);
  job.set(jobFields(regions, shape, sets, room));
  shape.products.forEach((product, p) => {
    openRecord(memory, 'ClickProduct', regions.address('products') + p * recordBytes('ClickProduct')).set({
      ...product,
    });
  });
  regions.write('order', room.order);
  const tables = shape.tables.map((table, t) => openTable(regions, table, { index: t, vectors: vectors?.[t] }));
  return {
    shape,
    regions,
    jobAddress,
    job,
    tables,
    parameters: {
      tables: shape.tables.map(
        ({ rows, stride }, t) => new Float32Array(memory.buffer, tables[t]?.get('vectors'), rows * stride),
      ),
      scales: shape.tables.map(() => 1),
      layers: layerSizes(shape).map((_, l) => openLayer(regions, shape, l)),
    },
    sets: sets.map((set, s) => openRowSet(regions.part(`set${s}`), shape, set)),
  };
}

function jobFields(
  regions: Regions,
  shape: NetworkShape,
  sets: readonly ClickRows[],
  room: ClickRoom,
): RecordValues<'ClickJob'> {
  const most = mostNumbers(shape);
  return {
    sync: regions.address('sync'),
    tables: regions.address('tables'),
    tableCount: shape.tables.length,
    columnCount: shape.columns.length,
    categoricalCount: shape.categoricalCount,
    products: regions.address('products'),
    productCount: shape.products.length,
    numericWidth: shape.numericWidth,
    numericAt: shape.numericAt,
    layers: regions.address('layers'),
    layerCount: shape.hidden.length + 1,
    optimizer: room.optimizer === 'adam' ? OPTIMIZER_ADAM : OPTIMIZER_ADAGRAD,
    width: shape.width,
    inputs: regions.address('inputs'),
    inputErrors: regions.address('inputErrors'),
    batchHeads: regions.address('batchHeads'),
    rows: regions.address('batchRows'),
    shares: regions.address('shares'),
    shareProducts: regions.address('shareProducts'),
    shareErrors: regions.address('shareErrors'),
    slots: regions.address('slots'),
    slotWords: slotWords(room),
    sliceSums: regions.address('sliceSums'),
    batchRoom: batchRoomOf(room),
    touched: regions.address('touched'),
    touchedBytes: touchedBytes(shape, sets, room),
    rowGradients: regions.address('rowGradients'),
    rowGradientBytes: rowGradientBytes(shape, sets, room),
    groupSlices: groupSlices(room),
    groupBytes: groupBytes(shape),
    scratch: regions.address('scratch'),
    scratchBytes: scratchBytes(most),
    maxWidth: most,
    set: regions.part('set0').address('record'),
    order: regions.address('order'),
    orderCount: room.order?.length ?? sets[0]?.count ?? 0,
    batchSize: room.batchSize,
    threads: room.threads,
    isHogwild: room.isHogwild ? 1 : 0,
    dropoutScale: 1,
  };
}

function openTable(
  regions: Regions,
  { rows, dimension, stride }: NetworkShape['tables'][number],
  { index, vectors }: { readonly index: number; readonly vectors: number | undefined },
): KernelRecord<'ClickTable'> {
  const own = regions.part<keyof ReturnType<typeof tableRegions>>(`table${index}`).addresses();
  const address = regions.address('tables') + index * recordBytes('ClickTable');
  const record = openRecord(regions.memory, 'ClickTable', address);
  record.set({ ...own, vectors: vectors ?? own.vectors, stride, dimension, rows, scale: 1 });
  return record;
}

function openLayer(regions: Regions, shape: NetworkShape, l: number): LayerNumbers<Float32Array> {
  const own = regions.part<keyof ReturnType<typeof layerRegions>>(`layer${l}`);
  const { inputs = 0, outputs = 0 } = layerSizes(shape)[l] ?? {};
  const before = layerSizes(shape).slice(0, l);
  openRecord(regions.memory, 'ClickLayer', regions.address('layers') + l * recordBytes('ClickLayer')).set({
    ...own.addresses(),
    inputs,
    outputs,
    gradients: regions.address('groupSums') + before.reduce((sum, layer) => sum + gradientBytes(layer), 0),
  });
  return { inputs, outputs, weights: own.f32('weights'), biases: own.f32('biases') };
}

/**
 * Writes numbers into a network in shared memory, and the panels that the kernels keep beside weights
 * (kernels/numerics/panels.ts).
 */
export function writeParameters(
  { shape, regions, parameters, tables }: Pick<ClickMemory, 'shape' | 'regions' | 'parameters' | 'tables'>,
  from: Parameters<Float32Array>,
): void {
  parameters.tables.forEach((table, t) => table.set(from.tables[t] ?? table));
  tables.forEach((table, t) => table.set({ scale: from.scales[t] ?? 1 }));
  parameters.layers.forEach((layer, l) => {
    const own = from.layers[l];
    if (own === undefined) return;
    layer.weights.set(own.weights);
    layer.biases.set(own.biases);
    if (l + 1 === parameters.layers.length) return;
    const forward = regions.part(`layer${l}`).f32('forwardPanels');
    const backward = regions.part(`layer${l}`).f32('backwardPanels');
    const parts = l === 0 ? inputParts(shape) : [{ at: 0, width: layer.inputs }];
    parts.forEach(({ at, width }, p) => {
      packPart(layer, { at, width }, [
        forward.subarray(at * wholePanels(layer.outputs)),
        backward.subarray((at + 4 * p) * layer.outputs),
      ]);
    });
  });
}

/** Writes the weights of some inputs into their panels, forward and backward. */
function packPart(
  { inputs, outputs, weights }: LayerNumbers<Float32Array>,
  { at, width }: { readonly at: number; readonly width: number },
  [forward, backward]: readonly [Float32Array, Float32Array],
): void {
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < width; i++) {
      const weight = weights[o * inputs + at + i] ?? 0;
      forward[(Math.floor(o / 8) * width + i) * 8 + (o % 8)] = weight;
      backward[(Math.floor(i / 8) * outputs + o) * 8 + (i % 8)] = weight;
    }
  }
}
