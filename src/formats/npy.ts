/** NumPy's npy format: a header that says type and shape, then the matrix; the keys stand beside it as a JSON list. */
import { describeValue, InputError } from '../checks.js';
import { Embedding } from '../embedding/embedding.js';
import { checkCall, optionsKind } from '../step.js';
import { Vocabulary } from '../vocabulary.js';
import { ByteReader, matrixParts, textFromBytes, someParts, type ByteSource } from './bytes.js';
import { keysFromJson, keysToJson } from './key-list.js';
import { allocate, checkShape, importedFrom } from './row-collector.js';
import { rowsForExport, unknownRows, type UnknownRow } from './unknown-row.js';

const magic = '\u0093NUMPY';
/** NumPy itself reads no header of more than 10,000 bytes. */
const longestHeader = 2 ** 16;

/**
 * The vectors of an embedding as npy version 1.0, little-endian float32 in C order, and their keys as a JSON list, both in parts.
 *
 * `numpy.load('vectors.npy')` has row i for `keys[i]`. Holds neither counts, output vectors nor attributes.
 *
 * @param options.unknownRow - puts the unknown category first, in both parts; default none
 */
export function embeddingToNpy(
  embedding: Embedding,
  { unknownRow }: { unknownRow?: UnknownRow | undefined } = {},
): { matrix: Generator<Uint8Array>; keys: Generator<Uint8Array> } {
  const { keys, vectors } = rowsForExport(embedding, unknownRow);
  return { matrix: npyParts(vectors, keys.length, embedding.dimension), keys: keysToJson(keys) };
}

function* npyParts(vectors: Float32Array, rows: number, dimension: number): Generator<Uint8Array> {
  yield npyHeader(rows, dimension);
  yield* matrixParts(vectors);
}

/** What stands before the numbers of an npy file, version 1.0: little-endian float32 in C order, shape [rows, columns]. */
export function npyHeader(rows: number, columns: number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  // Magic, version and length take 10 bytes; the whole is padded with spaces so that the numbers begin at a multiple of 64.
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  const start = new Uint8Array(10 + header.length);
  const prefix = `${magic}\u0001\u0000${String.fromCharCode(header.length & 255, header.length >> 8)}${header}`;
  for (let i = 0; i < prefix.length; i++) start[i] = prefix.charCodeAt(i);
  return start;
}

/**
 * Reads an npy matrix and the keys beside it: float32 or float64, little-endian, C or Fortran order, npy 1.0 to 3.0.
 *
 * The format holds no counts: they are 0 in the result, and its provenance says that they are unknown.
 *
 * @param source - the npy file
 * @param keys - the JSON list, one key per row
 * @param options.unknownKey - key of the unknown category in row 0, which is left out; default none
 * @throws InputError for another type or shape, another number of keys, numbers that are not finite as float32, truncation
 */
export async function embeddingFromNpy(
  source: ByteSource,
  keys: ByteSource,
  options: { unknownKey?: string | undefined } = {},
): Promise<Embedding> {
  checkCall('embeddingFromNpy(source, keys, { unknownKey })', {
    source: [source, someParts],
    keys: [keys, someParts],
    options: [options, optionsKind<typeof options>({ unknownKey: true })],
  });
  const { unknownKey } = options;
  const reader = new ByteReader(source);
  const { type, isFortran, rows, dimension } = await readHeader(reader);
  checkShape(rows, dimension);
  const texts = await keysFromJson(keys);
  if (texts.length !== rows) throw new InputError(`expected one key for each of the ${rows} rows, got ${texts.length}`);
  const stored = await readNumbers(reader, type, { rows, dimension });
  if (await reader.fill(1))
    throw new InputError(`expected ${rows} × ${dimension} numbers, as the header says, got more`);
  const matrix = isFortran ? transpose(stored, rows, dimension) : stored;
  const skipped = unknownRows(texts, unknownKey);
  const vocabulary = new Vocabulary(texts.slice(skipped), new Float64Array(rows - skipped));
  vocabulary.rowOf(''); // finds repeated keys
  const provenance = importedFrom('npy', false);
  return new Embedding({ vocabulary, dimension, vectors: matrix.subarray(skipped * dimension), provenance });
}

interface NpyHeader {
  readonly type: string;
  readonly isFortran: boolean;
  readonly rows: number;
  readonly dimension: number;
}

