/** Vectors that say nothing, or what another says: told where vectors come from other programs. */
import { withThousands } from '../numerics/thousands.js';
import { checkCall } from '../step.js';
import { anEmbedding, type Embedding } from './embedding.js';

/** What is odd about vectors. */
export interface VectorNote {
  readonly text: string;
  /** whether results are wrong for it: categories that occur together alone may well have one vector */
  readonly isWarning: boolean;
}

/** From this share on, equal vectors are told. */
const enough = 0.01;

/**
 * Tells of vectors of zeros, which have no neighbors, and of categories that have the very vector of another, where
 * they are one in a hundred or more.
 */
export function oddVectors(embedding: Embedding): VectorNote[] {
  checkCall('oddVectors(embedding)', { embedding: [embedding, anEmbedding] });
  const { vocabulary, vectors, dimension } = embedding;
  const { keys, size } = vocabulary;
  const bits = new Uint32Array(vectors.buffer, vectors.byteOffset, vectors.length);
  const firstOf = new Map<number, number[]>();
  const zeros: number[] = [];
  const equal: (readonly [row: number, first: number])[] = [];
  for (let row = 0; row < size; row++) {
    const start = row * dimension;
    if (vectors.subarray(start, start + dimension).every((number) => number === 0)) {
      zeros.push(row);
      continue;
    }
    let hash = 0;
    for (let i = start; i < start + dimension; i++) hash = Math.imul(hash ^ (bits[i] ?? 0), 0x01000193) + (hash >>> 15);
    const others = firstOf.get(hash);
    const first = others?.find((other) => areEqual(bits, { row, other, dimension }));
    if (first !== undefined) equal.push([row, first]);
    else if (others === undefined) firstOf.set(hash, [row]);
    else others.push(row);
  }
  const key = (row = 0): string => JSON.stringify(keys[row]);
  const of = (rows: ArrayLike<unknown>): string => `${withThousands(rows.length)} of ${withThousands(size)} categories`;
  const [one] = equal;
  const ofZeros = `${of(zeros)} have a vector of zeros, such as ${key(zeros[0])}: they have no neighbors; leave them out`;
  const ofEqual = `${of(equal)} have the very vector of another, such as ${key(one?.[0])} that of ${key(one?.[1])}`;
  return [
    ...(zeros.length === 0 ? [] : [{ text: ofZeros, isWarning: true }]),
    ...(equal.length < Math.max(1, enough * size) ? [] : [{ text: ofEqual, isWarning: false }]),
  ];
}

function areEqual(
  bits: Uint32Array,
  { row, other, dimension }: { readonly row: number; readonly other: number; readonly dimension: number },
): boolean {
  for (let i = 0; i < dimension; i++) if (bits[row * dimension + i] !== bits[other * dimension + i]) return false;
  return true;
}
