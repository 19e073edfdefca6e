// A barrier for threads in one memory: i32 arrived at `sync`, i32 generation behind it. Spins briefly, then sleeps.

const SPINS: u32 = 60000;

/** Returns when all threads have arrived. */
export function barrier(sync: usize, threads: u32): void {
  if (threads == 1) return;
  const generation = atomic.load<i32>(sync, 4);
  if (<u32>atomic.add<i32>(sync, 1) == threads - 1) {
    atomic.store<i32>(sync, 0);
    atomic.add<i32>(sync, 1, 4);
    atomic.notify(sync + 4, -1);
    return;
  }
  let spins: u32 = 0;
  while (atomic.load<i32>(sync, 4) == generation) {
    if (++spins > SPINS) atomic.wait<i32>(sync + 4, generation, -1);
  }
}