async function readHeader(reader: ByteReader): Promise<NpyHeader> {
  const start = await reader.read(8);
  const got = String.fromCharCode(...(start ?? []).slice(0, 6));
  if (start === undefined || got !== magic)
    throw new InputError(`expected an npy file, got one that begins with ${describeValue(got)}`);
  const version = start[6] ?? 0;
  if (version < 1 || version > 3) throw new InputError(`expected npy version 1 to 3, got ${version}`);
  const truncated = (): InputError => new InputError('the npy file is truncated inside its header');
  const size = await reader.read(version === 1 ? 2 : 4);
  if (size === undefined) throw truncated();
  const length = size.reduceRight((sum, byte) => sum * 256 + byte, 0);
  if (length > longestHeader) {
    throw new InputError(`the header of an npy file must be at most ${longestHeader} bytes long, got ${length}`);
  }
  const bytes = await reader.read(length);
  if (bytes === undefined) throw truncated();
  const text = textFromBytes(bytes, () => new InputError('the header of the npy file must be text'));
  return parseHeader(text.trim());
}

/** The header is a Python dictionary of three entries: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. */
function parseHeader(text: string): NpyHeader {
  const entries = entriesOf(tokensOf(text));
  const type = /^'(.*)'$/s.exec(entries.get('descr')?.join('') ?? '')?.[1];
  const order = entries.get('fortran_order')?.join('');
  const shape = entries.get('shape');
  if (type === undefined || (order !== 'True' && order !== 'False') || shape?.[0] !== '(') {
    throw new InputError(
      `the header of the npy file must state descr, fortran_order and shape, got ${describeValue(text)}`,
    );
  }
  if (type !== '<f4' && type !== '<f8') {
    throw new InputError(
      `the npy file must hold little-endian float32 or float64 (<f4, <f8), got ${describeValue(type)}`,
    );
  }
  const [, rows, dimension] = /^\((\d{1,15})L?,(\d{1,15})L?,?\)$/.exec(shape.slice(0, 8).join('')) ?? [];
  if (rows === undefined || dimension === undefined) {
    throw new InputError(
      `the npy file must hold a matrix of two dimensions, got the shape ${shape.slice(0, 40).join('')}`,
    );
  }
  return { type, isFortran: order === 'True', rows: Number(rows), dimension: Number(dimension) };
}

/** Texts in single quotes, words, numbers and marks, in one pass; undefined where the text is nothing of the kind. */
function tokensOf(text: string): string[] {
  const token = /\s+|'[^']*'|"[^"]*"|\w+|[^\s\w'"]/y;
  const tokens: string[] = [];
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [piece] = found;
    if (piece.trim() !== '') tokens.push(piece.startsWith('"') ? `'${piece.slice(1, -1)}'` : piece);
  }
  return tokens;
}

/** The tokens of each value by its key; what stands in brackets belongs to one value. */
function entriesOf(tokens: readonly string[]): Map<string, readonly string[]> {
  const entries = new Map<string, readonly string[]>();
  for (let at = 1; at < tokens.length; at++) {
    const [, key] = /^'(.*)'$/s.exec(tokens[at] ?? '') ?? [];
    if (key === undefined || tokens[at + 1] !== ':') return entries;
    const start = at + 2;
    let depth = 0;
    for (at = start; at < tokens.length; at++) {
      const token = tokens[at] ?? '';
      if (depth === 0 && (token === ',' || token === '}')) break;
      if (/^[([{]$/.test(token)) depth++;
      if (/^[)\]}]$/.test(token)) depth--;
    }
    entries.set(key, tokens.slice(start, at));
    if (tokens[at + 1] === '}') return entries;
  }
  return entries;
}

async function readNumbers(
  reader: ByteReader,
  type: string,
  { rows, dimension }: { rows: number; dimension: number },
): Promise<Float32Array> {
  const count = rows * dimension;
  const Stored = type === '<f4' ? Float32Array : Float64Array;
  const matrix = await reader.readNumbers(count, Stored, (length) => allocate(length, { rows, dimension }));
  if (matrix !== undefined) return matrix;
  throw new InputError(`the npy file is truncated: expected ${rows} × ${dimension} numbers`);
}

/** Column-major, shape [rows, dimension] → row-major. */
function transpose(stored: Float32Array, rows: number, dimension: number): Float32Array {
  const matrix = allocate(stored.length, { rows, dimension });
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < dimension; column++) matrix[at++] = stored[column * rows + row] ?? NaN;
  }
  return matrix;
}
