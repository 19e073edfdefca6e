/** Ranks of the held-out categories by an embedding, under each way of turning a history and a category into a score. */
import type { Embedding } from '../embedding/embedding.js';
import { knownOf, type Asked } from '../histories/hold-out.js';
import { pow } from '../numerics/elementary.js';
import { openKernelMemory } from '../numerics/kernel-memory.js';
import { paddedDimension, rowProduct, ruleScore, writeUnitRows } from '../numerics/row-products.js';
import { knownCounts, type OnBlock } from './baseline-ranks.js';
import { padRows } from '../numerics/padded-rows.js';

/**
 * Scores of a category c for a history, from vectors; a history whose cosine with all candidates is the same learned
 * nothing from them, so no rule may score it by what is not in the vectors, such as popularity:
 *
 * - cosine: mean of the history's unit vectors · unit(c)
 * - output: mean of the history's vectors · output vector of c, which is what training raised
 * - cosinePopularity: (1 + cosine of the former mean with c) × count(c)^0.25, count in known histories
 */
export type VectorRule = 'cosine' | 'output' | 'cosinePopularity';

/** Popularity counts by this power in `cosinePopularity`. */
export const popularityExponent = 0.25;

const blockQueries = 64;
const blockRows = 1024;

/** A matrix of categories with the means of a block of histories that it is multiplied by. */
interface Side {
  /** padded rows, shape [V, stride] */
  readonly rows: Float32Array;
  /** shape [blockQueries, stride] */
  readonly means: Float32Array;
}

interface Space {
  readonly kernels: ReturnType<typeof openKernelMemory>['kernels'];
  /** categories with a vector, V */
  readonly size: number;
  readonly stride: number;
  readonly dimension: number;
  readonly vectors: Float32Array;
  readonly units: Side;
  readonly outputs: Side | undefined;
  readonly products: Float32Array;
  readonly ones: Float32Array;
  readonly popularity: Float32Array;
  /** greater and equal for each question of a block */
  readonly counts: Uint32Array;
}

/** A question of a block that has an answer: rows of the embedding. */
interface Question {
  /** place in the block */
  readonly slot: number;
  readonly query: number;
  readonly own: Int32Array;
  readonly answer: number;
  /** 1 / length of the mean of unit vectors; 0 where that is zero */
  readonly scale: number;
}

/**
 * Ranks every held-out category among all that have a vector, the history's own left out.
 *
 * A category without a vector comes after all others: as an answer it is a miss, and so is any answer to a history of
 * such categories. Takes Q × V × D multiplications, twice with output vectors. Products of unit vectors are compared to
 * about a millionth.
 *
 * @returns greater + ties / 2, Infinity for a miss, shape [Q] for each rule; no `output` where the embedding has no
 *   output vectors
 */
export async function vectorRanks(
  embedding: Embedding,
  heldOut: Asked,
  onBlock?: OnBlock,
): Promise<ReadonlyMap<VectorRule, Float64Array>> {
  const rowOf = rowsOf(embedding, heldOut);
  const space = openSpace(embedding, heldOut, rowOf);
  const count = heldOut.answers.length;
  const miss = () => new Float64Array(count).fill(Infinity);
  const ranks = { cosine: miss(), cosinePopularity: miss(), output: space.outputs && miss() };
  const { units, outputs, ones, popularity } = space;
  for (let first = 0; first < count; first += blockQueries) {
    const questions = questionsOf(space, heldOut, rowOf, first);
    const isFlat = new Uint8Array(blockQueries);
    rankBlock(space, questions, units, [
      { weights: ones, base: 0, isOnGrid: true, isFlat, ranks: ranks.cosine },
      { weights: popularity, base: 1, isOnGrid: true, isScaled: true, ranks: ranks.cosinePopularity },
    ]);
    if (outputs !== undefined && ranks.output !== undefined) {
      rankBlock(space, questions, outputs, [{ weights: ones, base: 0, isOnGrid: false, ranks: ranks.output }]);
    }
    for (const { slot, query } of questions) {
      if (isFlat[slot] === 0) continue;
      for (const others of [ranks.cosinePopularity, ranks.output])
        others?.fill(ranks.cosine[query] ?? 0, query, query + 1);
    }
    // oxlint-disable-next-line no-await-in-loop -- gives way to others, as asked
    await onBlock?.(Math.min(1, (first + blockQueries) / count));
  }
  const { output, ...others } = ranks;
  return new Map<VectorRule, Float64Array>([
    ['cosine', others.cosine],
    ...(output === undefined ? [] : [['output', output] as const]),
    ['cosinePopularity', others.cosinePopularity],
  ]);
}

/** How the products of one side become scores and ranks. */
interface Scoring {
  readonly weights: Float32Array;
  readonly base: number;
  readonly isOnGrid: boolean;
  /** divides by the length of the mean, which makes a cosine of the product */
  readonly isScaled?: boolean;
  /** filled in with 1 for each slot whose candidates all have the same score, shape [blockQueries] */
  readonly isFlat?: Uint8Array;
  /** filled in, shape [Q] */
  readonly ranks: Float64Array;
}

