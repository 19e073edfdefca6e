/** Numbers in memory that threads share. */

/** A copy that threads hand over without another. */
export function shared(numbers: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(numbers.byteLength));
  copy.set(numbers);
  return copy;
}
