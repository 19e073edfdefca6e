// e^−|x|, and what the loss needs of it, four at a time.

/** e^−|x| for four logits; relative error below (3 + |x|) × 10⁻⁷, as |x| · log₂ e is rounded. Below e⁻⁸⁷ it stays there. */
@inline
export function expOfMinusMagnitude(x: v128): v128 {
  // 2^y with y = −|x| · log₂ e, split into a whole and a fraction in [−½, ½] by adding and subtracting 1.5 · 2²³
  const y = f32x4.pmax(f32x4.mul(f32x4.abs(x), f32x4.splat(-1.44269504088896)), f32x4.splat(-126));
  const shifted = f32x4.add(y, f32x4.splat(12582912));
  const fraction = f32x4.sub(y, f32x4.sub(shifted, f32x4.splat(12582912)));
  // Taylor of 2^f, degree 6: error below 1.2 × 10⁻⁷ on [−½, ½]
  let sum = f32x4.splat(0.000154035303933816);
  sum = f32x4.add(f32x4.mul(sum, fraction), f32x4.splat(0.00133335581464284));
  sum = f32x4.add(f32x4.mul(sum, fraction), f32x4.splat(0.00961812910762848));
  sum = f32x4.add(f32x4.mul(sum, fraction), f32x4.splat(0.0555041086648216));
  sum = f32x4.add(f32x4.mul(sum, fraction), f32x4.splat(0.240226506959101));
  sum = f32x4.add(f32x4.mul(sum, fraction), f32x4.splat(0.693147180559945));
  sum = f32x4.add(f32x4.mul(sum, fraction), f32x4.splat(1));
  return i32x4.add(sum, i32x4.shl(shifted, 23));
}

/** Natural logarithm of four numbers ≥ 1; absolute error below 2 × 10⁻⁶ up to 2¹²⁷. */
@inline
export function logOfProduct(x: v128): v128 {
  // x = m · 2^k with m in [√½, √2): log x = k ln 2 + 2 atanh((m − 1) / (m + 1))
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const power = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const one = f32x4.splat(1);
  const s = f32x4.div(f32x4.sub(mantissa, one), f32x4.add(mantissa, one));
  const square = f32x4.mul(s, s);
  let sum = f32x4.splat(0.222222222);
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(0.285714286));
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(0.4));
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(0.666666667));
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(2));
  return f32x4.add(f32x4.mul(power, f32x4.splat(0.693147180559945)), f32x4.mul(sum, s));
}

/** Sum of the four lanes in f64, in lane order. */
@inline
export function sumOfLanes(x: v128): f64 {
  return (
    <f64>f32x4.extract_lane(x, 0) +
    <f64>f32x4.extract_lane(x, 1) +
    (<f64>f32x4.extract_lane(x, 2) + <f64>f32x4.extract_lane(x, 3))
  );
}
