/** safetensors: a JSON header that says where each tensor lies, then the tensors; holds all of an embedding. */
import { describeValue, InputError } from '../checks.js';
import { anEmbedding, Embedding, type Attribute } from '../embedding/embedding.js';
import { checkContent, contentIdName, contentIdOf } from '../embedding/content-id.js';
import { descriptionFromMetadata, metadataFromEmbedding } from '../embedding/provenance.js';
import { checkCall, optionsKind } from '../step.js';
import { Vocabulary } from '../vocabulary.js';
import { ByteReader, joinParts, longestText, matrixParts, textFromBytes, someParts, type ByteSource } from './bytes.js';
import { keysFromJson, keysToJson, parseJson } from './key-list.js';
import { allocate, checkShape, importedFrom } from './row-collector.js';
import { readTensorHeader, tensorHeader, type Tensor } from './tensor-header.js';
import { rowsForExport, unknownRows, type UnknownRow } from './unknown-row.js';

/**
 * An embedding as safetensors, in parts. Tensors: `counts` (F64 [V]), `vectors` (F32 [V, D]), `output_vectors` (F32 [V, D], where
 * kept), `keys` (U8, a JSON list of texts) and, where there are any, `attributes` (U8, a JSON object of lists).
 * Metadata: the same as in the native file, and `unknown_key` where row 0 is the unknown category.
 *
 * In Python: `t = load_file(path); keys = json.loads(bytes(t['keys']))`.
 *
 * @param options.unknownRow - puts the unknown category first in `vectors`, `output_vectors` and `keys`, with a count of 0;
 *   default none. Attributes begin with the first category all the same.
 */
export function embeddingToSafetensors(
  embedding: Embedding,
  options: { unknownRow?: UnknownRow | undefined } = {},
): Generator<Uint8Array> {
  checkCall('embeddingToSafetensors(embedding, { unknownRow })', {
    embedding: [embedding, anEmbedding],
    options: [options, optionsKind<typeof options>({ unknownRow: true })],
  });
  const { unknownRow } = options;
  const { keys, vectors, outputVectors, unknownKey } = rowsForExport(embedding, unknownRow);
  const counts = new Float64Array(keys.length);
  counts.set(embedding.vocabulary.counts, keys.length - embedding.vocabulary.size);
  const keyBytes = joinParts(keysToJson(keys));
  const attributes = embedding.attributes.size === 0 ? undefined : attributeBytes(embedding.attributes);
  const matrix = { type: 'F32', shape: [keys.length, embedding.dimension] };
  const tensors = new Map([
    ['counts', { type: 'F64', shape: [keys.length] }],
    ['vectors', matrix],
  ]);
  if (outputVectors !== undefined) tensors.set('output_vectors', matrix);
  tensors.set('keys', { type: 'U8', shape: [keyBytes.length] });
  if (attributes !== undefined) tensors.set('attributes', { type: 'U8', shape: [attributes.length] });
  const known = {
    ...metadataFromEmbedding(embedding),
    ...(unknownKey === undefined ? {} : { unknown_key: unknownKey }),
  };
  const header = tensorHeader(tensors, { ...known, [contentIdName]: contentIdOf(embedding, Object.entries(known)) });
  return parts();

  function* parts(): Generator<Uint8Array> {
    yield header;
    yield new Uint8Array(counts.buffer);
    yield* matrixParts(vectors);
    if (outputVectors !== undefined) yield* matrixParts(outputVectors);
    yield keyBytes;
    if (attributes !== undefined) yield attributes;
  }
}

function attributeBytes(attributes: ReadonlyMap<string, Attribute>): Uint8Array {
  // A list of pairs, because an object would put names that look like numbers first.
  return new TextEncoder().encode(JSON.stringify([...attributes]));
}

/**
 * Reads a safetensors file: ours whole, with the unknown category left out; of others, a two-dimensional F32 tensor
 * `vectors` with a U8 tensor `keys`, a JSON list of texts.
 *
 * Where there is no tensor `counts` they are 0, and the provenance says that they are unknown.
 *
 * @throws InputError for tensors that are missing, of another type or shape, out of place or truncated; for a newer
 *   format version; for numbers that are not finite and keys that stand twice
 */
export async function embeddingFromSafetensors(source: ByteSource): Promise<Embedding> {
  checkCall('embeddingFromSafetensors(source)', { source: [source, someParts] });
  const reader = new ByteReader(source);
  const { tensors, metadata } = await readTensorHeader(reader);
  const description = descriptionFromMetadata(metadata);
  const { rows, dimension } = matrixShape(tensors, 'vectors');
  if (description !== undefined && description.dimension !== dimension) {
    throw new InputError(
      `expected vectors of dimension ${description.dimension}, as the metadata says, got ${dimension}`,
    );
  }
  const found = await readTensors(reader, tensors, { rows, dimension });
  const keys = await keysFromJson(found.keys);
  if (keys.length !== rows) throw new InputError(`expected one key for each of the ${rows} rows, got ${keys.length}`);
  const skipped = unknownRows(keys, metadata.get('unknown_key'));
  const counts = checkCounts(found.counts ?? new Float64Array(rows));
  const vocabulary = new Vocabulary(keys.slice(skipped), counts.slice(skipped));
  vocabulary.rowOf(''); // finds repeated keys
  const embedding = new Embedding({
    vocabulary,
    dimension,
    vectors: found.vectors.subarray(skipped * dimension),
    outputVectors: found.outputVectors?.subarray(skipped * dimension),
    attributes: attributesFromBytes(found.attributes, vocabulary.size),
    provenance: description?.provenance ?? importedFrom('safetensors', found.counts !== undefined),
  });
  checkContent(embedding, metadata);
  return embedding;
}

