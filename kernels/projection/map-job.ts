// What the host asks of the calls that draw a map, field by field. The build writes it out for the host, as
// src/numerics/kernel-records.ts.

/** Rows of a block of products: 64 KiB of f32 with 32 of them. */
export const BLOCK_ROWS: i32 = 512;
/** Points of a chunk, whose sums stand side by side. */
export const CHUNK_ROWS: i32 = 256;
/** Stream of the random numbers that split the trees of an approximate neighbor graph. */
export const GRAPH_PURPOSE: u32 = 0x47524150;

@unmanaged
export class MapJob {
  // the points: f32[rows][rowBytes / 4], padded with zero rows to a multiple of BLOCK_ROWS; half of each squared length
  points: f64;
  halfSquares: f64;
  rows: f64;
  paddedRows: f64;
  rowBytes: f64;
  threads: f64;
  sync: f64;
  scratch: f64;
  scratchBytes: f64;
  // the neighbor graph: i32[rows][neighbors], and f32 squared distances
  neighbors: f64;
  neighborRows: f64;
  neighborSquares: f64;
  // where it is approximate, while it is made: entries of each list, ≥ neighbors; scores stand where squared distances will
  listLength: f64;
  // entries at the front of each list that lead on
  reach: f64;
  nextRows: f64;
  nextScores: f64;
  // trees: i32[trees][rows] each of rows, f32 projections, and room to move rows; the seed in two words
  trees: f64;
  treeLevels: f64;
  treeOrders: f64;
  treeProjections: f64;
  treeSpare: f64;
  seedLow: f64;
  seedHigh: f64;
  // rows whose true neighbors are found, i32[checked], and the score of the last of those, f32[checked]
  checkedRows: f64;
  checked: f64;
  checkedScores: f64;
  // the map: f32[rows][2]
  coordinates: f64;
  // its quality: rows that are judged, i32[judged], and what they report, f64[judged][3]
  judgedRows: f64;
  judged: f64;
  judgedNeighbors: f64;
  judgments: f64;
  // affinities: rows of a sparse matrix padded to multiples of 4, u32[rows + 1], i32 and f32 of each entry
  edgeOffsets: f64;
  edgeColumns: f64;
  edgeValues: f64;
  // forces, last step and gain of every point, f32[rows][2] each; sums and bounds of chunks of points
  attraction: f64;
  repulsion: f64;
  steps: f64;
  gains: f64;
  chunkSums: f64;
  chunkBounds: f64;
  // points by row of the grid: u32[threads][side] twice, u32[side + 1], u32[rows]
  bucketCounts: f64;
  bucketNext: f64;
  bucketStarts: f64;
  bucketPoints: f64;
  // the grid: transforms of gridLength n, side n / 2, spacing and origin in the plane; cosines and −sines; spectrum
  // f32[side][n / 2 + 4] in two parts
  gridLength: f64;
  spacing: f64;
  originX: f64;
  originY: f64;
  turns: f64;
  filter: f64;
  spectrumReal: f64;
  spectrumImaginary: f64;
  potential: f64;
  // what a point reads of itself there: f32[4][4]
  selfImage: f64;
  // one call: factors, steps asked and done, and Z
  exaggeration: f64;
  momentum: f64;
  rate: f64;
  stepsAsked: f64;
  stepsDone: f64;
  normalizer: f64;
}
