/** The exact reading of a text file: its bad rows, a copy without them, and the lines of rows that are reported. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { InputError, sentence, type Sentence } from '../../checks.js';
import { namedBadRows, type BadRowCause, type BadRows } from '../../histories/bad-rows.js';
import type { CsvDialect } from '../sources/csv-dialect.js';
import { CsvRows, type RowFault, type RowVisitor } from './csv-rows.js';
import { JsonRows } from './json-rows.js';
import type { TextFile } from './text-file.js';
import { bytesOf, LineSplitter } from './text-lines.js';

/** A text file and how it is written; JSONL has no dialect. */
export interface RowFile extends TextFile {
  readonly dialect: CsvDialect | undefined;
}

/** Bad rows of a file among all its rows. */
export interface FoundRows {
  readonly bad: BadRows | undefined;
  /** the first bad row, as an error tells it */
  readonly first: Sentence | undefined;
  /** good and bad ones, without the header */
  readonly rows: number;
}

async function visitRows(
  { dialect, ...file }: RowFile,
  visitor: RowVisitor & { readonly afterChunk?: () => Promise<boolean> },
  signal: AbortSignal | undefined,
): Promise<void> {
  const rows = dialect === undefined ? new JsonRows(visitor) : new CsvRows(dialect, visitor);
  const lines = new LineSplitter((line) => rows.line(line));
  for await (const chunk of bytesOf(file, signal)) {
    lines.push(chunk);
    if ((await visitor.afterChunk?.()) === true) return;
  }
  lines.end();
  rows.end();
  await visitor.afterChunk?.();
}

/** Reads a file to its end and gathers what is bad in it. */
export async function findBadRows(file: RowFile, signal: AbortSignal | undefined): Promise<FoundRows> {
  const gathered = new Gathered(file);
  await visitRows(file, gathered, signal);
  return gathered;
}

/**
 * Copies a file into a folder: without bad rows, lines that end in LF, no marks but one header.
 *
 * @returns path of the copy, and what it leaves out
 * @throws InputError where the header itself cannot be read
 */
export async function copyGoodRows(
  file: RowFile,
  path: string,
  signal: AbortSignal | undefined,
): Promise<FoundRows & { readonly path: string }> {
  const gathered = new Gathered(file);
  const out = createWriteStream(path, { highWaterMark: 4_194_304 });
  const done = finished(out);
  done.catch(() => undefined);
  let parts: Buffer[] = [];
  const visitor = {
    onRow: (bytes: Buffer, line: number): void => {
      gathered.onRow(bytes, line);
      parts.push(bytes, newline);
    },
    onFault: (fault: RowFault): void => gathered.onFault(fault),
    afterChunk: async (): Promise<boolean> => {
      const isFull = !out.write(Buffer.concat(parts));
      parts = [];
      if (isFull) await Promise.race([once(out, 'drain'), done]);
      return false;
    },
  };
  try {
    await visitRows(file, visitor, signal);
    out.end();
    await done;
  } finally {
    out.destroy();
  }
  return { path, bad: gathered.bad, first: gathered.first, rows: gathered.rows };
}

const newline = Buffer.of(10);
let copies = 0;

/** A path for a copy in the engine's folder. */
export function pathOfCopy(folder: string): string {
  return join(folder, `rows-${copies++}`);
}

/**
 * The lines of some rows.
 *
 * @param wanted - numbers of rows from 1, ascending, of those that can be read
 */
export async function linesOfRows(
  file: RowFile,
  wanted: readonly number[],
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const lines: number[] = [];
  let row = hasHeader(file) ? -1 : 0;
  const visitor = {
    onRow: (_: Buffer, line: number): void => {
      row++;
      if (row === wanted[lines.length]) lines.push(line);
    },
    onFault: (): void => undefined,
    afterChunk: (): Promise<boolean> => Promise.resolve(lines.length === wanted.length),
  };
  await visitRows(file, visitor, signal);
  return lines;
}

function hasHeader({ dialect }: RowFile): boolean {
  return dialect?.header !== undefined;
}

class Gathered implements RowVisitor {
  readonly #file: RowFile;
  readonly #causes = new Map<BadRowCause, number>();
  readonly #first: string[] = [];
  /** the first fault, as an error tells it */
  first: Sentence | undefined;
  #good: number;
  #bad = 0;

  constructor(file: RowFile) {
    this.#file = file;
    this.#good = hasHeader(file) ? -1 : 0;
  }

  readonly onRow = (_bytes: Buffer, _line: number): void => {
    this.#good++;
  };

  readonly onFault = ({ cause, line, detail }: RowFault): void => {
    const place = sentence`${this.#file.name}, line ${line}: ${detail}`;
    if (this.#good < 0) throw new InputError(sentence`the header must be readable; ${place}`);
    this.first ??= place;
    this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + 1);
    if (this.#first.length < namedBadRows) this.#first.push(String(place));
    this.#bad++;
  };

  get rows(): number {
    return this.#good + this.#bad;
  }

  get bad(): BadRows | undefined {
    return this.#bad === 0
      ? undefined
      : { count: this.#bad, causes: Object.fromEntries(this.#causes), first: this.#first };
  }
}
