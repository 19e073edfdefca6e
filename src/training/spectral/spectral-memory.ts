/** The shared memory of the spectral model: clicks, their order by category within chunks, and two blocks of vectors. */
import { clickCount, historyCount, type Histories } from '../../histories/histories.js';
import type { LogMeasure, ShardClicks } from '../../histories/sharded-log.js';
import { kernelConstants } from '../../numerics/kernel-records.js';
import type { Kernels } from '../../numerics/kernel-exports.js';
import { createSharedMemory, MemoryLayout, Regions } from '../../numerics/memory-layout.js';
import { seedWords } from '../../numerics/random.js';
import { openRecord, recordBytes, type KernelRecord } from '../../numerics/records.js';
import { withThousands } from '../../numerics/thousands.js';

const { CHUNK_CLICKS, CHUNK_HISTORIES, SPECTRAL_PARTS } = kernelConstants;

/** How much of everything. */
export interface SpectralSizes {
  /** L, columns of a block */
  readonly columns: number;
  readonly threads: number;
  readonly seed: number;
}

/** The memory with views of its parts. */
export interface SpectralMemory {
  readonly memory: WebAssembly.Memory;
  readonly jobAddress: number;
  readonly job: KernelRecord<'SpectralJob'>;
  /** numbers from one row of a block to the next */
  readonly stride: number;
  /** Puts d_i^−b in place. */
  readonly writeCategoryScales: (scales: Float32Array) => void;
  /**
   * Puts the clicks of a shard in the place of those that are there, with the d_u^−2a of its histories.
   *
   * @returns how many chunks they are
   */
  readonly writeClicks: (clicks: ShardClicks, historyScales: Float32Array) => number;
  /** shape [V padded to 4, stride] each */
  readonly blocks: readonly [Float32Array, Float32Array];
  /** shape [stride, stride] of each part */
  readonly partSums: Float64Array;
  /** shape [stride, stride] */
  readonly matrix: Float32Array;
  /** shape [stride] */
  readonly values: Float64Array;
  readonly totalBytes: number;
  readonly arithmetic: string;
}

/** Bytes that the model needs, and the sum they come from; nothing is allocated. */
export function layOutSpectral(
  log: Histories | LogMeasure,
  { columns, threads }: Omit<SpectralSizes, 'seed'>,
  kernels: Kernels,
) {
  const categories = log.vocabulary.size;
  const { clicks, histories, longest, hasWeights } = roomFor(log);
  const stride = Math.ceil(columns / 16) * 16;
  const rows = Math.ceil(categories / 4) * 4;
  const mostOfChunk = Math.min(clicks, CHUNK_CLICKS + longest);
  const scratchBytes = Math.ceil(Math.max(kernels.spectralSortBytes(mostOfChunk), stride * 16, 64) / 64) * 64;
  const weights = hasWeights ? clicks * 4 : 0;
  const mostChunks = Math.floor(clicks / CHUNK_CLICKS) + Math.floor(histories / CHUNK_HISTORIES) + 2;
  const layout = new MemoryLayout({
    job: recordBytes('SpectralJob'),
    sync: 64,
    blocks: 2 * rows * stride * 4,
    items: clicks * 4,
    offsets: (histories + 1) * 4,
    weights,
    categoryScales: categories * 4,
    historyScales: histories * 4,
    chunks: (mostChunks + 1) * 4,
    sortedItems: clicks * 4,
    sortedHistories: clicks * 2,
    sortedWeights: weights,
    sums: 2 * CHUNK_HISTORIES * stride * 4,
    partSums: SPECTRAL_PARTS * stride * stride * 8,
    matrix: stride * stride * 4,
    values: stride * 8,
    scratch: threads * scratchBytes,
  });
  const arithmetic =
    `2 × ${withThousands(categories)} × ${stride} × 4 bytes for the vectors, ${withThousands(clicks)} × 10 for what ` +
    'the passes remember of each click';
  return { layout, totalBytes: layout.totalBytes, arithmetic, stride, rows, scratchBytes };
}

/** Room for the clicks: of all histories, or of the largest shard. */
function roomFor(log: Histories | LogMeasure) {
  if (!('offsets' in log)) {
    const longest = Math.max(0, ...log.lengths.keys());
    return { ...log.largest, longest, hasWeights: log.hasWeights };
  }
  const { offsets } = log;
  let longest = 0;
  for (let h = 1; h < offsets.length; h++) longest = Math.max(longest, (offsets[h] ?? 0) - (offsets[h - 1] ?? 0));
  return { clicks: clickCount(log), histories: historyCount(log), longest, hasWeights: log.weights !== undefined };
}

/** Lays out the memory; clicks and scales are written later. @throws InputError if it is more than there is */
export function createSpectralMemory(
  log: Histories | LogMeasure,
  sizes: SpectralSizes,
  kernels: Kernels,
): SpectralMemory {
  const { layout, totalBytes, arithmetic, stride, rows, scratchBytes } = layOutSpectral(log, sizes, kernels);
  const memory = createSharedMemory(totalBytes, arithmetic);
  const regions = new Regions(memory, layout);
  const { job: jobAddress, ...addresses } = regions.addresses();
  const job = openRecord(memory, 'SpectralJob', jobAddress);
  const { columns, threads, seed } = sizes;
  const counts = { categories: log.vocabulary.size, rows };
  const { low: seedLow, high: seedHigh } = seedWords(seed);
  job.set({ ...addresses, ...counts, seedLow, seedHigh, width: stride, columns, threads, scratchBytes });
  const blocks = regions.f32('blocks');
  return {
    memory,
    jobAddress,
    job,
    writeCategoryScales: (scales) => regions.write('categoryScales', scales),
    writeClicks(clicks, historyScales) {
      regions.write('items', clicks.items);
      regions.write('offsets', clicks.offsets);
      regions.write('weights', clicks.weights);
      regions.write('historyScales', historyScales);
      const chunks = chunksOf(clicks);
      regions.write('chunks', chunks);
      const chunkCount = chunks.length - 1;
      job.set({ histories: historyCount(clicks), chunkCount });
      return chunkCount;
    },
    stride,
    blocks: [blocks.subarray(0, rows * stride), blocks.subarray(rows * stride)],
    partSums: regions.f64('partSums'),
    matrix: regions.f32('matrix'),
    values: regions.f64('values'),
    totalBytes,
    arithmetic,
  };
}

/**
 * Where chunks of whole histories begin. Chunk 0 is empty: what is done once in a pass, and not for each shard, comes
 * with it.
 */
function chunksOf({ offsets }: Pick<ShardClicks, 'offsets'>): Uint32Array {
  const starts = [0, 0];
  const histories = offsets.length - 1;
  for (let h = 1; h <= histories; h++) {
    const first = starts.at(-1) ?? 0;
    const clicks = (offsets[h] ?? 0) - (offsets[first] ?? 0);
    if (clicks < CHUNK_CLICKS && h - first < CHUNK_HISTORIES && h < histories) continue;
    starts.push(h);
  }
  return Uint32Array.from(starts);
}
