/**
 * The categories of an embedding without their vectors, in one piece of memory: what the explorer's page is sent beside
 * the matrix.
 */
import { InputError } from '../checks.js';
import type { Attribute, Embedding } from '../embedding/embedding.js';
import { Vocabulary } from '../vocabulary.js';
import { textFromBytes } from './bytes.js';
import { parseJson } from './key-list.js';

/** What a table holds: an embedding without vectors and provenance. */
export interface CategoryTable {
  readonly vocabulary: Vocabulary;
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** `values` are the distinct ones of a column of codes; absent for a column of numbers. */
interface Column {
  readonly name: string;
  readonly values?: readonly (string | number | boolean)[];
}

interface Header {
  readonly keys: readonly string[];
  readonly columns: readonly Column[];
}

/**
 * Layout, little-endian: u32 length of the header, the header as JSON (keys; names of the attributes and their distinct
 * values), zeros up to a multiple of 8; counts f64 [V]; then for each attribute f64 [V], NaN where it is missing: the
 * number itself, or for text and truth values the index among its distinct values.
 */
export function categoryTableToBytes({
  vocabulary,
  attributes,
}: Pick<Embedding, 'vocabulary' | 'attributes'>): Uint8Array {
  const encoded = Array.from(attributes, ([name, values]) => encodeColumn(name, values));
  const header: Header = { keys: vocabulary.keys, columns: encoded.map(({ column }) => column) };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = paddedStart(text.length);
  const bytes = new Uint8Array(start + (1 + encoded.length) * vocabulary.size * 8);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  const numbers = new Float64Array(bytes.buffer, start);
  numbers.set(vocabulary.counts);
  encoded.forEach(({ codes }, i) => numbers.set(codes, (1 + i) * vocabulary.size));
  return bytes;
}

/**
 * Reads what `categoryTableToBytes` has written.
 *
 * @throws InputError for bytes that end too early or hold something else
 */
export function categoryTableFromBytes(bytes: Uint8Array): CategoryTable {
  const wrong = (): InputError => new InputError('the table of categories is cut short or damaged');
  if (bytes.length < 8) throw wrong();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const start = paddedStart(length);
  if (bytes.length < start) throw wrong();
  const header = parseJson(textFromBytes(bytes.subarray(4, 4 + length), wrong), 'the table of categories');
  if (!isHeader(header)) throw wrong();
  const { keys, columns } = header;
  if (bytes.length !== start + (1 + columns.length) * keys.length * 8) throw wrong();
  const numbers = new Float64Array(bytes.slice(start).buffer);
  if (numbers.subarray(0, keys.length).some((count) => !Number.isFinite(count) || count < 0)) throw wrong();
  const part = (i: number): Float64Array => numbers.subarray(i * keys.length, (i + 1) * keys.length);
  const attributes = new Map(columns.map((column, i) => [column.name, decodeColumn(column, part(1 + i))]));
  return { vocabulary: new Vocabulary(keys, part(0)), attributes };
}

function paddedStart(headerBytes: number): number {
  return Math.ceil((4 + headerBytes) / 8) * 8;
}

function encodeColumn(name: string, values: Attribute): { readonly column: Column; readonly codes: Float64Array } {
  if (values.every((value) => value === null || typeof value === 'number')) {
    return { column: { name }, codes: Float64Array.from(values, (value) => value ?? NaN) };
  }
  const seen = new Map<string | number | boolean, number>();
  const codes = Float64Array.from(values, (value) => {
    if (value === null) return NaN;
    const known = seen.get(value);
    if (known !== undefined) return known;
    seen.set(value, seen.size);
    return seen.size - 1;
  });
  return { column: { name, values: [...seen.keys()] }, codes };
}

function decodeColumn({ values }: Column, codes: Float64Array): Attribute {
  return Array.from(codes, (code) => {
    if (Number.isNaN(code)) return null;
    return values === undefined ? code : (values[code] ?? null);
  });
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !('columns' in value)) return false;
  const { keys, columns } = value;
  return (
    Array.isArray(keys) &&
    keys.every((key) => typeof key === 'string') &&
    Array.isArray(columns) &&
    columns.every(isColumn)
  );
}

function isColumn(value: unknown): value is Column {
  if (typeof value !== 'object' || value === null || !('name' in value) || typeof value.name !== 'string') return false;
  if (!('values' in value) || value.values === undefined) return true;
  return (
    Array.isArray(value.values) && value.values.every((each) => ['string', 'number', 'boolean'].includes(typeof each))
  );
}
