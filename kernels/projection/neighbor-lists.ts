// Lists of the nearest points so far, best first, each point once: i32 rows and f32 scores x · y − |y|² / 2,
// `listLength` of each for every point.
import { MapJob } from './map-job';

/** Set in an entry that the round before had already. */
export const WAS_KNOWN: i32 = 0x40000000;

/** Begins the list of a point. */
export function clearList(job: MapJob, row: i32): void {
  const length = <i32>job.listLength;
  const list = (<usize>row * length) << 2;
  for (let at: usize = 0; at < (<usize>length) << 2; at += 4) {
    store<i32>(<usize>job.neighborRows + list + at, -1);
    store<f32>(<usize>job.neighborSquares + list + at, -Infinity);
  }
}

/** Marks a row in a bitmap. @returns whether it was not yet marked */
@inline
export function isNewlySeen(seen: usize, row: i32): bool {
  const at = seen + ((<usize>(row >> 5)) << 2);
  const word = load<u32>(at);
  const bit = (<u32>1) << (row & 31);
  if ((word & bit) != 0) return false;
  store<u32>(at, word | bit);
  return true;
}

@inline
function forget(seen: usize, row: i32): void {
  const at = seen + ((<usize>(row >> 5)) << 2);
  store<u32>(at, load<u32>(at) & ~((<u32>1) << (row & 31)));
}

/**
 * Offers points that may stand there already to the list of one.
 *
 * @param seen a bitmap of all points, zero before and after
 */
export function offerAgain(seen: usize, scores: usize, others: usize, count: i32, rows: usize, values: usize, length: i32): void {
  const end = rows + ((<usize>length) << 2);
  const last = values + ((<usize>(length - 1)) << 2);
  for (let at = rows; at < end; at += 4) if (load<i32>(at) >= 0) isNewlySeen(seen, load<i32>(at));
  let least = v128.load32_splat(last);
  for (let i = 0; i < count; i += 4) {
    if (!v128.any_true(f32x4.gt(v128.load(scores + ((<usize>i) << 2)), least))) continue;
    for (let j = i, stop = min(i + 4, count); j < stop; j++) {
      const score = load<f32>(scores + ((<usize>j) << 2));
      if (score <= load<f32>(last) || !isNewlySeen(seen, load<i32>(others + ((<usize>j) << 2)))) continue;
      const leaves = load<i32>(end - 4);
      // should it be offered once more, its score turns it away
      if (leaves >= 0) forget(seen, leaves);
      insert(score, load<i32>(others + ((<usize>j) << 2)), rows, values, length);
    }
    least = v128.load32_splat(last);
  }
  for (let at = rows; at < end; at += 4) if (load<i32>(at) >= 0) forget(seen, load<i32>(at));
}

/**
 * Offers points to a list in which none of them stands yet; of equal scores the earlier stays before, and in.
 *
 * @param scores f32[count], up to the next multiple of 4 readable
 */
export function offerAll(scores: usize, others: usize, count: i32, rows: usize, values: usize, length: i32): void {
  const last = values + ((<usize>(length - 1)) << 2);
  let least = v128.load32_splat(last);
  for (let i = 0; i < count; i += 4) {
    if (!v128.any_true(f32x4.gt(v128.load(scores + ((<usize>i) << 2)), least))) continue;
    const end = min(i + 4, count);
    for (let j = i; j < end; j++) {
      const score = load<f32>(scores + ((<usize>j) << 2));
      if (score > load<f32>(last)) insert(score, load<i32>(others + ((<usize>j) << 2)), rows, values, length);
    }
    least = v128.load32_splat(last);
  }
}

function insert(score: f32, row: i32, rows: usize, values: usize, length: i32): void {
  // the first place whose score is less
  let low = 0,
    high = length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f32>(values + ((<usize>middle) << 2)) >= score) low = middle + 1;
    else high = middle;
  }
  const place = (<usize>low) << 2;
  let at = (<usize>(length - 1)) << 2;
  // four at a time from the end: what is overwritten has been moved
  for (; at >= place + 16; at -= 16) {
    v128.store(values + at - 12, v128.load(values + at - 16));
    v128.store(rows + at - 12, v128.load(rows + at - 16));
  }
  for (; at > place; at -= 4) {
    store<f32>(values + at, load<f32>(values + at - 4));
    store<i32>(rows + at, load<i32>(rows + at - 4));
  }
  store<f32>(values + place, score);
  store<i32>(rows + place, row);
}

/** Products of one row with up to four others that stand anywhere; summed as `rowProducts` does, so with the same bits. */
export function scatteredProducts(query: usize, points: usize, others: usize, count: i32, rowBytes: i32): v128 {
  const toRow0 = points + <usize>load<i32>(others) * rowBytes - query;
  let toRow1 = toRow0,
    toRow2 = toRow0,
    toRow3 = toRow0;
  if (count > 1) toRow1 = points + <usize>load<i32>(others, 4) * rowBytes - query;
  if (count > 2) toRow2 = points + <usize>load<i32>(others, 8) * rowBytes - query;
  if (count > 3) toRow3 = points + <usize>load<i32>(others, 12) * rowBytes - query;
  let a = f32x4.splat(0),
    b = f32x4.splat(0),
    c = f32x4.splat(0),
    d = f32x4.splat(0);
  for (let at = query, end = query + rowBytes; at < end; at += 16) {
    const x = v128.load(at);
    a = f32x4.add(a, f32x4.mul(x, v128.load(at + toRow0)));
    b = f32x4.add(b, f32x4.mul(x, v128.load(at + toRow1)));
    c = f32x4.add(c, f32x4.mul(x, v128.load(at + toRow2)));
    d = f32x4.add(d, f32x4.mul(x, v128.load(at + toRow3)));
  }
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}
