/** The blocks of the spectral model in shared memory, worked on by all threads; the same bits at any number of them. */
import type { Workers } from '../../engine/workers.js';
import { kernelConstants } from '../../numerics/kernel-records.js';
import type { ClickFeed } from './click-feed.js';
import type { Block, BlockPair } from './leading-subspace.js';
import type { SpectralMemory } from './spectral-memory.js';

const { SPECTRAL_PARTS } = kernelConstants;

/** What works on the blocks, and who is asked in between. */
export interface BlockHooks {
  readonly workers: Workers;
  readonly feed: Pick<ClickFeed, 'visit'>;
  /** called with the finished share of a pass; an exception ends the work */
  readonly onSlice: (share: number) => void;
}

/** @param columns - L; the blocks' rows are padded beyond it with zeros */
export function kernelBlocks(
  { job, jobAddress, stride, partSums, matrix, values: valuesOfJob }: SpectralMemory,
  columns: number,
  { workers, feed, onSlice }: BlockHooks,
): BlockPair {
  const call = async (name: string, from: Block, to: Block): Promise<void> => {
    job.set({ from, to });
    await workers.callAll(name, jobAddress);
  };
  return {
    width: columns,
    start: () => workers.callAll('spectralStart', jobAddress),
    async multiply(from, to, { alpha, beta, gamma }) {
      job.set({ alpha, beta, gamma, firstChunk: 0, endChunk: 0 });
      await call('spectralMultiply', from, to);
      if (alpha === 0) return;
      await feed.visit(async ({ firstChunk, endChunk, share }) => {
        job.set({ firstChunk, endChunk });
        await call('spectralMultiply', from, to);
        onSlice(share);
      });
    },
    async gram(left, right) {
      await call('spectralGram', left, right);
      const gram = new Float64Array(columns * columns);
      for (let i = 0; i < columns; i++) {
        for (let j = i; j < columns; j++) {
          const sum = sumOfParts(partSums, stride * stride, i * stride + j);
          gram[i * columns + j] = sum;
          gram[j * columns + i] = sum;
        }
      }
      return gram;
    },
    async turn(block, turn) {
      matrix.fill(0);
      for (let i = 0; i < columns; i++) matrix.set(turn.subarray(i * columns, (i + 1) * columns), i * stride);
      await call('spectralTurn', block, block);
    },
    async residuals(left, right, values) {
      valuesOfJob.fill(0);
      valuesOfJob.set(values);
      await call('spectralResiduals', left, right);
      return Float64Array.from({ length: columns }, (_, j) => sumOfParts(partSums, stride, j));
    },
  };
}

/** One number of every part, added in their order. */
function sumOfParts(partSums: Float64Array, partSize: number, at: number): number {
  let sum = 0;
  for (let part = 0; part < SPECTRAL_PARTS; part++) sum += partSums[part * partSize + at] ?? 0;
  return sum;
}
