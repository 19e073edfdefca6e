/**
 * The typed list of kernel exports, and how an instance comes to be. Kernels own no memory: everything is an address in
 * the one they are given.
 */
import { kernelBinary } from './kernel-binary.js';

/** What kernels/index.ts exports. */
export interface Kernels {
  /** Scrambles 32 bits, as numerics/random.ts does. */
  mix(word: number): number;
  /** Where a keyed permutation of 0 … size − 1 sends an index, as numerics/random.ts does. */
  permuted(index: number, size: number, keyA: number, keyB: number): number;
  /** Fills the input rows that training starts from; every thread of the team calls it. See kernels/training/initial-rows.ts. */
  fillInitialRows(job: number, dimension: number, thread: number): void;
  /** Trains until the job's chunk is done; every thread of the team calls it. See kernels/training/train.ts. */
  trainChunk(job: number, thread: number): void;
  /** Bytes of private memory that one training thread needs. */
  workspaceBytes(
    dimension: number,
    maxSlots: number,
    maxUnits: number,
    sharedNegatives: number,
    softmaxNegatives: number,
  ): number;
  /**
   * Trains a click network on the job's next batches; every thread of the team calls it. See
   * kernels/click-network/click-train.ts.
   */
  clickChunk(job: number, thread: number): void;
  /** Writes the logits of all rows of a set; every thread of the team calls it. */
  clickForward(job: number, set: number, out: number, thread: number): void;
  /** out[q][r] = queries[q] · rows[r]; see kernels/numerics/nearest.ts for padding and alignment. */
  rowProducts(
    queries: number,
    queryCount: number,
    rows: number,
    rowCount: number,
    rowBytes: number,
    out: number,
    outBytes: number,
  ): void;
  /** `rowProducts` times the factors of rows, and the largest of each strip of 64 rows, shape [queryCount, strips]. */
  searchRows(
    queries: number,
    queryCount: number,
    rows: number,
    rowCount: number,
    rowBytes: number,
    out: number,
    outBytes: number,
    factors: number,
    largest: number,
  ): void;
  /** Bounds of products by rows in bytes, and the largest of each strip of 64 rows; see kernels/numerics/bound-rows.ts. */
  boundRows(
    queries: number,
    queryCount: number,
    rows: number,
    rowCount: number,
    numbers: number,
    steps: number,
    errors: number,
    rules: number,
    out: number,
    outBytes: number,
    largest: number,
  ): void;
  /** Products of the rows of a list with a query, with the bits of `searchRows`. */
  listedProducts(
    query: number,
    list: number,
    count: number,
    rows: number,
    rowBytes: number,
    factors: number,
    out: number,
  ): void;
  /** Offers every product of a block to both of its rows, which keep their k largest. */
  offerNeighbors(
    products: number,
    outBytes: number,
    firstRow: number,
    rowCount: number,
    firstColumn: number,
    endColumn: number,
    tables: number,
    paddedRows: number,
    k: number,
  ): void;
  /** out[a][b] (+)= Σ_k left[a, k] · right[k, b] of packed matrices; see kernels/numerics/panels.ts. */
  multiplyPanels(
    out: number,
    outRow: number,
    left: number,
    right: number,
    rows: number,
    columns: number,
    depth: number,
    isAdded: number,
  ): void;
  /** Mean, maximum and weighted mean of the rows of each history; see kernels/numerics/pool.ts. */
  poolHistories(
    table: number,
    rowBytes: number,
    items: number,
    weights: number,
    offsets: number,
    count: number,
    out: number,
  ): void;
  /** Adds the number of scores (base + product × factor) × weight greater than and equal to a target to two u32. */
  countScores(
    products: number,
    weights: number,
    count: number,
    base: number,
    factor: number,
    isOnGrid: number,
    target: number,
    counts: number,
  ): void;
  /** Bytes of scratch that a thread needs to sort chunks of at most so many clicks. */
  spectralSortBytes(mostClicks: number): number;
  /**
   * Sorts the clicks of every chunk by category; every thread of the team calls it, as it does those below. See
   * kernels/spectral/.
   */
  spectralSort(job: number, thread: number): void;
  /** Fills the first block with random numbers. */
  spectralStart(job: number, thread: number): void;
  /** Multiplies a block by the click matrix and its transpose. */
  spectralMultiply(job: number, thread: number): void;
  /** Sums the products of the columns of two blocks. */
  spectralGram(job: number, thread: number): void;
  /** Multiplies a block by a small square matrix. */
  spectralTurn(job: number, thread: number): void;
  /** Sums the squares of what a product leaves of a block's multiple. */
  spectralResiduals(job: number, thread: number): void;
  /** Bytes of scratch that a thread needs for the neighbor graph. */
  graphBytes(k: number): number;
  /** Fills the neighbor graph from row to row; every thread of the team calls it. See kernels/projection/neighbor-graph.ts. */
  nearestPoints(job: number, fromRow: number, toRow: number, thread: number): void;
  /** Measures the squared distances of the neighbor graph; every thread of the team calls it. */
  measureLists(job: number, thread: number): void;
  /** Bytes of scratch that a thread needs for the leaves of trees. */
  forestBytes(rows: number, leafRows: number, rowBytes: number): number;
  /** Splits a level of all trees; every thread of the team calls it. See kernels/projection/neighbor-forest.ts. */
  splitNodes(job: number, level: number, thread: number): void;
  /** Offers the points of each leaf of a tree to each other; every thread of the team calls it. */
  joinLeaves(job: number, tree: number, thread: number): void;
  /** Bytes of scratch that a thread needs to refine lists, and to check them. */
  refinementBytes(rows: number, rowBytes: number, k: number): number;
  /**
   * Offers the neighbors of neighbors to points; every thread of the team calls it. See
   * kernels/projection/neighbor-refinement.ts.
   */
  refineLists(job: number, from: number, to: number, thread: number): void;
  /** Finds the score of the last true neighbor of rows that are checked; every thread of the team calls it. */
  lastTrueScores(job: number, thread: number): void;
  /** Bytes of scratch that a thread needs to judge a map. */
  judgeBytes(paddedRows: number, rowBytes: number, k: number): number;
  /** Judges how a map keeps neighbors; every thread of the team calls it. See kernels/projection/map-quality.ts. */
  judgeRows(job: number, thread: number): void;
  /**
   * Turns the squared distances of the neighbor graph into conditional affinities; every thread of the team calls it.
   * See kernels/projection/affinities.ts.
   */
  bandwidthRows(job: number, perplexity: number, thread: number): void;
  /** Bytes of scratch that a thread needs for transforms of length n. */
  gridBytes(n: number): number;
  /** Prepares the filter of the grid; every thread of the team calls it. See kernels/projection/t-sne.ts. */
  prepareGrid(job: number, thread: number): void;
  /** Makes steps of t-SNE; every thread of the team calls it. */
  layOutSteps(job: number, thread: number): void;
}

/** The compiled module; compile once and share it with worker threads. */
export function compileKernels(): WebAssembly.Module {
  const text = atob(kernelBinary);
  return new WebAssembly.Module(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
}

/**
 * An instance over a memory of the caller, who lays out every byte of it.
 *
 * @param memory - shared, with a maximum of at most 65,536 pages
 */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernels;
}
