/**
 * The approximate neighbor graph in plain TypeScript, number by number what the kernels compute:
 * kernels/projection/neighbor-forest.ts and its neighbors.
 */
import { kernelConstants } from '../numerics/kernel-records.js';
import { Random } from '../numerics/random.js';
import { rowProduct } from '../numerics/row-products.js';
import type { GraphPlan } from './graph-plan.js';

/** Points, row-major with a stride of a multiple of 4, and half of each squared length. */
export interface GraphPoints {
  readonly points: Float32Array;
  readonly halfSquares: Float32Array;
  readonly stride: number;
}

/** A point that was found, and whether the round before had it. */
interface Found {
  readonly row: number;
  readonly score: number;
  readonly wasKnown: boolean;
}

/** Draws of a second point, until there is one that differs. */
const TRIES = 8;

/**
 * The lists after all trees and some rounds: of every point the rows found, best first.
 *
 * @returns shape [V, list length]
 */
export function referenceLists(
  points: GraphPoints,
  plan: GraphPlan,
  { seed, rounds }: { readonly seed: number; readonly rounds: number },
): Int32Array {
  const rows = points.halfSquares.length;
  let lists: Found[][] = Array.from({ length: rows }, () => []);
  const trees = Array.from({ length: plan.trees }, (_, tree) => leavesOf(points, plan.levels, { seed, tree }));
  for (const leaves of trees) {
    for (const leaf of leaves) for (const row of leaf) offer(points, lists, { row, others: leaf, plan });
  }
  for (let round = 0; round < rounds; round++) {
    const before = lists;
    lists = before.map((list) => list.map((found) => ({ ...found, wasKnown: true })));
    for (let row = 0; row < rows; row++) {
      offer(points, lists, { row, others: neighborsOfNeighbors(before, row, plan.reach), plan });
    }
  }
  return Int32Array.from(lists.flatMap((list) => list.map(({ row }) => row)));
}

/** The leaves of one tree, from left to right, each in its order. */
function leavesOf(points: GraphPoints, levels: number, { seed, tree }: { seed: number; tree: number }): number[][] {
  const rows = points.halfSquares.length;
  const startOf = (level: number, n: number) => Math.floor((rows * n) / (1 << level));
  let nodes = [Array.from({ length: rows }, (_, row) => row)];
  for (let level = 0; level < levels; level++) {
    nodes = nodes.flatMap((node, n) => {
      const random = new Random(seed, kernelConstants.GRAPH_PURPOSE, tree, (1 << level) + n);
      const line = lineThrough(points, node, random);
      // + 0 makes one zero of two
      const at = node.map((row) => rowProduct(line, 0, points.points, row * points.stride, points.stride) + 0);
      const left = startOf(level + 1, 2 * n + 1) - startOf(level, n);
      const nearest = [...node.keys()].sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b).slice(0, left);
      const isLeft = new Set(nearest);
      return [true, false].map((side) => node.filter((_, i) => isLeft.has(i) === side));
    });
  }
  return nodes;
}

/** The difference of two random points of a node. */
function lineThrough({ points, stride }: GraphPoints, node: readonly number[], random: Random): Float32Array {
  const draw = () => (node[random.below(node.length)] ?? 0) * stride;
  const from = draw();
  let line = new Float32Array(stride);
  for (let tried = 0; tried < TRIES && line.every((value) => value === 0); tried++) {
    const to = draw();
    line = line.map((_, i) => (points[from + i] ?? 0) - (points[to + i] ?? 0));
  }
  return line;
}

/** Rows that two steps lead to, not both of them known before. */
function neighborsOfNeighbors(lists: readonly Found[][], row: number, reach: number): number[] {
  const ahead = (from: number) => (lists[from] ?? []).slice(0, reach);
  return ahead(row).flatMap((step) =>
    ahead(step.row)
      .filter((next) => !(step.wasKnown && next.wasKnown))
      .map((next) => next.row),
  );
}

/** Offers points to the list of one; of equal scores the earlier stays before, and in. */
function offer(
  { points, halfSquares, stride }: GraphPoints,
  lists: readonly Found[][],
  { row, others, plan }: { readonly row: number; readonly others: readonly number[]; readonly plan: GraphPlan },
): void {
  const list = lists[row] ?? [];
  const known = new Set(list.map((found) => found.row).concat(row));
  for (const other of others) {
    if (known.has(other)) continue;
    known.add(other);
    const product = rowProduct(points, row * stride, points, other * stride, stride);
    const score = Math.fround(product - (halfSquares[other] ?? 0));
    const after = list.findIndex((found) => found.score < score);
    list.splice(after < 0 ? list.length : after, 0, { row: other, score, wasKnown: false });
    if (list.length > plan.listLength) list.pop();
  }
}
