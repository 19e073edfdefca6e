// What the host asks of the spectral kernels, field by field.

/** Rows are dealt to this many parts, whose sums are added in their order, at any number of threads. */
export const SPECTRAL_PARTS: u32 = 16;
/** A chunk ends with the history that reaches so many clicks, or with so many histories: numbers of 16 bits name them. */
export const CHUNK_CLICKS: u32 = 65536;
export const CHUNK_HISTORIES: u32 = 4096;

@unmanaged
export class SpectralJob {
  /** factors of one product: to ← alpha × M from + beta × from + gamma × to */
  alpha: f64;
  beta: f64;
  gamma: f64;
  // where things are
  /** two blocks, f32[rows][width] each */
  blocks: u32;
  items: u32;
  offsets: u32;
  weights: u32;
  categoryScales: u32;
  historyScales: u32;
  /** first history of each chunk, u32[chunks + 1] */
  chunks: u32;
  /**
   * clicks of each chunk in order of their categories: those, the number of their history within the chunk (u16), and
   * their weights
   */
  sortedItems: u32;
  sortedHistories: u32;
  sortedWeights: u32;
  /** sums of the histories of a chunk, of two chunks in turn, f32[2][CHUNK_HISTORIES][width] */
  sums: u32;
  /** f64[SPECTRAL_PARTS][width][width] */
  partSums: u32;
  /** f32[width][width] */
  matrix: u32;
  /** f64[width] */
  values: u32;
  sync: u32;
  /** of each thread */
  scratch: u32;
  scratchBytes: u32;
  // sizes
  categories: u32;
  /** a multiple of 4, not less than `categories` */
  rows: u32;
  /** a multiple of 16 */
  width: u32;
  /** columns that are not padding */
  columns: u32;
  histories: u32;
  chunkCount: u32;
  threads: u32;
  seedLow: u32;
  seedHigh: u32;
  // what one call is about
  from: u32;
  to: u32;
  firstChunk: u32;
  endChunk: u32;
}

/** Where a block starts. */
@inline
export function blockAt(job: SpectralJob, block: u32): usize {
  return <usize>job.blocks + <usize>block * <usize>job.rows * rowBytesOf(job);
}

/** Bytes from one row to the next. */
@inline
export function rowBytesOf(job: SpectralJob): usize {
  return (<usize>job.width) << 2;
}

/** First of the k-th of so many even parts. */
@inline
export function share(size: u32, parts: u32, k: u32): u32 {
  return <u32>((<u64>size * <u64>k) / <u64>parts);
}