function rankBlock(space: Space, questions: readonly Question[], side: Side, scorings: readonly Scoring[]): void {
  const { kernels, size, stride, products, counts } = space;
  counts.fill(0);
  const targets = scorings.map((scoring) =>
    questions.map((question) => scoreOf(space, side, scoring, question, question.answer)),
  );
  for (let row = 0; row < size; row += blockRows) {
    const rowCount = Math.min(blockRows, size - row);
    const from = side.rows.byteOffset + row * stride * 4;
    const padded = Math.ceil(rowCount / 4) * 4;
    kernels.rowProducts(
      side.means.byteOffset,
      blockQueries,
      from,
      padded,
      stride * 4,
      products.byteOffset,
      blockRows * 4,
    );
    scorings.forEach(({ weights, base, isOnGrid, isScaled = false }, s) => {
      questions.forEach(({ slot, scale }, q) => {
        kernels.countScores(
          products.byteOffset + slot * blockRows * 4,
          weights.byteOffset + row * 4,
          rowCount,
          base,
          isScaled ? scale : 1,
          isOnGrid ? 1 : 0,
          targets[s]?.[q] ?? 0,
          counts.byteOffset + (s * blockQueries + slot) * 8,
        );
      });
    });
  }
  scorings.forEach((scoring, s) => {
    questions.forEach((question, q) => {
      const target = targets[s]?.[q] ?? 0;
      const at = (s * blockQueries + question.slot) * 2;
      let greater = counts[at] ?? 0;
      let equal = counts[at + 1] ?? 0;
      for (const row of question.own) {
        const score = scoreOf(space, side, scoring, question, row);
        if (score > target) greater--;
        else if (score === target) equal--;
      }
      if (scoring.isFlat !== undefined && equal === size - question.own.length) scoring.isFlat[question.slot] = 1;
      // The answer itself is among the equal.
      scoring.ranks[question.query] = greater + (equal - 1) / 2;
    });
  });
}

function scoreOf({ stride }: Space, side: Side, scoring: Scoring, { slot, scale }: Question, row: number): number {
  return ruleScore(rowProduct(side.means, slot * stride, side.rows, row * stride, stride), scoring.weights[row] ?? 0, {
    base: scoring.base,
    factor: scoring.isScaled === true ? scale : 1,
    isOnGrid: scoring.isOnGrid,
  });
}

/** The block's questions that have an answer, their means written into both sides. */
function questionsOf(space: Space, heldOut: Asked, rowOf: Int32Array, first: number): Question[] {
  const questions: Question[] = [];
  const last = Math.min(first + blockQueries, heldOut.answers.length);
  for (let query = first; query < last; query++) {
    const own = knownOf(heldOut, query)
      .map((category) => rowOf[category] ?? -1)
      .filter((row) => row >= 0);
    const answer = rowOf[heldOut.answers[query] ?? 0] ?? -1;
    if (own.length === 0 || answer < 0) continue;
    const slot = query - first;
    writeMean(space.units.means, slot, space.units.rows, own, space.stride, space.stride);
    if (space.outputs !== undefined) {
      writeMean(space.outputs.means, slot, space.vectors, own, space.dimension, space.stride);
    }
    const length = Math.sqrt(
      rowProduct(space.units.means, slot * space.stride, space.units.means, slot * space.stride, space.stride),
    );
    questions.push({ slot, query, own, answer, scale: length > 0 ? 1 / length : 0 });
  }
  return questions;
}

function writeMean(
  means: Float32Array,
  slot: number,
  matrix: Float32Array,
  rows: Int32Array,
  width: number,
  stride: number,
): void {
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (const row of rows) sum += matrix[row * width + j] ?? 0;
    means[slot * stride + j] = sum / rows.length;
  }
}

function rowsOf({ vocabulary }: Embedding, { histories }: Asked): Int32Array {
  return Int32Array.from(histories.vocabulary.keys, (key) => vocabulary.rowOf(key) ?? -1);
}

function openSpace(embedding: Embedding, heldOut: Asked, rowOf: Int32Array): Space {
  const { vectors, outputVectors, dimension } = embedding;
  const { size } = embedding.vocabulary;
  const stride = paddedDimension(dimension);
  // Blocks of four rows are read whole.
  const padded = Math.ceil(size / 4) * 4;
  const { kernels, regions } = openKernelMemory({
    units: padded * stride * 4,
    outputs: outputVectors === undefined ? 0 : padded * stride * 4,
    unitMeans: blockQueries * stride * 4,
    rawMeans: blockQueries * stride * 4,
    products: blockQueries * blockRows * 4,
    ones: padded * 4,
    popularity: padded * 4,
    counts: 2 * blockQueries * 8,
  });
  const units = { rows: regions.f32('units', size * stride), means: regions.f32('unitMeans') };
  writeUnitRows(vectors, dimension, { out: units.rows });
  const outputs = outputVectors && { rows: regions.f32('outputs', size * stride), means: regions.f32('rawMeans') };
  if (outputs !== undefined && outputVectors !== undefined) padRows(outputVectors, dimension, outputs.rows, stride);
  const popularity = regions.f32('popularity', size);
  knownCounts(heldOut).forEach((count, category) => {
    const row = rowOf[category] ?? -1;
    if (row >= 0) popularity[row] = count > 0 ? pow(count, popularityExponent) : 0;
  });
  return {
    kernels,
    size,
    stride,
    dimension,
    vectors,
    units,
    outputs,
    products: regions.f32('products'),
    ones: regions.f32('ones', size).fill(1),
    popularity,
    counts: regions.u32('counts'),
  };
}
