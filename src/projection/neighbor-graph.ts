/**
 * The neighbors that t-SNE is given: the nearest of every point exactly, or nearly all of them by trees and rounds,
 * with the share that was found.
 */
import type { Workers } from '../engine/workers.js';
import { Random, seedWords, shuffle } from '../numerics/random.js';
import { renumber, type MapMemory } from './map-memory.js';

/**
 * Share of the neighbors at which trees and rounds end, the share below which whole lists are tried, not their nearer part alone,
 * the gain below which another would be in vain, and how many there are at most.
 */
const ENOUGH = 0.97;
const PROMISED = 0.95;
const LEAST_GAIN = 0.002;
const MOST_ROUNDS = 12;

/** Times rows × list length: entries that are looked at between two looks at the signal. */
const ENTRIES_AT_ONCE = 5e8;
/** Rows whose neighbors are found exactly between two looks at the signal, times all rows. */
const PAIRS_AT_ONCE = 2e8;

/** Entries that a list had before the round that is under way, as kernels/projection/neighbor-lists.ts marks them. */
const WAS_KNOWN = 0x40000000;

/** What the search is told and asked. */
export interface GraphRun {
  readonly seed: number;
  /** 0 … 1 of the graph */
  readonly onShare: (share: number) => void;
  readonly pause: () => Promise<void>;
}

/**
 * Fills `neighborRows` and `neighborSquares` of the memory, and numbers its rows anew where the graph is approximate:
 * `order` then says which row stands where.
 *
 * @returns share of the true neighbors that the graph has, of a seeded sample of 1,000 rows where it is approximate; 1
 *   where it is exact
 */
export async function findNeighbors(memory: MapMemory, workers: Workers, run: GraphRun): Promise<number> {
  if (memory.graph.listLength > 0) return findNearly(memory, workers, run);
  const { rows } = memory.sizes;
  const atOnce = Math.max(32, Math.ceil(PAIRS_AT_ONCE / rows / 32) * 32);
  for (let from = 0; from < rows; from += atOnce) {
    run.onShare(from / rows);
    // oxlint-disable-next-line no-await-in-loop -- blocks follow each other
    await workers.callAll('nearestPoints', memory.jobAddress, from, Math.min(rows, from + atOnce));
    // oxlint-disable-next-line no-await-in-loop -- lets others run between blocks
    await run.pause();
  }
  return 1;
}

async function findNearly(memory: MapMemory, workers: Workers, run: GraphRun): Promise<number> {
  const { graph, jobAddress } = memory;
  const { trees, levels } = graph;
  startGraph(memory, run.seed);
  const call = async (share: number, name: string, ...args: readonly number[]) => {
    run.onShare(share);
    await workers.callAll(name, jobAddress, ...args);
    await run.pause();
  };
  for (let level = 0; level < levels; level++) {
    // oxlint-disable-next-line no-await-in-loop -- levels follow each other
    await call((0.1 * level) / levels, 'splitNodes', level);
  }
  numberByFirstTree(memory);
  await call(0.1, 'lastTrueScores');
  let recall = 0;
  for (let tree = 0; tree < trees && recall < ENOUGH; tree++) {
    // oxlint-disable-next-line no-await-in-loop -- trees follow each other
    await call(0.15 + (0.25 * tree) / trees, 'joinLeaves', tree);
    recall = recallOf(memory);
  }
  let isWide = graph.reach === graph.listLength;
  for (let round = 0; round < MOST_ROUNDS && recall < ENOUGH; round++) {
    const before = recall;
    // each round has about half of what the one before had to look at
    const shareOf = (share: number) => 1 - (0.6 / (1 << round)) * (1 - share / 2);
    // oxlint-disable-next-line no-await-in-loop -- rounds follow each other
    await refine(memory, (share, ...args) => call(shareOf(share), 'refineLists', ...args));
    recall = recallOf(memory);
    if (recall - before >= LEAST_GAIN) continue;
    if (isWide || recall >= PROMISED) break;
    isWide = true;
    widen(memory);
  }
  keepNearest(memory);
  await call(1, 'measureLists');
  return recall;
}

/** One round over all points. */
async function refine(
  { sizes, graph, neighborRows, neighborSquares, nextRows, nextScores }: MapMemory,
  call: (share: number, from: number, to: number) => Promise<void>,
): Promise<void> {
  const { rows } = sizes;
  const atOnce = Math.max(64, Math.ceil(ENTRIES_AT_ONCE / (graph.reach * graph.reach * 64)) * 64);
  for (let from = 0; from < rows; from += atOnce) {
    // oxlint-disable-next-line no-await-in-loop -- blocks follow each other
    await call(from / rows, from, Math.min(rows, from + atOnce));
  }
  neighborRows.set(nextRows);
  neighborSquares.set(nextScores);
}

/** Lets whole lists lead on, and has everything tried anew. */
function widen({ job, graph, neighborRows }: MapMemory): void {
  job.set({ reach: graph.listLength });
  for (let at = 0; at < neighborRows.length; at++) neighborRows[at] = (neighborRows[at] ?? 0) & ~WAS_KNOWN;
}

/** Puts rows in order at the root of every tree, draws those that are checked, and tells the kernels of both. */
function startGraph({ job, sizes, graph, treeOrders, checkedRows }: MapMemory, seed: number): void {
  const { rows } = sizes;
  const { low, high } = seedWords(seed);
  job.set({ seedLow: low, seedHigh: high });
  for (let at = 0; at < treeOrders.length; at++) treeOrders[at] = at % rows;
  checkedRows.set(rowsToCheck(rows, graph.checked, seed));
}

/**
 * Gives points that are near each other numbers that are: those of their places in the first tree. Rounds and forces
 * then find most of what they ask for near the processor.
 */
function numberByFirstTree(memory: MapMemory): void {
  const { sizes, treeOrders } = memory;
  const order = treeOrders.slice(0, sizes.rows);
  const places = new Int32Array(sizes.rows);
  order.forEach((row, place) => (places[row] = place));
  for (let at = 0; at < treeOrders.length; at++) treeOrders[at] = places[treeOrders[at] ?? 0] ?? 0;
  renumber(memory, order);
}

/** A seeded sample of rows, ascending. */
export function rowsToCheck(rows: number, count: number, seed: number): Int32Array {
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  return shuffle(all, new Random(seed, 0x6c1b)).slice(0, count).sort();
}

/** Share of the k true neighbors that the lists have; one as near as the last true neighbor counts as it. */
function recallOf({ sizes, graph, checkedRows, checkedScores, neighborSquares: scores }: MapMemory): number {
  const { neighbors: k } = sizes;
  let found = 0;
  checkedRows.forEach((row, i) => {
    const first = row * graph.listLength;
    const last = checkedScores[i] ?? 0;
    for (let at = first; at < first + k && (scores[at] ?? 0) >= last; at++) found++;
  });
  return found / (checkedRows.length * k);
}

/** Leaves the k nearest of each list, side by side, without marks. */
function keepNearest({ sizes, graph, neighborRows }: MapMemory): void {
  const { rows, neighbors: k } = sizes;
  for (let row = 0, to = 0; row < rows; row++) {
    for (let from = row * graph.listLength, end = from + k; from < end; from++, to++) {
      neighborRows[to] = (neighborRows[from] ?? 0) & ~WAS_KNOWN;
    }
  }
}
