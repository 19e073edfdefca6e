/** What a click network needs in shared memory, and how its numbers and rows get there. */
import type { RegionSizes } from '../engine/memory-layout.js';
import { openRecord, recordBytes, type ClickRecord } from './click-job.js';
import type { ClickRows } from './impressions.js';
import type { NetworkShape } from './network-shape.js';
import { layerSizes, type LayerNumbers, type Parameters } from './parameters.js';

/** Rows that the kernels multiply together, as in kernels/click-network/click-job.ts. */
const SLICE = 32;
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

/** Rows from one region to the next are named `set0…`, `set1…` in the order given. */
export function clickRegions(shape: NetworkShape, sets: readonly ClickRows[], room: ClickRoom): RegionSizes {
  const sizes: Record<string, number> = { clickJob: recordBytes('job'), clickSync: 64 };
  const lanes = room.isHogwild ? room.threads : 1;
  const batchRoom = batchRoomOf(room);
  const rows = lanes * batchRoom;
  const sliceRows = room.threads * SLICE;
  sizes['tableRecords'] = shape.tables.length * recordBytes('table');
  sizes['productRecords'] = shape.products.length * recordBytes('product');
  sizes['layerRecords'] = (shape.hidden.length + 1) * recordBytes('layer');
  shape.tables.forEach(({ rows: tableRows, stride }, t) => {
    const bytes = tableRows * stride * 4;
    const isTrained = !room.isForwardOnly;
    sizes[`table${t}Vectors`] = room.borrowed[t] === true ? 0 : bytes;
    sizes[`table${t}Gradients`] = isTrained ? bytes * lanes : 0;
    sizes[`table${t}Stamps`] = isTrained ? tableRows * 4 * lanes : 0;
    sizes[`table${t}First`] = isTrained ? (room.optimizer === 'adam' ? bytes : tableRows * 4) : 0;
    sizes[`table${t}Second`] = isTrained && room.optimizer === 'adam' ? bytes : 0;
    sizes[`table${t}Anchor`] = room.anchored[t] === true ? bytes : 0;
  });
  layerSizes(shape).forEach(({ inputs, outputs, biases }, l) => {
    const bytes = inputs * outputs * 4;
    const isLast = l === shape.hidden.length;
    sizes[`layer${l}Weights`] = bytes;
    sizes[`layer${l}ForwardPanels`] = isLast ? 0 : wholePanels(outputs) * inputs * 4;
    sizes[`layer${l}BackwardPanels`] = isLast ? 0 : wholePanels(inputs) * outputs * 4;
    sizes[`layer${l}Biases`] = biases * 4;
    sizes[`layer${l}First`] = room.isForwardOnly ? 0 : bytes;
    sizes[`layer${l}Second`] = room.isForwardOnly ? 0 : bytes;
    sizes[`layer${l}BiasFirst`] = room.isForwardOnly ? 0 : biases * 4;
    sizes[`layer${l}BiasSecond`] = room.isForwardOnly ? 0 : biases * 4;
    sizes[`layer${l}Activations`] = isLast ? 0 : sliceRows * outputs * 4;
    sizes[`layer${l}Errors`] = isLast || room.isForwardOnly ? 0 : sliceRows * outputs * 4;
  });
  sizes['inputs'] = sliceRows * shape.width * 4;
  sizes['groupSums'] = room.isForwardOnly ? 0 : lanes * groupCount(room) * groupBytes(shape);
  sizes['inputErrors'] = room.isForwardOnly ? 0 : rows * shape.width * 4;
  sizes['batchRows'] = rows * 4;
  sizes['sliceSums'] = (rows / SLICE) * (2 + shape.tables.length) * 8;
  sizes['touched'] = room.isForwardOnly ? 0 : room.threads * touchedRoom(shape, sets, room) * 8;
  sizes['scratch'] = room.threads * scratchBytes(mostNumbers(shape));
  sizes['order'] = room.order?.byteLength ?? 0;
  sets.forEach((set, s) => Object.assign(sizes, setRegions(shape, set, `set${s}`)));
  return sizes;
}

