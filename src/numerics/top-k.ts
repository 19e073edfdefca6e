/** The k largest of many scores, in order. */

/** For each strip of scores that follow each other, a number that none of them exceeds. */
export interface StripBounds {
  /** scores of a strip */
  readonly size: number;
  /** shape [⌈n / size⌉] */
  readonly largest: Float32Array;
}

/**
 * Indices of the k largest scores, largest first; equal scores in the order of their index.
 *
 * @param scores - shape [n], no NaN
 * @param k - at least 0; fewer are returned where fewer are admitted
 * @param isAdmitted - which indices may be returned; default: all
 * @param strips - bounds by which strips that hold none of the k are passed over; default: every score is looked at
 */
export function topK(
  scores: ArrayLike<number>,
  k: number,
  isAdmitted: (index: number) => boolean = () => true,
  strips?: StripBounds,
): Int32Array {
  const most = Math.max(0, Math.min(k, scores.length));
  const atOnce = strips && fromLargestStrips(scores, most, isAdmitted, strips);
  if (atOnce !== undefined) return atOnce;
  const heap = new Int32Array(most);
  let size = 0;
  // The root of the heap is the worst of the kept: the smallest score, of equal ones the largest index.
  const isWorse = (a: number, b: number) => {
    const difference = (scores[a] ?? 0) - (scores[b] ?? 0);
    return difference < 0 || (difference === 0 && a > b);
  };
  const sink = (index: number) => {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && isWorse(heap[child + 1] ?? 0, heap[child] ?? 0)) child++;
      if (!isWorse(heap[child] ?? 0, index)) break;
      heap[at] = heap[child] ?? 0;
      at = child;
    }
    heap[at] = index;
  };
  if (most <= 0) return heap;
  let least = -Infinity;
  const offer = (index: number) => {
    if (size === most && !isWorse(heap[0] ?? 0, index)) return;
    if (!isAdmitted(index)) return;
    if (size < most) {
      let at = size++;
      while (at > 0 && isWorse(index, heap[(at - 1) >> 1] ?? 0)) {
        heap[at] = heap[(at - 1) >> 1] ?? 0;
        at = (at - 1) >> 1;
      }
      heap[at] = index;
    } else {
      sink(index);
    }
    if (size === most) least = scores[heap[0] ?? 0] ?? 0;
  };
  const offerFrom = (first: number, end: number) => {
    // most scores are below what is kept: they cost a comparison
    let floor = least;
    for (let index = first; index < end; index++) {
      if ((scores[index] ?? 0) < floor) continue;
      offer(index);
      floor = least;
    }
  };
  if (strips === undefined) offerFrom(0, scores.length);
  else {
    const { size: length, largest } = strips;
    for (let first = 0, strip = 0; first < scores.length; first += length, strip++) {
      if (size === most && (largest[strip] ?? Infinity) < least) continue;
      offerFrom(first, Math.min(first + length, scores.length));
    }
  }
  return inOrder(heap.slice(0, size), scores);
}

/** Strips beyond k that are looked at, for indices that are not admitted. */
const spareStrips = 6;

/**
 * The same from the strips of the largest scores alone: as many scores as strips reach the least of their largest, so
 * that no score below it is among the k where k of these are admitted.
 *
 * @returns undefined where fewer are
 */
function fromLargestStrips(
  scores: ArrayLike<number>,
  k: number,
  isAdmitted: (index: number) => boolean,
  { size, largest }: StripBounds,
): Int32Array | undefined {
  if (k === 0 || largest.length <= 2 * (k + spareStrips)) return undefined;
  const strips = topK(largest, k + spareStrips);
  const least = largest[strips.at(-1) ?? 0] ?? Infinity;
  const found: number[] = [];
  for (let strip = 0; strip < largest.length; strip++) {
    if ((largest[strip] ?? 0) < least) continue;
    const end = Math.min((strip + 1) * size, scores.length);
    for (let index = strip * size; index < end; index++) {
      if ((scores[index] ?? 0) >= least && isAdmitted(index)) found.push(index);
    }
  }
  return found.length < k ? undefined : inOrder(Int32Array.from(found), scores).subarray(0, k);
}

/** Sorted by score, largest first; equal scores by index. */
function inOrder(indices: Int32Array, scores: ArrayLike<number>): Int32Array {
  return indices.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}
