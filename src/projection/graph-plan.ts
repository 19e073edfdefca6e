/** How the neighbor graph of a map is made, by its size: exactly, or by trees and rounds. */
import type { ResolvedProjectionOptions } from './options.js';

/** Rows up to which the graph is exact where nothing else is asked. */
export const mostExactGraph = 50_000;

/** How an approximate graph is made. */
export interface GraphPlan {
  /** neighbors that are kept of each row while the graph is made, at least those asked for; 0 where the graph is exact */
  readonly listLength: number;
  /** of these, the nearest ones, whose neighbors are tried */
  readonly reach: number;
  /** random projection trees */
  readonly trees: number;
  /** splits from root to leaf */
  readonly levels: number;
  /** rows whose true neighbors are found, to know which share the graph has */
  readonly checked: number;
}

/** A plan for all pairs. */
export const exactPlan: GraphPlan = { listLength: 0, reach: 0, trees: 0, levels: 0, checked: 0 };

/** Trees: each costs as much as a leaf has points, and finds the first neighbors; rounds find the rest of them faster. */
const TREES = 8;
/** Points of a leaf, at least: the products of so many rows stay near the processor. */
const LEAF_ROWS = 256;
/** With fewer neighbors, too few lead on to others. */
const LEAST_LIST = 30;
const MOST_CHECKED = 1000;

/** The plan for a number of rows, each with k neighbors. */
export function planGraph(
  rows: number,
  k: number,
  graph: ResolvedProjectionOptions['graph'],
  leafRows = LEAF_ROWS,
): GraphPlan {
  if (k === 0 || graph === 'exact' || (graph === 'auto' && rows <= mostExactGraph)) return exactPlan;
  const listLength = Math.min(rows - 1, Math.max(k, LEAST_LIST));
  const leafLeast = Math.max(leafRows, 2 * listLength);
  let levels = 0;
  while (rows / (2 << levels) >= leafLeast) levels++;
  const reach = Math.min(listLength, Math.max(LEAST_LIST, Math.ceil(listLength / 2)));
  return { listLength, reach, trees: levels === 0 ? 1 : TREES, levels, checked: Math.min(rows, MOST_CHECKED) };
}