/** Rows of the batch's matrices: whole slices. */
function batchRoomOf({ batchSize }: ClickRoom): number {
  return Math.ceil(batchSize / SLICE) * SLICE;
}

/** Slices that one thread goes through in their order. Part of the algorithm: it does not depend on threads, unless they race. */
function groupSlices({ batchSize, isHogwild }: ClickRoom): number {
  return Math.ceil(Math.ceil(batchSize / SLICE) / (isHogwild ? 1 : GROUPS));
}

function groupCount(room: ClickRoom): number {
  return Math.ceil(Math.ceil(room.batchSize / SLICE) / groupSlices(room));
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

/** The most rows of tables that one batch can meet. */
function touchedRoom(shape: NetworkShape, sets: readonly ClickRows[], { batchSize }: ClickRoom): number {
  const all = shape.tables.reduce((sum, { rows }) => sum + rows, 0);
  const longest = (sets[0]?.lists ?? []).map(({ starts, ends }) =>
    ends.reduce((most, end, row) => Math.max(most, end - (starts[row] ?? 0)), 0),
  );
  const entries = longest.reduce((sum, length) => sum + length, shape.categoricalCount);
  return Math.min(all, batchSize * entries);
}

function setRegions(shape: NetworkShape, set: ClickRows, name: string): Record<string, number> {
  const sizes: Record<string, number> = {
    [name]: recordBytes('set'),
    [`${name}Columns`]: shape.columns.length * recordBytes('column'),
    [`${name}Labels`]: set.labels === undefined ? 0 : set.count * 4,
    [`${name}Weights`]: set.weights === undefined ? 0 : set.count * 4,
    [`${name}Numeric`]: set.count * shape.numericWidth * 4,
    [`${name}Logits`]: Math.ceil(set.count / SLICE) * SLICE * 4,
  };
  set.categorical.forEach(({ ids }, c) => (sizes[`${name}Column${c}Ids`] = ids.byteLength));
  set.lists.forEach(({ ids, starts, ends, entryWeights }, l) => {
    const column = `${name}Column${shape.categoricalCount + l}`;
    sizes[`${column}Ids`] = ids.byteLength;
    sizes[`${column}Starts`] = starts.byteLength;
    sizes[`${column}Ends`] = ends.byteLength;
    sizes[`${column}Weights`] = entryWeights?.byteLength ?? 0;
  });
  return sizes;
}

/** A network in shared memory, with views on what the host reads and writes. */
export interface ClickMemory {
  readonly memory: WebAssembly.Memory;
  readonly jobAddress: number;
  readonly job: ClickRecord<'job'>;
  readonly tables: readonly ClickRecord<'table'>[];
  readonly parameters: Parameters<Float32Array>;
  readonly sets: readonly SetMemory[];
}

/** Rows in shared memory. */
export interface SetMemory {
  readonly address: number;
  readonly logitsAddress: number;
  /** shape [R] */
  readonly logits: Float32Array;
  /** ids of each column, lists behind categorical ones; training writes 0 over some */
  readonly ids: readonly Int32Array[];
}

/**
 * Writes everything but tables and layers, which stay 0.
 *
 * @param address - of each region of `clickRegions`
 * @param vectors - address of the vectors of borrowed tables
 */
export function openClickMemory(
  memory: WebAssembly.Memory,
  address: Readonly<Record<string, number>>,
  {
    shape,
    sets,
    room,
    vectors,
  }: { shape: NetworkShape; sets: readonly ClickRows[]; room: ClickRoom; vectors?: readonly number[] },
): ClickMemory {
  const at = (name: string): number => address[name] ?? 0;
  const most = mostNumbers(shape);
  const batchRoom = batchRoomOf(room);
  const job = openRecord(memory, 'job', at('clickJob'));
  job.set({
    sync: at('clickSync'),
    tables: at('tableRecords'),
    tableCount: shape.tables.length,
    columnCount: shape.columns.length,
    categoricalCount: shape.categoricalCount,
    products: at('productRecords'),
    productCount: shape.products.length,
    numericWidth: shape.numericWidth,
    numericAt: shape.numericAt,
    layers: at('layerRecords'),
    layerCount: shape.hidden.length + 1,
    optimizer: room.optimizer === 'adam' ? 0 : 1,
    width: shape.width,
    inputs: at('inputs'),
    inputErrors: at('inputErrors'),
    rows: at('batchRows'),
    sliceSums: at('sliceSums'),
    batchRoom,
    touched: at('touched'),
    touchedRoom: touchedRoom(shape, sets, room),
    groupSlices: groupSlices(room),
    groupBytes: groupBytes(shape),
    scratch: at('scratch'),
    scratchBytes: scratchBytes(most),
    maxWidth: most,
    set: at('set0'),
    order: at('order'),
    orderCount: room.order?.length ?? sets[0]?.count ?? 0,
    batchSize: room.batchSize,
    threads: room.threads,
    isHogwild: room.isHogwild ? 1 : 0,
    dropoutScale: 1,
  });
  shape.products.forEach((product, p) => {
    openRecord(memory, 'product', at('productRecords') + p * recordBytes('product')).set({ ...product });
  });
  copyTo(memory, at('order'), room.order);
  const tables = shape.tables.map((table, t) => openTable(memory, address, table, { index: t, vectors: vectors?.[t] }));
  return {
    memory,
    jobAddress: at('clickJob'),
    job,
    tables,
    parameters: {
      tables: shape.tables.map(
        ({ rows, stride }, t) => new Float32Array(memory.buffer, tables[t]?.get('vectors'), rows * stride),
      ),
      scales: shape.tables.map(() => 1),
      layers: layerSizes(shape).map((_, l) => openLayer(memory, address, shape, l)),
    },
    sets: sets.map((set, s) => openSet(memory, address, shape, { set, name: `set${s}` })),
  };
}

function openTable(
  memory: WebAssembly.Memory,
  address: Readonly<Record<string, number>>,
  { rows, dimension, stride }: NetworkShape['tables'][number],
  { index, vectors }: { readonly index: number; readonly vectors: number | undefined },
): ClickRecord<'table'> {
  const at = (part: string): number => address[`table${index}${part}`] ?? 0;
  const record = openRecord(memory, 'table', (address['tableRecords'] ?? 0) + index * recordBytes('table'));
  record.set({
    vectors: vectors ?? at('Vectors'),
    stride,
    dimension,
    rows,
    gradients: at('Gradients'),
    stamps: at('Stamps'),
    first: at('First'),
    second: at('Second'),
    anchor: at('Anchor'),
    scale: 1,
  });
  return record;
}

function openLayer(
  memory: WebAssembly.Memory,
  address: Readonly<Record<string, number>>,
  shape: NetworkShape,
  l: number,
): LayerNumbers<Float32Array> {
  const at = (part: string): number => address[`layer${l}${part}`] ?? 0;
  const { inputs = 0, outputs = 0, biases = 0 } = layerSizes(shape)[l] ?? {};
  const before = layerSizes(shape).slice(0, l);
  openRecord(memory, 'layer', (address['layerRecords'] ?? 0) + l * recordBytes('layer')).set({
    inputs,
    outputs,
    weights: at('Weights'),
    forwardPanels: at('ForwardPanels'),
    backwardPanels: at('BackwardPanels'),
    biases: at('Biases'),
    first: at('First'),
    second: at('Second'),
    biasFirst: at('BiasFirst'),
    biasSecond: at('BiasSecond'),
    activations: at('Activations'),
    errors: at('Errors'),
    gradients: (address['groupSums'] ?? 0) + before.reduce((sum, layer) => sum + gradientBytes(layer), 0),
  });
  return {
    inputs,
    outputs,
    weights: new Float32Array(memory.buffer, at('Weights'), inputs * outputs),
    biases: new Float32Array(memory.buffer, at('Biases'), biases),
  };
}

function openSet(
  memory: WebAssembly.Memory,
  address: Readonly<Record<string, number>>,
  shape: NetworkShape,
  { set, name }: { readonly set: ClickRows; readonly name: string },
): SetMemory {
  const at = (part: string): number => address[`${name}${part}`] ?? 0;
  openRecord(memory, 'set', at('')).set({
    count: set.count,
    columns: at('Columns'),
    numeric: at('Numeric'),
    labels: at('Labels'),
    weights: at('Weights'),
  });
  if (set.labels !== undefined) new Float32Array(memory.buffer, at('Labels'), set.count).set(set.labels);
  if (set.weights !== undefined) {
    new Float32Array(memory.buffer, at('Weights'), set.count).set(normalizedWeights(set.weights));
  }
  const numeric = new Float32Array(memory.buffer, at('Numeric'), set.count * shape.numericWidth);
  for (let row = 0; row < set.count && set.numericWidth > 0; row++) {
    numeric.set(set.numeric.subarray(row * set.numericWidth, (row + 1) * set.numericWidth), row * shape.numericWidth);
  }
  const ids = shape.columns.map((column, c) => {
    const list = set.lists[c - shape.categoricalCount];
    const own = set.categorical[c] ?? list;
    const region = (part: string): number => at(`Column${c}${part}`);
    openRecord(memory, 'column', at('Columns') + c * recordBytes('column')).set({
      table: column.table,
      ids: region('Ids'),
      starts: region('Starts'),
      ends: region('Ends'),
      entryWeights: region('Weights'),
      at: column.at,
    });
    copyTo(memory, region('Ids'), own?.ids);
    copyTo(memory, region('Starts'), list?.starts);
    copyTo(memory, region('Ends'), list?.ends);
    copyTo(memory, region('Weights'), list?.entryWeights);
    return new Int32Array(memory.buffer, region('Ids'), own?.ids.length ?? 0);
  });
  return {
    address: at(''),
    logitsAddress: at('Logits'),
    logits: new Float32Array(memory.buffer, at('Logits'), set.count),
    ids,
  };
}

/** Weights with mean 1: only their ratios matter. */
export function normalizedWeights(weights: Float64Array): Float64Array {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => weight / mean);
}

