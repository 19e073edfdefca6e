/** A file of its own, as every command needs it, and few need what writes outputs. */

/** Lets signals arrive that came while this thread was busy: they are heard between two turns of the event loop. */
export async function hearSignals(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((done) => setImmediate(done));
}
