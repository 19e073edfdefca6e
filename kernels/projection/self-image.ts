// What a point reads of itself on the grid: an image that is not quite 1 / (1 + d²) at d = 0 and whose slope is not
// zero. Left in, it pulls points to places of the grid; taken out exactly, only the error between different points is left.
//
// A point spread by weights w and read by them meets itself as Σᵢⱼ wᵢ wⱼ G(i − j) along either axis, G the kernel as
// the grid has it: the filter transformed back. So with overlaps aₖ = Σᵢ wᵢ wᵢ₊ₖ, k = 0 … 3, the image is Σₖ Σₗ aₖ aₗ
// G(k, l), each k and l > 0 counted twice.
import { MapJob } from './map-job';

/** Fills the table of the job, G(k, l) as counted, a row of four for each l, from the filter; one thread does. */
export function prepareSelfImage(job: MapJob): void {
  const n = <i32>job.gridLength;
  const side = n / 2;
  const rowBytes = (<usize>(side + 4)) << 2;
  const turns = <usize>job.turns;
  const out = <usize>job.selfImage;
  for (let l = 0; l < 4; l++) {
    let g0: f64 = 0,
      g1: f64 = 0,
      g2: f64 = 0,
      g3: f64 = 0;
    for (let row = 0; row <= side; row++) {
      const from = <usize>job.filter + <usize>row * rowBytes;
      let s0: f64 = 0,
        s1: f64 = 0,
        s2: f64 = 0,
        s3: f64 = 0;
      for (let column = 0; column <= side; column++) {
        const value = <f64>load<f32>(from + ((<usize>column) << 2)) * timesCounted(column, side);
        const x = cosine(turns, column, n);
        // cos 2t and cos 3t from cos t
        s0 += value;
        s1 += value * x;
        s2 += value * (2 * x * x - 1);
        s3 += value * (4 * x * x - 3) * x;
      }
      const share = timesCounted(row, side) * cosine(turns, (row * l) % n, n);
      g0 += share * s0;
      g1 += share * s1;
      g2 += share * s2;
      g3 += share * s3;
    }
    // twice, for the filter holds half: pairs of rows are transformed as one sequence
    const along: f64 = l == 0 ? 2 : 4;
    v128.store(
      out + ((<usize>l) << 4),
      f32x4(<f32>(g0 * along), <f32>(2 * g1 * along), <f32>(2 * g2 * along), <f32>(2 * g3 * along)),
    );
  }
}

/** Frequencies k and n − k are stored once. */
@inline
function timesCounted(k: i32, side: i32): f64 {
  return k == 0 || k == side ? 1 : 2;
}

@inline
function cosine(turns: usize, k: i32, n: i32): f64 {
  return <f64>load<f32>(turns + ((<usize>(k % n)) << 3));
}

/** aₖ = Σᵢ wᵢ wᵢ₊ₖ */
@inline
export function overlaps(w: v128): v128 {
  const w0 = f32x4.extract_lane(w, 0),
    w1 = f32x4.extract_lane(w, 1);
  const w2 = f32x4.extract_lane(w, 2),
    w3 = f32x4.extract_lane(w, 3);
  return f32x4(w0 * w0 + w1 * w1 + (w2 * w2 + w3 * w3), w0 * w1 + w1 * w2 + w2 * w3, w0 * w2 + w1 * w3, w0 * w3);
}

/** Half of their derivatives, for slopes s of the weights w. */
@inline
export function overlapSlopes(w: v128, s: v128): v128 {
  const w0 = f32x4.extract_lane(w, 0),
    w1 = f32x4.extract_lane(w, 1);
  const w2 = f32x4.extract_lane(w, 2),
    w3 = f32x4.extract_lane(w, 3);
  const s0 = f32x4.extract_lane(s, 0),
    s1 = f32x4.extract_lane(s, 1);
  const s2 = f32x4.extract_lane(s, 2),
    s3 = f32x4.extract_lane(s, 3);
  return f32x4.mul(
    f32x4.splat(0.5),
    f32x4(
      2 * (w0 * s0 + w1 * s1 + (w2 * s2 + w3 * s3)),
      w0 * s1 + s0 * w1 + (w1 * s2 + s1 * w2) + (w2 * s3 + s2 * w3),
      w0 * s2 + s0 * w2 + (w1 * s3 + s1 * w3),
      w0 * s3 + s0 * w3,
    ),
  );
}