/** Writes numbers into a network in shared memory, and the panels that the kernels keep beside weights (kernels/numerics/panels.ts). */
export function writeParameters(
  { memory, parameters, tables }: Pick<ClickMemory, 'memory' | 'parameters' | 'tables'>,
  address: Readonly<Record<string, number>>,
  from: Parameters<Float32Array>,
): void {
  parameters.tables.forEach((table, t) => table.set(from.tables[t] ?? table));
  tables.forEach((table, t) => table.set({ scale: from.scales[t] ?? 1 }));
  parameters.layers.forEach(({ inputs, outputs, weights, biases }, l) => {
    const own = from.layers[l];
    if (own === undefined) return;
    weights.set(own.weights);
    biases.set(own.biases);
    if (l + 1 === parameters.layers.length) return;
    const panels = (name: string, columns: number, depth: number): Float32Array =>
      new Float32Array(memory.buffer, address[`layer${l}${name}Panels`] ?? 0, wholePanels(columns) * depth);
    const forward = panels('Forward', outputs, inputs);
    const backward = panels('Backward', inputs, outputs);
    weights.forEach((weight, at) => {
      const o = Math.floor(at / inputs);
      const i = at % inputs;
      forward[(Math.floor(o / 8) * inputs + i) * 8 + (o % 8)] = weight;
      backward[(Math.floor(i / 8) * outputs + o) * 8 + (i % 8)] = weight;
    });
  });
}

function copyTo(
  memory: WebAssembly.Memory,
  to: number,
  from: Int32Array | Uint32Array | Float32Array | undefined,
): void {
  if (from === undefined || from.length === 0) return;
  new Uint8Array(memory.buffer, to, from.byteLength).set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength));
}
