/** Features of histories as the bytes of CSV and npy: one row a history, one column a number. */
import { ByteWriter, rowBytes } from '../formats/bytes.js';
import { longestFloat, writeFloat } from '../formats/float-text.js';
import { npyHeader } from '../formats/npy.js';
import type { FeatureBatch } from './history-features.js';

/** What the columns are. */
export interface FeatureShape {
  /** D, numbers in each of mean, recency mean and maximum */
  readonly dimension: number;
  /** whether there is a recency-weighted mean */
  readonly hasRecency: boolean;
}

/** Rows that follow each other, with their keys. */
export interface FeatureRows extends FeatureBatch {
  readonly rows: number;
  /** shape [rows] */
  readonly keys: readonly string[];
}

/** The features of a history in the order in which every file has them. */
export function featureNames({ hasRecency }: Pick<FeatureShape, 'hasRecency'>): readonly string[] {
  return ['count', 'mean', ...(hasRecency ? ['recency_mean'] : []), 'max'];
}

/**
 * The names of single numbers: `count`, `mean_0` … `mean_{D−1}`, perhaps `recency_mean_0` …, `max_0` …; 1 + 2 D or 1 +
 * 3 D of them.
 */
export function numberNames(shape: FeatureShape): readonly string[] {
  const numbers = Array.from({ length: shape.dimension }, (_, d) => d);
  return featureNames(shape).flatMap((name) => (name === 'count' ? [name] : numbers.map((d) => `${name}_${d}`)));
}

/**
 * CSV in parts (RFC 4180, lines end in a line feed): the key's column, then `numberNames`. Numbers have the fewest
 * digits that give the same float again.
 *
 * @param keyName - name of the key's column
 */
export async function* featuresToCsv(
  batches: AsyncIterable<FeatureRows>,
  { keyName, ...shape }: FeatureShape & { readonly keyName: string },
): AsyncGenerator<Uint8Array, void> {
  const writer = new ByteWriter();
  writer.text([keyName, ...numberNames(shape)].map(quoteField).join(',') + '\n');
  for await (const batch of batches) {
    const matrices = matricesOf(batch);
    for (let i = 0; i < batch.counts.length; i++) {
      writer.text(`${quoteField(batch.keys[i] ?? '')},${batch.counts[i]}`);
      for (const matrix of matrices) writeNumbers(writer, matrix, i * shape.dimension, shape.dimension);
      writer.text('\n');
      if (writer.isFull) yield writer.take();
    }
  }
  yield writer.take();
}

function writeNumbers(writer: ByteWriter, matrix: Float32Array, start: number, count: number): void {
  writer.reserve(count * (longestFloat + 1));
  for (let i = start; i < start + count; i++) {
    writer.bytes[writer.at] = 44;
    writer.at = writeFloat(matrix[i] ?? 0, writer.bytes, writer.at + 1);
  }
}

function quoteField(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * An npy matrix in parts, float32, shape [rows, 1 + 2 D or 1 + 3 D]: the columns are `numberNames`.
 *
 * @param rows - histories in all batches
 */
export async function* featuresToNpy(
  batches: AsyncIterable<FeatureBatch>,
  { rows, ...shape }: FeatureShape & { readonly rows: number },
): AsyncGenerator<Uint8Array, void> {
  const width = numberNames(shape).length;
  yield npyHeader(rows, width);
  for await (const batch of batches) {
    const matrices = matricesOf(batch);
    const block = new Float32Array(batch.counts.length * width);
    for (let i = 0; i < batch.counts.length; i++) {
      block[i * width] = batch.counts[i] ?? 0;
      matrices.forEach((matrix, part) => {
        const start = i * shape.dimension;
        block.set(matrix.subarray(start, start + shape.dimension), i * width + 1 + part * shape.dimension);
      });
    }
    yield rowBytes(block, 0, block.length);
  }
}

function matricesOf({ mean, recencyMean, max }: FeatureBatch): readonly Float32Array[] {
  return recencyMean === undefined ? [mean, max] : [mean, recencyMean, max];
}
