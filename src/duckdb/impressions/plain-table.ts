/**
 * Pieces of a Parquet file as impressions without DuckDB, where the file holds plain columns with dictionaries: its
 * codes are taken as they stand, instead of a text for each row.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { keyCells, numberCells, type KeyCells } from '../../formats/parquet/cells.js';
import { findPlainColumns, type PlainFile, type PlainPlace } from '../../formats/parquet/plain-columns.js';
import { UnreadParquet } from '../../formats/parquet/thrift.js';
import type { CategoricalColumn, Impressions, ListColumn, NumericColumn } from '../../impressions/impressions.js';
import { compareKeys } from '../../vocabulary.js';
import { footerOf } from './appended-copy.js';

/** Columns that are read. */
export interface PlainReading {
  readonly categorical: readonly string[];
  readonly numeric: readonly string[];
  readonly lists: readonly string[];
  /** column → its domain */
  readonly domainOf: ReadonlyMap<string, string>;
}

const wholeType = /^(TINYINT|SMALLINT|INTEGER|BIGINT)$/;
const keyType = /^(VARCHAR|TINYINT|SMALLINT|INTEGER|BIGINT)$/;
const listType = /^(VARCHAR|TINYINT|SMALLINT|INTEGER|BIGINT)\[\]$/;
const numberType = /^(TINYINT|SMALLINT|INTEGER|BIGINT|FLOAT|DOUBLE)$/;
/** Bytes of a column in a row group, packed, and values: one that has more is left to DuckDB, which streams it. */
const [mostBytes, mostValues] = [2 ** 27, 2 ** 25];

/**
 * Opens a file.
 *
 * @param types - column → DuckDB's type
 * @returns undefined where DuckDB must read it: for columns of other types, structure or compression
 */
export async function openPlainTable(
  path: string,
  reading: PlainReading,
  types: ReadonlyMap<string, string>,
): Promise<PlainTable | undefined> {
  const { categorical, numeric, lists } = reading;
  const isTyped = (columns: readonly string[], type: RegExp) =>
    columns.every((column) => type.test(types.get(column) ?? ''));
  if (!isTyped(categorical, keyType) || !isTyped(numeric, numberType) || !isTyped(lists, listType)) return undefined;
  const footer = await footerOf(path);
  if (footer === undefined) return undefined;
  try {
    const file = findPlainColumns(footer.bytes, footer.start);
    const fits = (columns: readonly string[], isList: boolean) =>
      columns.every((column) => {
        const place = file.columns.get(column);
        return place !== undefined && place.isList === isList && isOfType(place, types.get(column)) && isSmall(place);
      });
    if (!fits([...categorical, ...numeric], false) || !fits(lists, true)) return undefined;
    if (file.groupRows.some((rows) => rows > mostValues)) return undefined;
    return new PlainTable(path, file, reading);
  } catch (error) {
    if (isUnread(error)) return undefined;
    throw error;
  }
}

/** Whether an error says that DuckDB should read a file, which will say what is wrong with it, if anything is. */
export function isUnread(error: unknown): boolean {
  return error instanceof UnreadParquet || error instanceof TypeError || error instanceof RangeError;
}

function isOfType({ kind }: PlainPlace, type = ''): boolean {
  const member = type.replace('[]', '');
  if (member === 'VARCHAR') return kind === 'bytes';
  if (wholeType.test(member)) return kind === (member === 'BIGINT' ? 'int64' : 'int32');
  return kind === member.toLowerCase();
}

function isSmall({ chunks }: PlainPlace): boolean {
  return chunks.every(
    (chunk) => chunk !== undefined && chunk.end - chunk.start <= mostBytes && chunk.values <= mostValues,
  );
}

/** A file whose pieces are read from front to back. */
export class PlainTable {
  readonly #path: string;
  readonly #file: PlainFile;
  readonly #reading: PlainReading;
  /** the row group of each column that was read last */
  readonly #keys = new Map<string, { readonly group: number; readonly cells: KeyCells }>();
  readonly #numbers = new Map<string, { readonly group: number; readonly cells: Float64Array }>();

  constructor(path: string, file: PlainFile, reading: PlainReading) {
    this.#path = path;
    this.#file = file;
    this.#reading = reading;
  }