function matrixShape(tensors: ReadonlyMap<string, Tensor>, name: string): { rows: number; dimension: number } {
  const tensor = tensors.get(name);
  const [rows, dimension] = tensor?.shape ?? [];
  if (tensor?.type !== 'F32' || tensor.shape.length !== 2 || rows === undefined || dimension === undefined) {
    const got =
      tensor === undefined
        ? `tensors ${[...tensors.keys()].join(', ')}`
        : `${tensor.type} [${tensor.shape.join(', ')}]`;
    throw new InputError(`expected a tensor ${name} of F32 with two dimensions, got ${got}`);
  }
  checkShape(rows, dimension);
  return { rows, dimension };
}

interface Found {
  vectors: Float32Array;
  outputVectors?: Float32Array;
  counts?: Float64Array | undefined;
  keys: Uint8Array;
  attributes?: Uint8Array;
}

/** Reads the tensors in the order in which they lie; those of other names are passed over. */
async function readTensors(
  reader: ByteReader,
  tensors: ReadonlyMap<string, Tensor>,
  shape: { readonly rows: number; readonly dimension: number },
): Promise<Found> {
  const { rows, dimension } = shape;
  const found: Partial<Found> = {};
  for (const [name, tensor] of tensors) {
    const cut = (): InputError => new InputError(`the safetensors file is truncated inside the tensor ${name}`);
    if (name === 'vectors' || name === 'output_vectors') {
      const own = matrixShape(tensors, name);
      if (own.rows !== rows || own.dimension !== dimension) {
        throw new InputError(
          `${name} must have the shape of vectors, [${rows}, ${dimension}], got [${own.rows}, ${own.dimension}]`,
        );
      }
      const matrix = await reader.readNumbers(rows * dimension, Float32Array, (length) => allocate(length, shape));
      if (matrix === undefined) throw cut();
      found[name === 'vectors' ? 'vectors' : 'outputVectors'] = matrix;
    } else if (name === 'counts' && tensor.type === 'F64') {
      if (tensor.bytes !== rows * 8) throw new InputError(`the tensor ${name} must fit the shape of vectors`);
      found.counts = await reader.readNumbers(rows, Float64Array, (length) => new Float64Array(length));
      if (found.counts === undefined) throw cut();
    } else if (tensor.type === 'U8' && (name === 'keys' || name === 'attributes')) {
      if (tensor.bytes > longestText) throw new InputError(`the tensor ${name} is too long: ${tensor.bytes} bytes`);
      const bytes = await reader.read(tensor.bytes);
      if (bytes === undefined) throw cut();
      found[name] = bytes;
    } else if (reader.hasFewerThan(tensor.bytes) || !(await reader.skip(tensor.bytes))) throw cut();
  }
  if (await reader.fill(1)) throw new InputError('the safetensors file is longer than its header says');
  const { vectors, keys } = found;
  if (vectors === undefined || keys === undefined) {
    throw new InputError(
      `expected tensors vectors (F32) and keys (U8, a JSON list of texts), got ${[...tensors.keys()].join(', ')}`,
    );
  }
  return { ...found, vectors, keys };
}

function checkCounts(counts: Float64Array): Float64Array {
  const row = counts.findIndex((count) => !Number.isFinite(count) || count < 0);
  if (row >= 0) throw new InputError(`counts must be numbers ≥ 0, got ${counts[row]} in row ${row + 1}`);
  return counts;
}

function attributesFromBytes(bytes: Uint8Array | undefined, rows: number): Map<string, Attribute> {
  if (bytes === undefined) return new Map();
  const value = parseJson(
    textFromBytes(bytes, () => new InputError('attributes must be UTF-8 text')),
    'attributes',
  );
  const wrong = (got: unknown): InputError =>
    new InputError(`attributes must be a list of names with ${rows} values each, got ${describeValue(got)}`);
  if (!Array.isArray(value)) throw wrong(value);
  const attributes = new Map<string, Attribute>();
  for (const entry of value as unknown[]) {
    const [name, values] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof name !== 'string' || !Array.isArray(values)) throw wrong(entry);
    const texts = values as unknown[];
    if (texts.length !== rows || !texts.every(isAttributeValue)) throw wrong(entry);
    attributes.set(name, texts);
  }
  return attributes;
}

function isAttributeValue(value: unknown): value is Attribute[number] {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
