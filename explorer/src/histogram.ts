/** How the numbers of an attribute are spread over its scale, as bars that a range can be drawn on. */
import type { Range } from './range.js';

/** Ends of a scale, and whether it is logarithmic. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly isLogarithmic: boolean;
}

/** Place of a number on the scale, from 0 to 1; numbers beyond an end stand at it. */
export function placeOn({ low, high, isLogarithmic }: Axis, value: number): number {
  const at = (number: number): number => (isLogarithmic ? Math.log(number) : number);
  const place = high === low ? 0.5 : (at(value) - at(low)) / (at(high) - at(low));
  return Math.max(0, Math.min(1, place));
}

/** The number at a place of the scale, with three digits. */
export function numberAt({ low, high, isLogarithmic }: Axis, place: number): number {
  const value = isLogarithmic ? low * (high / low) ** place : low + (high - low) * place;
  return Number(value.toPrecision(3));
}

/** Numbers in each of so many equal parts of the scale. */
export function binsOf(axis: Axis, numbers: Float64Array, count: number): Uint32Array {
  const bins = new Uint32Array(count);
  for (const value of numbers) {
    if (Number.isNaN(value)) continue;
    const bin = Math.min(count - 1, Math.floor(placeOn(axis, value) * count));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}

/** The range between two places of the scale; open at the ends, which hold what lies beyond them. */
export function rangeBetween(axis: Axis, from: number, to: number): Range {
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  return { low: left <= 0 ? -Infinity : numberAt(axis, left), high: right >= 1 ? Infinity : numberAt(axis, right) };
}
