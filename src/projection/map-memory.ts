/** The shared memory in which a map is drawn: points, neighbor graph, coordinates, and what judges them. */
import { named, sentence } from '../checks.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import type { Kernels } from '../numerics/kernel-exports.js';
import { createSharedMemory, MemoryLayout, Regions } from '../numerics/memory-layout.js';
import { openRecord, recordBytes, type KernelRecord } from '../numerics/records.js';
import { paddedDimension } from '../numerics/row-products.js';
import { withThousands } from '../numerics/thousands.js';
import { exactPlan, type GraphPlan } from './graph-plan.js';
import { longestTransform } from './grid.js';

/** Rows in one block of products, where the points end with a whole one; and of one chunk of sums. */
const { BLOCK_ROWS, CHUNK_ROWS } = kernelConstants;

/** How much of everything. */
export interface MapSizes {
  readonly rows: number;
  readonly dimension: number;
  readonly threads: number;
  /** neighbors of each row in the graph; 0 for none */
  readonly neighbors: number;
  /** how it is made; default: from all pairs */
  readonly graph?: GraphPlan;
  /** rows whose neighborhoods are judged, and how many neighbors of each */
  readonly judged: number;
  readonly judgedNeighbors: number;
}

/** The memory with views of its parts. */
export interface MapMemory {
  readonly memory: WebAssembly.Memory;
  readonly jobAddress: number;
  readonly job: KernelRecord<'MapJob'>;
  readonly sizes: MapSizes;
  readonly graph: GraphPlan;
  /** shape [padded rows, paddedDimension(D)] */
  readonly points: Float32Array;
  /** half of each squared length, shape [padded rows] */
  readonly halfSquares: Float32Array;
  /** shape [V, neighbors], or [V, list length] while an approximate graph is made */
  readonly neighborRows: Int32Array;
  /** as `neighborRows`, scores while such a graph is made */
  readonly neighborSquares: Float32Array;
  /**
   * of an approximate graph alone, where affinities will stand: what a round writes, shape [V, list length] each, and
   * the trees, shape [trees, V]
   */
  readonly nextRows: Int32Array;
  readonly nextScores: Float32Array;
  readonly treeOrders: Int32Array;
  /** shape [checked] */
  readonly checkedRows: Int32Array;
  readonly checkedScores: Float32Array;
  /** which row of the embedding stands at each place of points, coordinates and graph; shape [V] */
  readonly order: Int32Array;
  /** shape [V, 2] */
  readonly coordinates: Float32Array;
  /** of t-SNE alone, as are all below but the last two: where each row's affinities begin, shape [V + 1] */
  readonly edgeOffsets: Int32Array;
  /** shape [2 × V × neighbors + 3 × V] at most */
  readonly edgeColumns: Int32Array;
  readonly edgeValues: Float32Array;
  /** shape [V, 2] each */
  readonly attraction: Float32Array;
  readonly repulsion: Float32Array;
  readonly gains: Float32Array;
  /** pairs of cosine and −sine */
  readonly turns: Float32Array;
  /** shape [judged] */
  readonly judgedRows: Int32Array;
  /** shape [judged, 3] */
  readonly judgments: Float64Array;
}

/**
 * Lays out the memory and fills in the record.
 *
 * @throws InputError if it is more than there is
 */
export function createMapMemory(sizes: MapSizes, kernels: Kernels): MapMemory {
  const { rows, dimension, threads, neighbors, graph = exactPlan, judged, judgedNeighbors } = sizes;
  const paddedRows = Math.ceil(rows / BLOCK_ROWS) * BLOCK_ROWS;
  const stride = paddedDimension(dimension);
  const scratchBytes = scratchOf(sizes, kernels, { paddedRows, stride });
  const layout = new MemoryLayout({
    job: recordBytes('MapJob'),
    sync: 64,
    scratch: threads * scratchBytes,
    points: paddedRows * stride * 4,
    halfSquares: paddedRows * 4,
    neighborRows: rows * Math.max(neighbors, graph.listLength) * 4,
    neighborSquares: rows * Math.max(neighbors, graph.listLength) * 4,
    checkedRows: graph.checked * 4,
    checkedScores: graph.checked * 4,
    coordinates: paddedRows * 8,
    ...tsneParts(sizes),
    judgedRows: judged * 4,
    judgments: judged * 24,
  });
  const memory = createSharedMemory(
    layout.totalBytes,
    `${withThousands(rows)} × (${stride} + 6 × ${neighbors} + …) × 4 bytes`,
    { work: 'drawing this map', remedy: sentence`lower ${named('perplexity')} or draw fewer categories` },
  );
  const regions = new Regions(memory, layout);
  const { job: jobAddress, ...addresses } = regions.addresses();
  const job = openRecord(memory, 'MapJob', jobAddress);
  const fields = { rows, paddedRows, rowBytes: stride * 4, threads, neighbors, judged, judgedNeighbors };
  job.set({ ...addresses, ...fields, scratchBytes });
  const { listLength, reach, trees, levels: treeLevels, checked } = graph;
  const [columns, values] = [regions.address('edgeColumns'), regions.address('edgeValues')];
  const treeOrders = columns + rows * listLength * 4;
  const treeProjections = values + rows * listLength * 4;
  job.set({ listLength, reach, trees, treeLevels, checked, nextRows: columns, nextScores: values });
  job.set({ treeOrders, treeProjections, treeSpare: treeProjections + trees * rows * 4 });
  return {
    memory,
    jobAddress,
    job,
    sizes,
    graph,
    points: regions.f32('points'),
    halfSquares: regions.f32('halfSquares'),
    neighborRows: regions.i32('neighborRows'),
    neighborSquares: regions.f32('neighborSquares'),
    nextRows: regions.i32('edgeColumns', rows * listLength),
    nextScores: regions.f32('edgeValues', rows * listLength),
    treeOrders: new Int32Array(memory.buffer, treeOrders, trees * rows),
    checkedRows: regions.i32('checkedRows'),
    checkedScores: regions.f32('checkedScores'),
    order: Int32Array.from({ length: rows }, (_, row) => row),
    coordinates: regions.f32('coordinates', rows * 2),
    edgeOffsets: regions.i32('edgeOffsets'),
    edgeColumns: regions.i32('edgeColumns'),
    edgeValues: regions.f32('edgeValues'),
    attraction: regions.f32('attraction'),
    repulsion: regions.f32('repulsion'),
    gains: regions.f32('gains'),
    turns: regions.f32('turns'),
    judgedRows: regions.i32('judgedRows'),
    judgments: regions.f64('judgments'),
  };
}

