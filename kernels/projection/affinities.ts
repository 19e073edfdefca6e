// Conditional affinities of t-SNE: for every row the bandwidth at which its neighbors' entropy is log(perplexity);
// src/projection/affinities.ts has the same in f64.
import { expOfMinusMagnitude, logOfProduct, sumOfLanes } from '../numerics/sigmoid';
import { MapJob } from './map-job';

/** Halvings of the search for a bandwidth, as many as f32 can tell apart. */
const STEPS: i32 = 48;
const TOLERANCE: f64 = 1e-5;

/** Turns squared distances into affinities in place, for the rows of one thread; every thread calls it. */
export function bandwidthRows(address: usize, perplexity: f64, thread: i32): void {
  const job = changetype<MapJob>(address);
  const rows = <i32>job.rows;
  const threads = <i32>job.threads;
  const k = <i32>job.neighbors;
  const scratch = <usize>job.scratch + <usize>thread * <usize>job.scratchBytes;
  const target = logOf(perplexity);
  const end = <i32>((<i64>rows * (thread + 1)) / threads);
  for (let row = <i32>((<i64>rows * thread) / threads); row < end; row++) {
    bandwidthRow(<usize>job.neighborSquares + ((<usize>row * k) << 2), k, target, scratch);
  }
}

function bandwidthRow(squares: usize, k: i32, target: f64, values: usize): void {
  let least = load<f32>(squares);
  for (let i = 1; i < k; i++) least = min(least, load<f32>(squares + ((<usize>i) << 2)));
  const excess = values + (((<usize>k + 3) & ~3) << 2);
  let mean: f64 = 0;
  for (let i = 0; i < k; i++) {
    const square = load<f32>(squares + ((<usize>i) << 2)) - least;
    store<f32>(excess + ((<usize>i) << 2), square);
    mean += <f64>square / <f64>k;
  }
  let low: f64 = 0,
    high: f64 = Infinity;
  let beta: f64 = mean > 1e-30 ? 1 / mean : 1;
  let sum: f64 = 0;
  for (let step = 0; step < STEPS; step++) {
    const factor = f32x4.splat(<f32>beta);
    let sums = f32x4.splat(0),
      products = f32x4.splat(0);
    for (let i = 0; i < k; i += 4) {
      const isReal = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(k - i));
      const square = v128.and(v128.load(excess + ((<usize>i) << 2)), isReal);
      const value = v128.and(expOfMinusMagnitude(f32x4.mul(square, factor)), isReal);
      v128.store(values + ((<usize>i) << 2), value);
      sums = f32x4.add(sums, value);
      products = f32x4.add(products, f32x4.mul(value, square));
    }
    sum = sumOfLanes(sums);
    const surplus = logOf(sum) + (beta * sumOfLanes(products)) / sum - target;
    if (abs(surplus) < TOLERANCE) break;
    if (surplus > 0) low = beta;
    else high = beta;
    beta = high == Infinity ? beta * 2 : (low + high) * 0.5;
    if (beta > 1e30) break;
  }
  const share = <f32>(1 / sum);
  for (let i = 0; i < k; i++) store<f32>(squares + ((<usize>i) << 2), load<f32>(values + ((<usize>i) << 2)) * share);
}

/** log x for x ≥ 1. */
@inline
function logOf(x: f64): f64 {
  return <f64>f32x4.extract_lane(logOfProduct(f32x4.splat(<f32>x)), 0);
}
