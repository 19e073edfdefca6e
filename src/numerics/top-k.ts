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
    const score = scores[index] ?? 0;
    if (size === most && (score < least || !isWorse(heap[0] ?? 0, index))) return;
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
    for (let index = first; index < end; index++) offer(index);
  };
  if (strips === undefined) offerFrom(0, scores.length);
  else {
    const { size: length, largest } = strips;
    const isOffered = new Uint8Array(largest.length);
    // strips of the largest scores first: most of the others are then passed over
    const best = largest.length > 2 * most ? topK(largest, most) : [];
    for (const strip of best) {
      isOffered[strip] = 1;
      offerFrom(strip * length, Math.min((strip + 1) * length, scores.length));
    }
    for (let strip = 0; strip * length < scores.length; strip++) {
      if (isOffered[strip] === 1 || (size === most && (largest[strip] ?? Infinity) < least)) continue;
      offerFrom(strip * length, Math.min((strip + 1) * length, scores.length));
    }
  }
  return heap.slice(0, size).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}
