// The vectors of a history made into one: their mean, their greatest numbers, and their mean by weight.

/**
 * Pools histories; row i of `out` holds mean, maximum and, where there are weights, weighted mean, each `rowBytes`
 * long. An empty history gives zeros.
 *
 * @param table rows of f32, 16-byte aligned, `rowBytes` apart, padded with zeros to a multiple of 4 floats
 * @param items i32 rows of the table, history after history
 * @param weights f32 for each item, or 0 for none
 * @param offsets u32 where each history starts in `items`, count + 1 of them
 */
export function poolHistories(
  table: usize,
  rowBytes: i32,
  items: usize,
  weights: usize,
  offsets: usize,
  count: i32,
  out: usize,
): void {
  const outBytes = weights === 0 ? 2 * rowBytes : 3 * rowBytes;
  for (let h = 0; h < count; h++) {
    const start = load<u32>(offsets + ((<usize>h) << 2));
    const end = load<u32>(offsets + ((<usize>h) << 2) + 4);
    const row = out + <usize>h * outBytes;
    if (start === end) {
      memory.fill(row, 0, outBytes);
      continue;
    }
    let total: f32 = 0;
    if (weights !== 0) for (let i = start; i < end; i++) total += load<f32>(weights + ((<usize>i) << 2));
    const share = f32x4.splat(<f32>1 / <f32>(end - start));
    const weightedShare = f32x4.splat(<f32>1 / total);
    for (let at = 0; at < rowBytes; at += 16) {
      let sum = f32x4.splat(0);
      let weighted = f32x4.splat(0);
      let most = f32x4.splat(-Infinity);
      for (let i = start; i < end; i++) {
        const x = v128.load(table + <usize>load<i32>(items + ((<usize>i) << 2)) * rowBytes + at);
        sum = f32x4.add(sum, x);
        most = f32x4.max(most, x);
        if (weights !== 0) weighted = f32x4.add(weighted, f32x4.mul(x, v128.load32_splat(weights + ((<usize>i) << 2))));
      }
      v128.store(row + at, f32x4.mul(sum, share));
      v128.store(row + rowBytes + at, most);
      if (weights !== 0) v128.store(row + 2 * rowBytes + at, f32x4.mul(weighted, weightedShare));
    }
  }
}