/**
 * Puts points and coordinates into another order.
 *
 * @param order - place, as of now, of what shall stand at each place; shape [V]
 */
export function renumber(memory: MapMemory, order: Int32Array): void {
  const { points, halfSquares, coordinates, sizes } = memory;
  moveRows(points, paddedDimension(sizes.dimension), order);
  moveRows(halfSquares, 1, order);
  moveRows(coordinates, 2, order);
  moveRows(memory.order, 1, order);
}

/** Puts points and coordinates back into the order of the embedding. */
export function restoreOrder(memory: MapMemory): void {
  const places = new Int32Array(memory.order.length);
  memory.order.forEach((row, place) => (places[row] = place));
  renumber(memory, places);
}

/** Moves row `order[i]` to place i, cycle by cycle, so that no second copy is needed. */
function moveRows(data: Float32Array | Int32Array, width: number, order: Int32Array): void {
  const isMoved = new Uint8Array(order.length);
  for (let start = 0; start < order.length; start++) {
    if (isMoved[start] === 1 || order[start] === start) continue;
    const held = data.slice(start * width, (start + 1) * width);
    let place = start;
    for (let from = order[place] ?? 0; from !== start; place = from, from = order[place] ?? 0) {
      data.copyWithin(place * width, from * width, (from + 1) * width);
      isMoved[place] = 1;
    }
    data.set(held, place * width);
    isMoved[place] = 1;
  }
}

/** What one thread needs at most, a multiple of 64. */
function scratchOf(
  { rows, neighbors, graph = exactPlan, judgedNeighbors }: MapSizes,
  kernels: Kernels,
  { paddedRows, stride }: { readonly paddedRows: number; readonly stride: number },
): number {
  const bytes = Math.max(
    kernels.graphBytes(neighbors),
    kernels.judgeBytes(paddedRows, stride * 4, judgedNeighbors),
    neighbors > 0 ? kernels.gridBytes(longestTransform(rows)) : 0,
    graph.listLength > 0 ? kernels.forestBytes(rows, Math.ceil(rows / (1 << graph.levels)), stride * 4) : 0,
    graph.listLength > 0 ? kernels.refinementBytes(rows, stride * 4, neighbors) : 0,
  );
  return Math.ceil(bytes / 64) * 64;
}

/** What t-SNE adds; next to nothing where there is no graph. */
function tsneParts({ rows: all, neighbors, graph = exactPlan, threads }: MapSizes) {
  const rows = neighbors > 0 ? all : 0;
  // an approximate graph is made where its affinities will stand: the lists of a round, and its trees
  const edges = rows * Math.max(2 * neighbors + 3, graph.listLength + 2 * graph.trees);
  const chunks = Math.ceil(rows / CHUNK_ROWS);
  const n = neighbors > 0 ? longestTransform(rows) : 0;
  const side = n / 2;
  const columns = side + 4;
  return {
    edgeOffsets: (rows + 1) * 4,
    edgeColumns: edges * 4,
    edgeValues: edges * 4,
    attraction: rows * 8,
    repulsion: rows * 8,
    steps: rows * 8,
    gains: rows * 8,
    chunkSums: chunks * 8,
    chunkBounds: chunks * 32,
    bucketCounts: threads * side * 4,
    bucketNext: threads * side * 4,
    bucketStarts: (side + 1) * 4,
    bucketPoints: rows * 4,
    turns: n * 8,
    filter: (side + 8) * columns * 4,
    spectrumReal: side * columns * 4,
    spectrumImaginary: side * columns * 4,
    potential: side * side * 4,
    selfImage: 64,
  };
}
