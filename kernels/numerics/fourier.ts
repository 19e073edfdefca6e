// Fourier transforms of four sequences at once, one in each lane. Element i is 32 bytes: four real parts, then four
// imaginary parts. Stockham's self-sorting form with radices 4, 3 and 2 (Van Loan 1992, Computational Frameworks for
// the FFT §1.7), so no bit reversal.

/**
 * X[k] = Σ x[i] e^(−2πi k i / n), from one buffer to another and back.
 *
 * @param n 2^a or 3 × 2^a, a ≥ 2
 * @param turns f32 pairs: cosine and −sine of 2π i / n, i < n
 * @param isPadded whether the second half of x counts as zeros, whatever stands there
 * @param isHalved whether only the first half of X is asked for; the second is then not written
 * @returns the buffer that holds the result
 */
export function transform(from: usize, to: usize, n: i32, turns: usize, isPadded: bool = false, isHalved: bool = false): usize {
  let x = from;
  let y = to;
  let step = 1;
  for (let length = n; length > 1;) {
    if (step == 1 && isPadded) {
      paddedQuarters(x, y, n, turns);
      length /= 4;
      step *= 4;
    } else if (isHalved && length <= 4) {
      if (length == 4) halvedQuarters(x, y, n);
      else if (length == 3) halvedThirds(x, y, n);
      else halvedHalves(x, y, n);
      length = 1;
    } else if (length % 4 == 0) {
      quarters(x, y, n, step, length / 4, turns);
      length /= 4;
      step *= 4;
    } else if (length % 3 == 0) {
      thirds(x, y, n, step, length / 3, turns);
      length /= 3;
      step *= 3;
    } else {
      halves(x, y, n, step, length / 2, turns);
      length /= 2;
      step *= 2;
    }
    const done = y;
    y = x;
    x = done;
  }
  return x;
}

function quarters(x: usize, y: usize, n: i32, step: i32, groups: i32, turns: usize): void {
  const apart = (<usize>n) << 3;
  const run = (<usize>step) << 5;
  for (let p = 0; p < groups; p++) {
    const at = turns + ((<usize>(p * step)) << 3);
    const c1 = v128.load32_splat(at),
      s1 = v128.load32_splat(at, 4);
    const two = turns + ((<usize>(2 * p * step)) << 3);
    const c2 = v128.load32_splat(two),
      s2 = v128.load32_splat(two, 4);
    const three = turns + ((<usize>(3 * p * step)) << 3);
    const c3 = v128.load32_splat(three),
      s3 = v128.load32_splat(three, 4);
    let a = x + <usize>p * run;
    let out = y + <usize>p * 4 * run;
    for (const end = a + run; a < end; a += 32, out += 32) {
      const b = a + apart,
        c = b + apart,
        d = c + apart;
      const acr = f32x4.add(v128.load(a), v128.load(c)),
        aci = f32x4.add(v128.load(a, 16), v128.load(c, 16));
      const amr = f32x4.sub(v128.load(a), v128.load(c)),
        ami = f32x4.sub(v128.load(a, 16), v128.load(c, 16));
      const bdr = f32x4.add(v128.load(b), v128.load(d)),
        bdi = f32x4.add(v128.load(b, 16), v128.load(d, 16));
      const bmr = f32x4.sub(v128.load(b), v128.load(d)),
        bmi = f32x4.sub(v128.load(b, 16), v128.load(d, 16));
      v128.store(out, f32x4.add(acr, bdr));
      v128.store(out, f32x4.add(aci, bdi), 16);
      turnedStore(out + run, f32x4.add(amr, bmi), f32x4.sub(ami, bmr), c1, s1);
      turnedStore(out + 2 * run, f32x4.sub(acr, bdr), f32x4.sub(aci, bdi), c2, s2);
      turnedStore(out + 3 * run, f32x4.sub(amr, bmi), f32x4.add(ami, bmr), c3, s3);
    }
  }
}

function thirds(x: usize, y: usize, n: i32, step: i32, groups: i32, turns: usize): void {
  const apart = (<usize>(n / 3)) << 5;
  const run = (<usize>step) << 5;
  const half = f32x4.splat(-0.5),
    root = f32x4.splat(0.866025403784439);
  for (let p = 0; p < groups; p++) {
    const at = turns + ((<usize>(p * step)) << 3);
    const c1 = v128.load32_splat(at),
      s1 = v128.load32_splat(at, 4);
    const two = turns + ((<usize>(2 * p * step)) << 3);
    const c2 = v128.load32_splat(two),
      s2 = v128.load32_splat(two, 4);
    let a = x + <usize>p * run;
    let out = y + <usize>p * 3 * run;
    for (const end = a + run; a < end; a += 32, out += 32) {
      const b = a + apart,
        c = b + apart;
      const sr = f32x4.add(v128.load(b), v128.load(c)),
        si = f32x4.add(v128.load(b, 16), v128.load(c, 16));
      const dr = f32x4.mul(root, f32x4.sub(v128.load(b), v128.load(c)));
      const di = f32x4.mul(root, f32x4.sub(v128.load(b, 16), v128.load(c, 16)));
      const ar = v128.load(a),
        ai = v128.load(a, 16);
      const mr = f32x4.add(ar, f32x4.mul(half, sr)),
        mi = f32x4.add(ai, f32x4.mul(half, si));
      v128.store(out, f32x4.add(ar, sr));
      v128.store(out, f32x4.add(ai, si), 16);
      turnedStore(out + run, f32x4.add(mr, di), f32x4.sub(mi, dr), c1, s1);
      turnedStore(out + 2 * run, f32x4.sub(mr, di), f32x4.add(mi, dr), c2, s2);
    }
  }
}

