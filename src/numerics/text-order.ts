/** Whole numbers in the order of the bytes of their decimal text, without making the text: 1, 10, 100, 11, 2. */

/**
 * Visits the whole numbers from `least` to `greatest`, both within ±10⁹, in the order of their text's bytes.
 *
 * A walk over the tree of decimal prefixes that leaves out every branch with nothing in range: a few steps for each
 * number, no sort.
 */
export function forEachInTextOrder(least: number, greatest: number, visit: (value: number) => void): void {
  forEachRunInTextOrder(least, greatest, (first, size, step) => {
    for (let i = 0; i < size; i++) visit(first + i * step);
  });
}

/**
 * The same run by run, up to ten numbers side by side: one call for most of ten.
 *
 * @param visit - told the first of a run, how many there are, and what leads from each to the next: 1 or −1
 */
export function forEachRunInTextOrder(
  least: number,
  greatest: number,
  visit: (first: number, size: number, step: 1 | -1) => void,
): void {
  // a minus sign sorts before every digit, and the magnitudes behind it as they do without
  if (least < 0) walk(Math.max(1, -greatest), -least, (magnitude, size) => visit(-magnitude, size, -1));
  if (least <= 0 && greatest >= 0) visit(0, 1, 1);
  if (greatest > 0) walk(Math.max(1, least), greatest, (first, size) => visit(first, size, 1));
}

function walk(least: number, greatest: number, visit: (first: number, size: number) => void): void {
  let prefix = 1;
  while (prefix > 0) {
    if (prefix * 10 > greatest) {
      // numbers of most digits: nine in ten, and those that begin alike stand side by side
      const first = Math.max(prefix, least);
      const end = Math.min(greatest, prefix - (prefix % 10) + 9);
      if (first <= end) visit(first, end - first + 1);
      prefix = after(end, greatest);
      continue;
    }
    if (prefix >= least) visit(prefix, 1);
    prefix = hasLonger(prefix, least, greatest) ? prefix * 10 : after(prefix, greatest);
  }
}

/** Whether a longer number that begins with the prefix is in range. */
function hasLonger(prefix: number, least: number, greatest: number): boolean {
  for (let power = 10; prefix * power <= greatest; power *= 10) {
    if ((prefix + 1) * power > least) return true;
  }
  return false;
}

/** The next prefix that is not below this one; 0 at the end. */
function after(prefix: number, greatest: number): number {
  let at = prefix;
  while (at > 0 && (at % 10 === 9 || at >= greatest)) at = Math.floor(at / 10);
  return at === 0 ? 0 : at + 1;
}