  /**
   * Rows start … end − 1, as `readImpressions` gives them.
   *
   * @throws what `isUnread` knows where DuckDB must read them
   */
  read(start: number, end: number): Impressions {
    const { categorical, numeric, lists, domainOf } = this.#reading;
    const count = end - start;
    const spans = spansOf(this.#file.groupRows, start, end);
    const domains = new Map<string, PieceKeys>();
    const domainNamed = (column: string): { readonly domain: string; readonly keys: PieceKeys } => {
      const domain = domainOf.get(column) ?? column;
      const keys = domains.get(domain) ?? new PieceKeys();
      domains.set(domain, keys);
      return { domain, keys };
    };
    const read = {
      categorical: categorical.map((name): CategoricalColumn => {
        const { domain, keys } = domainNamed(name);
        return { name, domain, codes: this.#codes(name, spans, keys) };
      }),
      lists: lists.map((name): ListColumn => {
        const { domain, keys } = domainNamed(name);
        return { name, domain, ...this.#lists(name, spans, keys) };
      }),
      numeric: numeric.map((name): NumericColumn => ({ name, values: this.#values(name, spans) })),
    };
    const sorted = new Map(Array.from(domains, ([domain, keys]) => [domain, keys.sort()]));
    return { count, domains: sorted, ...read };
  }

  #codes(name: string, spans: readonly Span[], keys: PieceKeys): Int32Array {
    const codes = new Int32Array(lengthOf(spans));
    for (const { group, from, to, at } of spans) {
      const cells = this.#keyCells(name, group);
      keys.code(cells.keys, cells.codes.subarray(from, to), codes.subarray(at, at + to - from));
    }
    keys.owns(codes);
    return codes;
  }

  #lists(name: string, spans: readonly Span[], keys: PieceKeys): Pick<ListColumn, 'codes' | 'starts' | 'ends'> {
    const count = lengthOf(spans);
    const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)];
    const bounds = spans.map(({ group, from, to }) => {
      const { starts: places } = this.#keyCells(name, group);
      return [places?.[from] ?? 0, places?.[to] ?? 0] as const;
    });
    const codes = new Int32Array(bounds.reduce((sum, [first, last]) => sum + last - first, 0));
    let filled = 0;
    spans.forEach(({ group, from, to, at }, i) => {
      const cells = this.#keyCells(name, group);
      const [first, last] = bounds[i] ?? [0, 0];
      keys.code(cells.keys, cells.codes.subarray(first, last), codes.subarray(filled, filled + last - first));
      for (let row = from; row < to; row++) {
        starts[at + row - from] = filled + (cells.starts?.[row] ?? 0) - first;
        ends[at + row - from] = filled + (cells.starts?.[row + 1] ?? 0) - first;
      }
      filled += last - first;
    });
    keys.owns(codes);
    return { codes, starts, ends };
  }

  #values(name: string, spans: readonly Span[]): Float64Array {
    const values = new Float64Array(lengthOf(spans));
    for (const { group, from, to, at } of spans) {
      const known = this.#numbers.get(name);
      const cells = known?.group === group ? known.cells : this.#cells(name, group, numberCells);
      this.#numbers.set(name, { group, cells });
      values.set(cells.subarray(from, to), at);
    }
    return values;
  }

  #keyCells(name: string, group: number): KeyCells {
    const known = this.#keys.get(name);
    if (known?.group === group) return known.cells;
    const cells = this.#cells(name, group, keyCells);
    this.#keys.set(name, { group, cells });
    return cells;
  }

  #cells<Cells>(name: string, group: number, read: CellReader<Cells>): Cells {
    const place = this.#file.columns.get(name);
    const chunk = place?.chunks[group];
    if (place === undefined || chunk === undefined) throw new UnreadParquet('column');
    const bytes = readRange(this.#path, chunk.start, chunk.end);
    return read(bytes, place, { chunk, rows: this.#file.groupRows[group] ?? 0 });
  }
}

type CellReader<Cells> = (bytes: Uint8Array, place: PlainPlace, asked: Parameters<typeof keyCells>[2]) => Cells;

/** Rows of one group within a piece. */
interface Span {
  readonly group: number;
  /** rows from … to − 1 of the group */
  readonly from: number;
  readonly to: number;
  /** where the first stands in the piece */
  readonly at: number;
}

function spansOf(groupRows: readonly number[], start: number, end: number): Span[] {
  const spans: Span[] = [];
  let first = 0;
  groupRows.forEach((rows, group) => {
    const from = Math.max(0, start - first);
    const to = Math.min(rows, end - first);
    if (from < to) spans.push({ group, from, to, at: first + from - start });
    first += rows;
  });
  return spans;
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** The distinct keys of a piece: numbered as they come, then in the order of their bytes. */
class PieceKeys {
  readonly #codeOf = new Map<string, number>();
  readonly #owned: Int32Array[] = [];
  /** of the dictionary that was met last */
  #known: { readonly keys: readonly string[]; readonly codes: Int32Array } | undefined;

  /** Writes codes of the piece for rows of a dictionary; −1 stays. */
  code(keys: readonly string[], rows: Int32Array, codes: Int32Array): void {
    if (this.#known?.keys !== keys) this.#known = { keys, codes: new Int32Array(keys.length).fill(-1) };
    const known = this.#known.codes;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? -1;
      codes[i] = row < 0 ? -1 : (known[row] ?? -1) >= 0 ? (known[row] ?? -1) : this.#add(known, row, keys[row] ?? '');
    }
  }

  /** Takes codes that change when the keys are sorted. */
  owns(codes: Int32Array): void {
    this.#owned.push(codes);
  }

  sort(): string[] {
    const keys = [...this.#codeOf.keys()].sort(compareKeys);
    const places = new Int32Array(keys.length);
    keys.forEach((key, place) => (places[this.#codeOf.get(key) ?? 0] = place));
    for (const codes of this.#owned) {
      for (let i = 0; i < codes.length; i++) {
        const code = codes[i] ?? -1;
        if (code >= 0) codes[i] = places[code] ?? -1;
      }
    }
    return keys;
  }

  #add(known: Int32Array, row: number, key: string): number {
    const code = this.#codeOf.get(key) ?? this.#codeOf.size;
    this.#codeOf.set(key, code);
    known[row] = code;
    return code;
  }
}

function readRange(path: string, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  const descriptor = openSync(path, 'r');
  try {
    for (let done = 0; done < bytes.length;) {
      const read = readSync(descriptor, bytes, done, bytes.length - done, start + done);
      if (read === 0) throw new UnreadParquet('bytes end');
      done += read;
    }
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
