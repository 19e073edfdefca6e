/** Embeddings and broken bytes that the tests of all formats share. */
import * as fc from 'fast-check';
import { Embedding, type Attribute } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';

/** Keys that formats are known to break. */
export const awkwardKeys: readonly string[] = [
  'New York',
  'a\tb',
  'two\nlines',
  '\r\n',
  '🦉',
  '',
  ' ',
  '%',
  '%20',
  'a%20b',
  '100%',
  '\u{FEFF}mark',
  '\u00A0',
  '\u2028',
  'a\0b',
  '</s>',
  '007',
  '"',
  '\\t',
  '1 2 3',
  'É',
  'E\u0301',
];

/** An embedding of the given keys, each number a float that is awkward in decimal. */
export function embeddingOf(keys: readonly string[], dimension = 3, attributes?: Map<string, Attribute>): Embedding {
  return new Embedding({
    vocabulary: new Vocabulary(
      keys,
      Float64Array.from(keys, (_, i) => 1000 - i),
    ),
    dimension,
    vectors: Float32Array.from(
      { length: keys.length * dimension },
      (_, i) => (((i + 1) * 7919) % 1009) / 777 / (1 + (i % 5) * 1000) - 0.3,
    ),
    attributes,
  });
}

/** Any text that UTF-8 can hold, awkward ones often. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...awkwardKeys),
  fc.string({ unit: 'grapheme' }),
);

/** Any finite float32. */
export const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true });

/** Any embedding, with attributes and output vectors at times. */
export const anyEmbedding = fc
  .record({
    keys: fc.uniqueArray(anyText, { maxLength: 8 }),
    dimension: fc.integer({ min: 1, max: 5 }),
    hasOutput: fc.boolean(),
  })
  .chain(({ keys, dimension, hasOutput }) => {
    const matrix = fc.array(anyFloat, { minLength: keys.length * dimension, maxLength: keys.length * dimension });
    const counts = fc.array(fc.nat(), { minLength: keys.length, maxLength: keys.length });
    return fc
      .tuple(matrix, matrix, counts)
      .map(
        ([vectors, output, counts]) =>
          new Embedding({
            vocabulary: new Vocabulary(keys, Float64Array.from(counts)),
            dimension,
            vectors: Float32Array.from(vectors),
            outputVectors: hasOutput ? Float32Array.from(output) : undefined,
          }),
      );
  });

/** The same bytes in parts of `size`, as a stream gives them. */
export async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A way to damage bytes: some changed, then cut or lengthened. */
export const anyDamage = fc.record({
  changes: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      to: fc.integer({ min: 0, max: 255 }),
    }),
    { maxLength: 4 },
  ),
  keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  extra: fc.uint8Array({ maxLength: 3 }),
});

/** Bytes with that damage. */
export function damaged(
  bytes: Uint8Array,
  { changes, keep, extra }: { changes: readonly { at: number; to: number }[]; keep: number; extra: Uint8Array },
): Uint8Array {
  const copy = bytes.slice();
  for (const { at, to } of changes) copy[Math.floor(at * copy.length)] = to;
  const kept = copy.subarray(0, Math.floor(keep * copy.length));
  const all = new Uint8Array(kept.length + extra.length);
  all.set(kept);
  all.set(extra, kept.length);
  return all;
}
