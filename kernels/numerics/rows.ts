// What kernels do with whole rows of f32, 16-byte aligned and a multiple of 16 bytes long.

/** Reads a word of every cache line of a row, so that it is near when its turn comes. */
@inline
export function touchRow(from: usize, bytes: u32): u32 {
  let touched: u32 = 0;
  for (let at: u32 = 0; at < bytes; at += 64) touched ^= load<u32>(from + at);
  return touched;
}

/** Adds a row to another. */
@inline
export function addTo(to: usize, from: usize, bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
  }
}
