// Many short lists of whole numbers, sorted by counting for each number how many are less: no branch depends on them.

/** Numbers of a list at most; longer ones are left as they are. */
const LONGEST_SET: i32 = 24;

/**
 * Sorts each of some lists in place.
 *
 * @param items i32, none negative, list after list, with room for three more behind the last
 * @param offsets u32 where each list starts, count + 1 of them; the first list stands at `items`, whatever its offset
 * @param scratch room of 192 bytes, 16-byte aligned
 */
export function sortSets(items: usize, offsets: usize, count: i32, scratch: usize): void {
  const first = load<u32>(offsets);
  const ranks = scratch + 4 * LONGEST_SET;
  for (let h = 0; h < count; h++) {
    const start = load<u32>(offsets + ((<usize>h) << 2));
    const size = <i32>(load<u32>(offsets + ((<usize>h) << 2) + 4) - start);
    if (size < 2 || size > LONGEST_SET) continue;
    const list = items + ((<usize>(start - first)) << 2);
    const end = (<usize>size) << 2;
    for (let at: usize = 0; at < end; at += 16) v128.store(scratch + at, v128.load(list + at));
    for (let at: usize = 0; at < end; at += 16) {
      const numbers = v128.load(scratch + at);
      let less = i32x4.splat(0);
      for (let other: usize = 0; other < end; other += 4) {
        less = i32x4.sub(less, i32x4.lt_s(v128.load32_splat(scratch + other), numbers));
      }
      v128.store(ranks + at, less);
    }
    for (let at: usize = 0; at < end; at += 4) store<i32>(list + at, -1);
    for (let at: usize = 0; at < end; at += 4) {
      store<i32>(list + ((<usize>load<u32>(ranks + at)) << 2), load<i32>(scratch + at));
    }
    // equal numbers have one place: those behind it are left
    for (let at: usize = 4; at < end; at += 4) {
      if (load<i32>(list + at) < 0) store<i32>(list + at, load<i32>(list + at - 4));
    }
  }
}