function halves(x: usize, y: usize, n: i32, step: i32, groups: i32, turns: usize): void {
  const apart = (<usize>n) << 4;
  const run = (<usize>step) << 5;
  for (let p = 0; p < groups; p++) {
    const at = turns + ((<usize>(p * step)) << 3);
    const c1 = v128.load32_splat(at),
      s1 = v128.load32_splat(at, 4);
    let a = x + <usize>p * run;
    let out = y + <usize>p * 2 * run;
    for (const end = a + run; a < end; a += 32, out += 32) {
      const b = a + apart;
      const ar = v128.load(a),
        ai = v128.load(a, 16),
        br = v128.load(b),
        bi = v128.load(b, 16);
      v128.store(out, f32x4.add(ar, br));
      v128.store(out, f32x4.add(ai, bi), 16);
      turnedStore(out + run, f32x4.sub(ar, br), f32x4.sub(ai, bi), c1, s1);
    }
  }
}

/** The first pass where all that would be added from the second half is zero. */
function paddedQuarters(x: usize, y: usize, n: i32, turns: usize): void {
  const apart = (<usize>n) << 3;
  let a = x,
    out = y;
  for (let p = 0, groups = n / 4; p < groups; p++, a += 32, out += 128) {
    const at = turns + ((<usize>p) << 3),
      two = turns + ((<usize>p) << 4),
      three = turns + <usize>p * 24;
    const ar = v128.load(a),
      ai = v128.load(a, 16);
    const br = v128.load(a + apart),
      bi = v128.load(a + apart, 16);
    v128.store(out, f32x4.add(ar, br));
    v128.store(out, f32x4.add(ai, bi), 16);
    turnedStore(out + 32, f32x4.add(ar, bi), f32x4.sub(ai, br), v128.load32_splat(at), v128.load32_splat(at, 4));
    turnedStore(out + 64, f32x4.sub(ar, br), f32x4.sub(ai, bi), v128.load32_splat(two), v128.load32_splat(two, 4));
    turnedStore(out + 96, f32x4.sub(ar, bi), f32x4.add(ai, br), v128.load32_splat(three), v128.load32_splat(three, 4));
  }
}

/** The last pass, whose turns are all 1, without the second half of its results; of thirds, without the last. */
function halvedQuarters(x: usize, y: usize, n: i32): void {
  const run = (<usize>n) << 3;
  for (let a = x, out = y, end = x + run; a < end; a += 32, out += 32) {
    const b = a + run,
      c = b + run,
      d = c + run;
    const acr = f32x4.add(v128.load(a), v128.load(c)),
      aci = f32x4.add(v128.load(a, 16), v128.load(c, 16));
    const amr = f32x4.sub(v128.load(a), v128.load(c)),
      ami = f32x4.sub(v128.load(a, 16), v128.load(c, 16));
    v128.store(out, f32x4.add(acr, f32x4.add(v128.load(b), v128.load(d))));
    v128.store(out, f32x4.add(aci, f32x4.add(v128.load(b, 16), v128.load(d, 16))), 16);
    v128.store(out + run, f32x4.add(amr, f32x4.sub(v128.load(b, 16), v128.load(d, 16))));
    v128.store(out + run, f32x4.sub(ami, f32x4.sub(v128.load(b), v128.load(d))), 16);
  }
}

function halvedThirds(x: usize, y: usize, n: i32): void {
  const run = (<usize>(n / 3)) << 5;
  const half = f32x4.splat(-0.5),
    root = f32x4.splat(0.866025403784439);
  for (let a = x, out = y, end = x + run; a < end; a += 32, out += 32) {
    const b = a + run,
      c = b + run;
    const ar = v128.load(a),
      ai = v128.load(a, 16);
    const sr = f32x4.add(v128.load(b), v128.load(c)),
      si = f32x4.add(v128.load(b, 16), v128.load(c, 16));
    v128.store(out, f32x4.add(ar, sr));
    v128.store(out, f32x4.add(ai, si), 16);
    const di = f32x4.mul(root, f32x4.sub(v128.load(b, 16), v128.load(c, 16)));
    const dr = f32x4.mul(root, f32x4.sub(v128.load(b), v128.load(c)));
    v128.store(out + run, f32x4.add(f32x4.add(ar, f32x4.mul(half, sr)), di));
    v128.store(out + run, f32x4.sub(f32x4.add(ai, f32x4.mul(half, si)), dr), 16);
  }
}

function halvedHalves(x: usize, y: usize, n: i32): void {
  const run = (<usize>n) << 4;
  for (let a = x, out = y, end = x + run; a < end; a += 32, out += 32) {
    v128.store(out, f32x4.add(v128.load(a), v128.load(a + run)));
    v128.store(out, f32x4.add(v128.load(a, 16), v128.load(a + run, 16)), 16);
  }
}

@inline
function turnedStore(out: usize, re: v128, im: v128, cosine: v128, sine: v128): void {
  v128.store(out, f32x4.sub(f32x4.mul(re, cosine), f32x4.mul(im, sine)));
  v128.store(out, f32x4.add(f32x4.mul(re, sine), f32x4.mul(im, cosine)), 16);
}
