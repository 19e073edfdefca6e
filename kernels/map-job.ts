// What the host asks of the calls that draw a map, field by field, each an f64 so that field i stands at 8 × i; src/projection/map-job.ts has the same list.

@unmanaged
export class MapJob {
  // the points: f32[rows][rowBytes / 4], padded with zero rows to a multiple of 512; half of each squared length
  points: f64;
  halfSquares: f64;
  rows: f64;
  paddedRows: f64;
  rowBytes: f64;
  threads: f64;
  sync: f64;
  scratch: f64;
  scratchBytes: f64;
  // the neighbour graph: i32[rows][neighbors], and f32 squared distances
  neighbors: f64;
  neighborRows: f64;
  neighborSquares: f64;
  // the map: f32[rows][2]
  coordinates: f64;
  // its quality: rows that are judged, i32[judged], and what they report, f64[judged][3]
  judgedRows: f64;
  judged: f64;
  judgedNeighbors: f64;
  judgements: f64;
}

/** Number of fields of the record. */
export function mapJobFields(): i32 {
  return <i32>offsetof<MapJob>() >> 3;
}
