/**
 * exp, log, pow, sine and cosine from + − × ÷ only, so that every engine returns the same bits; Math's own differ
 * between engines.
 */

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

const bits = new DataView(new ArrayBuffer(8));

/** eˣ; relative error below 3 × 10⁻¹⁶ for |x| < 700. Underflows to 0 below −745, Infinity above 709.78. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.2) return 0;
  const power = Math.round(x / 0.6931471805599453);
  const rest = x - power * LN2_HIGH - power * LN2_LOW;
  let sum = 1;
  for (let term = 14; term > 0; term--) sum = 1 + (rest * sum) / term;
  return power < -1000 ? scale(sum, power + 200) * scale(1, -200) : scale(sum, power);
}

/** Natural logarithm; relative error below 3 × 10⁻¹⁶ away from 1. −Infinity at 0, NaN below. */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return x;
  const isTiny = x < 2.2250738585072014e-308;
  bits.setFloat64(0, isTiny ? x * 18014398509481984 : x);
  const high = bits.getUint32(0);
  let power = (high >>> 20) - 1023 - (isTiny ? 54 : 0);
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > 1.4142135623730951) {
    mantissa /= 2;
    power += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let odd = 23; odd > 1; odd -= 2) sum = square * (1 / odd + sum);
  return power * LN2_HIGH + (2 * s + (2 * s * sum + power * LN2_LOW));
}

/** xʸ for x ≥ 0, as exp(y · log x); 0⁰ is 1. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (y === 1) return x;
  return exp(y * log(x));
}

/** Logistic function 1 / (1 + e⁻ˣ), in [0, 1]. */
export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

/** log(1 + eˣ) without overflow. */
export function softplus(x: number): number {
  return x > 30 ? x + exp(-x) : log(1 + exp(x));
}

/** Sine and cosine of an angle in turns (1 is the whole circle), absolute error below 2 × 10⁻¹⁶. */
export function sinCosTurns(turns: number): readonly [sine: number, cosine: number] {
  const eighths = Math.round((turns - Math.floor(turns)) * 4);
  const angle = (turns - Math.floor(turns) - eighths / 4) * 6.283185307179586;
  const square = angle * angle;
  let sine = 1;
  let cosine = 1;
  for (let term = 22; term > 1; term -= 2) {
    cosine = 1 - (square * cosine) / (term * (term - 1));
    sine = 1 - (square * sine) / (term * (term + 1));
  }
  sine *= angle;
  switch (eighths & 3) {
    case 0:
      return [sine, cosine];
    case 1:
      return [cosine, -sine];
    case 2:
      return [-sine, -cosine];
    default:
      return [-cosine, sine];
  }
}

/** mantissa × 2^power for −1022 ≤ power ≤ 1024. */
function scale(mantissa: number, power: number): number {
  if (power > 1023) return scale(mantissa, 1023) * 2;
  bits.setUint32(0, (power + 1023) << 20);
  bits.setUint32(4, 0);
  return mantissa * bits.getFloat64(0);
}
