/** The shared memory of the spectral model: clicks, their order by category within chunks, and two blocks of vectors. */
import { clickCount, historyCount, type Histories } from '../../histories/histories.js';
import { kernelConstants } from '../../numerics/kernel-records.js';
import type { Kernels } from '../../numerics/kernels.js';
import { createSharedMemory, MemoryLayout, Regions } from '../../numerics/memory-layout.js';
import { openRecord, recordBytes, type KernelRecord } from '../../numerics/records.js';
import { withThousands } from '../../numerics/thousands.js';
import type { ClickMatrix } from './click-matrix.js';

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
  /** Puts the scales of another matrix of the same clicks in place. */
  readonly rescale: (matrix: ClickMatrix) => void;
  /** shape [V padded to 4, stride] each */
  readonly blocks: readonly [Float32Array, Float32Array];
  readonly chunkCount: number;
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
  histories: Histories,
  { columns, threads }: Omit<SpectralSizes, 'seed'>,
  kernels: Kernels,
) {
  const categories = histories.vocabulary.size;
  const clicks = clickCount(histories);
  const stride = Math.ceil(columns / 16) * 16;
  const rows = Math.ceil(categories / 4) * 4;
  const { chunks, mostClicks } = chunksOf(histories);
  const scratchBytes = Math.ceil(Math.max(kernels.spectralSortBytes(mostClicks), stride * 16, 64) / 64) * 64;
  const weights = histories.weights === undefined ? 0 : clicks * 4;
  const layout = new MemoryLayout({
    job: recordBytes('SpectralJob'),
    sync: 64,
    blocks: 2 * rows * stride * 4,
    items: clicks * 4,
    offsets: (historyCount(histories) + 1) * 4,
    weights,
    categoryScales: categories * 4,
    historyScales: historyCount(histories) * 4,
    chunks: chunks.length * 4,
    sortedItems: clicks * 4,
    sortedHistories: clicks * 2,
    sortedWeights: weights,
    sums: 2 * CHUNK_HISTORIES * stride * 4,
    partSums: SPECTRAL_PARTS * stride * stride * 8,
    matrix: stride * stride * 4,
    values: stride * 8,
    scratch: threads * scratchBytes,
  });
  const arithmetic = `2 × ${withThousands(categories)} × ${stride} × 4 bytes for the vectors, ${withThousands(clicks)} × 10 for the clicks`;
  return { layout, totalBytes: layout.totalBytes, arithmetic, stride, rows, chunks, scratchBytes };
}

/** Lays out the memory and fills it in. @throws InputError if it is more than there is */
export function createSpectralMemory(
  histories: Histories,
  matrix: ClickMatrix,
  sizes: SpectralSizes,
  kernels: Kernels,
): SpectralMemory {
  const { layout, totalBytes, arithmetic, stride, rows, chunks, scratchBytes } = layOutSpectral(
    histories,
    sizes,
    kernels,
  );
  const memory = createSharedMemory(totalBytes, arithmetic);
  const regions = new Regions(memory, layout);
  regions.write('items', histories.items);
  regions.write('offsets', histories.offsets);
  regions.write('weights', histories.weights);
  const rescale = ({ categoryScales, historyScales }: ClickMatrix): void => {
    regions.write('categoryScales', categoryScales);
    regions.write('historyScales', historyScales);
  };
  rescale(matrix);
  regions.write('chunks', chunks);
  const { job: jobAddress, ...addresses } = regions.addresses();
  const job = openRecord(memory, 'SpectralJob', jobAddress);
  const { columns, threads, seed } = sizes;
  const chunkCount = chunks.length - 1;
  const counts = { categories: histories.vocabulary.size, rows, histories: historyCount(histories), chunkCount };
  const seeds = { seedLow: seed >>> 0, seedHigh: Math.floor(seed / 4294967296) >>> 0 };
  job.set({ ...addresses, ...counts, ...seeds, width: stride, columns, threads, scratchBytes });
  const blocks = regions.f32('blocks');
  return {
    memory,
    jobAddress,
    job,
    rescale,
    stride,
    blocks: [blocks.subarray(0, rows * stride), blocks.subarray(rows * stride)],
    chunkCount,
    partSums: regions.f64('partSums'),
    matrix: regions.f32('matrix'),
    values: regions.f64('values'),
    totalBytes,
    arithmetic,
  };
}

/** Where chunks of whole histories begin, and the clicks of the largest. */
function chunksOf({ offsets }: Histories): { readonly chunks: Uint32Array; readonly mostClicks: number } {
  const starts = [0];
  let mostClicks = 0;
  const histories = offsets.length - 1;
  for (let h = 1; h <= histories; h++) {
    const first = starts.at(-1) ?? 0;
    const clicks = (offsets[h] ?? 0) - (offsets[first] ?? 0);
    if (clicks < CHUNK_CLICKS && h - first < CHUNK_HISTORIES && h < histories) continue;
    mostClicks = Math.max(mostClicks, clicks);
    starts.push(h);
  }
  return { chunks: Uint32Array.from(starts), mostClicks };
}
