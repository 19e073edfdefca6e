/** The shared memory in which a map is drawn: points, neighbour graph, coordinates, and what judges them. */
import { createSharedMemory, layOutMemory } from '../engine/memory-layout.js';
import type { Kernels } from '../numerics/kernels.js';
import { paddedDimension } from '../numerics/row-products.js';
import { openMapJob, mapJobFields, type MapJob } from './map-job.js';

/** Rows in one block of products: the points end with a whole one. */
const blockRows = 512;

/** How much of everything. */
export interface MapSizes {
  readonly rows: number;
  readonly dimension: number;
  readonly threads: number;
  /** neighbours of each row in the graph; 0 for none */
  readonly neighbors: number;
  /** rows whose neighbourhoods are judged, and how many neighbours of each */
  readonly judged: number;
  readonly judgedNeighbors: number;
}

/** The memory with views of its parts. */
export interface MapMemory {
  readonly memory: WebAssembly.Memory;
  readonly jobAddress: number;
  readonly job: MapJob;
  readonly sizes: MapSizes;
  /** shape [padded rows, paddedDimension(D)] */
  readonly points: Float32Array;
  /** half of each squared length, shape [padded rows] */
  readonly halfSquares: Float32Array;
  /** shape [V, neighbors] */
  readonly neighborRows: Int32Array;
  /** shape [V, neighbors] */
  readonly neighborSquares: Float32Array;
  /** shape [V, 2] */
  readonly coordinates: Float32Array;
  /** shape [judged] */
  readonly judgedRows: Int32Array;
  /** shape [judged, 3] */
  readonly judgements: Float64Array;
}

/**
 * Lays out the memory and fills in the record.
 *
 * @throws InputError if it is more than there is
 */
export function createMapMemory(sizes: MapSizes, kernels: Kernels): MapMemory {
  const { rows, dimension, threads, neighbors, judged, judgedNeighbors } = sizes;
  const paddedRows = Math.ceil(rows / blockRows) * blockRows;
  const stride = paddedDimension(dimension);
  const scratchBytes = Math.max(
    kernels.graphBytes(neighbors),
    kernels.judgeBytes(paddedRows, stride * 4, judgedNeighbors),
  );
  const { address, totalBytes } = layOutMemory({
    job: mapJobFields.length * 8,
    sync: 64,
    scratch: threads * Math.ceil(scratchBytes / 64) * 64,
    points: paddedRows * stride * 4,
    halfSquares: paddedRows * 4,
    neighborRows: rows * neighbors * 4,
    neighborSquares: rows * neighbors * 4,
    coordinates: paddedRows * 8,
    judgedRows: judged * 4,
    judgements: judged * 24,
  });
  const memory = createSharedMemory(
    totalBytes,
    `${rows} × (${stride} + 2 × ${neighbors} + …) × 4 bytes`,
    'drawing this map',
  );
  const { job: jobAddress, ...addresses } = address;
  const job = openMapJob(memory, jobAddress);
  const fields = { rows, paddedRows, rowBytes: stride * 4, threads, neighbors, judged, judgedNeighbors };
  job.set({ ...addresses, ...fields, scratchBytes: Math.ceil(scratchBytes / 64) * 64 });
  const { buffer } = memory;
  return {
    memory,
    jobAddress,
    job,
    sizes,
    points: new Float32Array(buffer, address.points, paddedRows * stride),
    halfSquares: new Float32Array(buffer, address.halfSquares, paddedRows),
    neighborRows: new Int32Array(buffer, address.neighborRows, rows * neighbors),
    neighborSquares: new Float32Array(buffer, address.neighborSquares, rows * neighbors),
    coordinates: new Float32Array(buffer, address.coordinates, rows * 2),
    judgedRows: new Int32Array(buffer, address.judgedRows, judged),
    judgements: new Float64Array(buffer, address.judgements, judged * 3),
  };
}
