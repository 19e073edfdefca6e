/** Numbers far from all others of their column, by which the others are scaled to nearly nothing: a warning for each column. */
import { withThousands } from '../numerics/thousands.js';
import type { NumericColumn } from './impressions.js';

/** So many times as far from the median as the next value, a number is called wild. */
const wildRatio = 100;
/** Where more of the numbers that are not the median lie out there, they are a part of the column. */
const mostWild = 0.05;
/** So many spans above all others, a large number of nines is called wild: incomes may end at 99999. */
const leastAbove = 3;
/** Columns with fewer numbers say nothing. */
const fewestNumbers = 20;
/** Numbers of all columns that are looked at; of more, as many at equal distances. */
const mostRows = 1_000_000;

/**
 * Looks for numbers that are most likely no measurements: those of which programs write one where none is known (999,
 * −9999, the largest of 32 bits …), below all others by more than their whole span or above them by three, and those a
 * hundred times as far from the median as any of the rest.
 *
 * @param rows - which are looked at, and learned from
 * @returns a sentence for each column that holds some
 */
export function wildNumbers(columns: readonly NumericColumn[], rows: Uint32Array): string[] {
  return columns.flatMap(({ name, values }) => {
    const step = Math.max(1, rows.length / mostRows);
    const size = Math.floor(rows.length / step);
    const present = Float64Array.from({ length: size }, (_, i) => values[rows[Math.floor(i * step)] ?? 0] ?? NaN);
    const sorted = present.filter((value) => !Number.isNaN(value)).sort();
    if (sorted.length < fewestNumbers) return [];
    const found = standIn(sorted) ?? beyondOthers(sorted);
    if (found === undefined) return [];
    const isWild = ({ from, to }: Wild, value: number): boolean => value >= from && value <= to;
    const numbers = rows.reduce((sum, row) => sum + (isWild(found, values[row] ?? NaN) ? 1 : 0), 0);
    return [describe(name, found, { numbers, rows: rows.length })];
  });
}

/** Numbers from one to another, and the span of the rest. */
interface Wild {
  readonly from: number;
  readonly to: number;
  readonly rest: readonly [number, number];
}

/** Three nines or more with either sign, and where 16 and 32 bits end. */
function isStandIn(value: number): boolean {
  return /^-?999+$/.test(String(value)) || [-32768, 32767, 65535, -2147483648, 2147483647, 4294967295].includes(value);
}

/** A least or greatest number that stands for none. @param sorted - ascending */
function standIn(sorted: Float64Array): Wild | undefined {
  const rest = sorted.filter((value) => !isStandIn(value));
  const [low = NaN] = rest;
  const high = rest.at(-1) ?? NaN;
  // numbers that are all alike have no span by which to tell
  if (!(high > low)) return undefined;
  const isBeyond = (value: number): boolean => value < low - (high - low) || value > high + leastAbove * (high - low);
  const value = [sorted[0], sorted.at(-1)].find((each = NaN) => isStandIn(each) && isBeyond(each));
  return value === undefined ? undefined : { from: value, to: value, rest: [low, high] };
}

/** The numbers behind the widest gap, by the ratio of distances from the median. @param sorted - ascending */
function beyondOthers(sorted: Float64Array): Wild | undefined {
  const median = sorted[sorted.length >> 1] ?? 0;
  const distances = sorted.map((value) => Math.abs(value - median)).sort();
  const first = distances.findIndex((distance) => distance > 0);
  if (first < 0) return undefined;
  const least = Math.max(first + 1, Math.ceil(distances.length - mostWild * (distances.length - first)));
  for (let i = least; i < distances.length; i++) {
    const [within = 0, beyond = 0] = [distances[i - 1], distances[i]];
    if (!(beyond >= wildRatio * within)) continue;
    const rest = sorted.filter((value) => Math.abs(value - median) <= within);
    const wild = sorted.filter((value) => Math.abs(value - median) >= beyond);
    const side = wild.filter((value) => value > median === (wild.at(-1) ?? 0) > median);
    return { from: side[0] ?? 0, to: side.at(-1) ?? 0, rest: [rest[0] ?? 0, rest.at(-1) ?? 0] };
  }
  return undefined;
}

function describe(
  name: string,
  { from, to, rest: [low, high] }: Wild,
  { numbers, rows }: { readonly numbers: number; readonly rows: number },
): string {
  return (
    `${name} is ${from === to ? from : `from ${from} to ${to}`} in ${withThousands(numbers)} of ${withThousands(rows)} ` +
    `training rows and from ${low} to ${high} in the rest, which is scaled by it to nearly nothing: leave such numbers ` +
    'empty where they stand for none, or bound them'
  );
}
