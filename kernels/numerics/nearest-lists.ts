// Lists of the best scores so far, kept sorted; of equal scores the earlier row stays before.

/**
 * Offers scores to a list of the k best, best first.
 *
 * @param count real scores; the rest of the last four may be read
 * @param firstRow row of the first score
 * @param values f32[k]; rows i32[k]
 * @param isNew whether the list begins empty
 */
export function keepBest(scores: usize, count: i32, firstRow: i32, values: usize, rows: usize, k: i32, isNew: bool): void {
  if (isNew) {
    for (let i = 0; i < k; i++) {
      store<f32>(values + ((<usize>i) << 2), -Infinity);
      store<i32>(rows + ((<usize>i) << 2), -1);
    }
  }
  const last = values + ((<usize>(k - 1)) << 2);
  let least = v128.load32_splat(last);
  for (let i = 0; i < count; i += 4) {
    const isBetter = f32x4.gt(v128.load(scores + ((<usize>i) << 2)), least);
    if (!v128.any_true(isBetter)) continue;
    const end = min(i + 4, count);
    for (let j = i; j < end; j++) {
      const score = load<f32>(scores + ((<usize>j) << 2));
      if (score > load<f32>(last)) insert(score, firstRow + j, values, rows, k);
    }
    least = v128.load32_splat(last);
  }
}

function insert(score: f32, row: i32, values: usize, rows: usize, k: i32): void {
  let at = (<usize>(k - 1)) << 2;
  for (; at > 0; at -= 4) {
    const before = load<f32>(values + at - 4);
    if (before >= score) break;
    store<f32>(values + at, before);
    store<i32>(rows + at, load<i32>(rows + at - 4));
  }
  store<f32>(values + at, score);
  store<i32>(rows + at, row);
}

/** How many rows come before a row: those of larger score, and of equal score those before it. */
export function countAbove(scores: usize, count: i32, row: i32): i32 {
  const score = v128.load32_splat(scores + ((<usize>row) << 2));
  let above = i32x4.splat(0);
  const whole = count & ~3;
  let i = 0;
  // up to the row's own four, equal ones count; behind them, they do not
  for (const own = row & ~3; i < own; i += 4) above = i32x4.sub(above, f32x4.ge(v128.load(scores + ((<usize>i) << 2)), score));
  let total = 0;
  const target = load<f32>(scores + ((<usize>row) << 2));
  for (const end = min(i + 4, count); i < end; i++) {
    const other = load<f32>(scores + ((<usize>i) << 2));
    if (other > target || (other == target && i < row)) total++;
  }
  for (; i < whole; i += 4) above = i32x4.sub(above, f32x4.gt(v128.load(scores + ((<usize>i) << 2)), score));
  for (; i < count; i++) if (load<f32>(scores + ((<usize>i) << 2)) > target) total++;
  return (
    total +
    i32x4.extract_lane(above, 0) +
    i32x4.extract_lane(above, 1) +
    i32x4.extract_lane(above, 2) +
    i32x4.extract_lane(above, 3)
  );
}
