/** An embedding to and from the files of other programs: one path in, the format's own file or files beside each other. */
import { open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkChoice, InputError, sentence, named } from '../../checks.js';
import { type Embedding, anEmbedding } from '../../embedding/embedding.js';
import type { SizedParts } from '../../formats/bytes.js';
import { exchangeTable, type ExchangeOptions, type ExchangeRow } from '../../formats/exchange-table.js';
import type { Escape } from '../../formats/key-text.js';
import type { UnknownRow } from '../../formats/unknown-row.js';
import { writeOutputs, writeParts, type OutputHooks } from '../../files/atomic-file.js';
import { describeContent } from '../../files/known-content.js';
import { clearBeforeReading } from '../../files/left-overs.js';
import { missingFileHint } from '../../files/missing-file.js';
import { isRemote, remoteError } from '../../files/remote-path.js';
import type { TextFile } from '../text/text-file.js';
import { bytesOf } from '../text/text-lines.js';
import { readFailure } from '../../files/system-errors.js';
import { checkCall, neededOptionsKind, path as aPath, signalOnly } from '../../step.js';

/** A format of another program. */
export type ExchangeFormat = keyof typeof exchangeTable;

const rows: Readonly<Record<ExchangeFormat, ExchangeRow>> = exchangeTable;

/** Formats of other programs. */
export const exchangeFormats = Object.keys(rows) as readonly ExchangeFormat[];

/** The format that a file's ending says; undefined where it says none. */
export function formatOfPath(path: string): ExchangeFormat | undefined {
  const name = path.toLowerCase();
  return exchangeFormats.find((format) => rows[format].endings.some((ending) => name.endsWith(ending)));
}

/** Endings of a format's files, with the dot. */
export function endingsOf(format: ExchangeFormat): readonly string[] {
  return rows[format].endings;
}

/** The formats that have a use for an option. */
export function formatsWith(option: keyof ExchangeOptions): readonly ExchangeFormat[] {
  return exchangeFormats.filter((format) => rows[format].options.includes(option));
}

/** The formats of two files, each with the name of the second beside `NAME` and the ending of the first. */
export function formatsInTwo(): readonly (readonly [format: ExchangeFormat, beside: string])[] {
  return exchangeFormats.flatMap((format) => {
    const { endings, companion } = rows[format];
    return companion === undefined ? [] : [[format, companion(`NAME${endings[0] ?? ''}`)] as const];
  });
}

/** How an embedding is written for other programs. */
export interface ExportOptions {
  /** of the other program */
  readonly format: ExchangeFormat;
  /**
   * how keys that the format cannot hold are written: of the formats whose row says so; default `none`, which refuses
   * them by name
   */
  readonly escape?: Escape;
  /** puts the unknown category into row 0, for formats whose row says so; default none */
  readonly unknownRow?: UnknownRow | undefined;
}

/** How a file of another program is read. */
export interface ImportOptions {
  /** of the other program */
  readonly format: ExchangeFormat;
  /** `percent` undoes the escapes of an export, of the same formats; default `none` takes keys as they stand */
  readonly escape?: Escape;
  /** key of the unknown category in row 0, which is left out, for formats that do not say it themselves; default none */
  readonly unknownKey?: string | undefined;
}

/**
 * The files of a format for one path: npy has its keys beside it, as `vectors.keys.json` for `vectors.npy`; the
 * projector its table, as
 * `metadata.tsv` for `vectors.tsv` and as `cities.metadata.tsv` for `cities.tsv`. The others are one file.
 */
export function exchangePaths(path: string, format: ExchangeFormat): readonly string[] {
  return pathsOf(path, rows[format]);
}

function pathsOf(path: string, { companion }: ExchangeRow): readonly string[] {
  return companion === undefined ? [path] : [path, join(dirname(path), companion(basename(path)))];
}

/**
 * Writes an embedding for another program, in constant memory; several files appear together or not at all.
 *
 * @param path - the file with the vectors; see `exchangePaths` for those beside it
 * @returns the paths written
 * @throws InputError for keys that the format cannot hold, for options that it does not have, and for what `writeOutputs` says
 */
export async function exportEmbedding(
  path: string,
  embedding: Embedding,
  options: ExportOptions,
  hooks: OutputHooks = {},
): Promise<readonly string[]> {
  checkCall('exportEmbedding(path, embedding, { format, … }, hooks)', {
    path: [path, aPath],
    embedding: [embedding, anEmbedding],
    options: [options, neededOptionsKind<ExportOptions>({ format: true, escape: true, unknownRow: true })],
    hooks: [hooks, signalOnly],
  });
  const format = checkChoice('format', options.format, exchangeFormats);
  checkOptions(format, { escape: options.escape, unknownRow: options.unknownRow });
  return writeExchange(path, rows[format], embedding, options, hooks);
}

/** Writes the files of a format. @returns their paths */
export async function writeExchange(
  path: string,
  row: ExchangeRow,
  embedding: Embedding,
  { escape = 'none', unknownRow }: Partial<ExchangeOptions> = {},
  hooks: OutputHooks = {},
): Promise<readonly string[]> {
  const contents = row.write(embedding, { escape, unknownRow });
  const paths = pathsOf(path, row);
  const fill = async (temporaryPaths: readonly string[]): Promise<void> => {
    for (const [i, path] of temporaryPaths.entries()) await writeParts(path, contents[i] ?? [], hooks);
  };
  await writeOutputs(paths, fill, hooks);
  return paths;
}

/**
 * Reads an embedding from another program's file, part by part.
 *
 * @param path - the file with the vectors; see `exchangePaths` for those beside it
 * @throws InputError, naming the file, for one that is missing or not what the format says
 */
export async function importEmbedding(path: string, options: ImportOptions): Promise<Embedding> {
  checkCall('importEmbedding(path, { format, … })', {
    path: [path, aPath],
    options: [options, neededOptionsKind<ImportOptions>({ format: true, escape: true, unknownKey: true })],
  });
  const format = checkChoice('format', options.format, exchangeFormats);
  checkOptions(format, { escape: options.escape, unknownKey: options.unknownKey });
  return readExchange(path, { ...rows[format], format }, options);
}

/** Reads the files of a format. */
export async function readExchange(
  path: string,
  { format, ...row }: ExchangeRow & { readonly format: string },
  { escape = 'none', unknownKey }: Partial<ExchangeOptions> = {},
): Promise<Embedding> {
  const paths = pathsOf(path, row);
  if (paths.length > 1) clearBeforeReading(dirname(path));
  const sources: SizedParts[] = [];
  for (const each of paths) sources.push(await openParts(each, format, row.signature));
  try {
    const [vectors = new Uint8Array(), beside = new Uint8Array()] = sources;
    const embedding = await row.read(vectors, beside, { escape, unknownKey });
    if (embedding.vocabulary.size === 0) throw new InputError('expected at least one category, got none');
    return embedding;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw new InputError(`cannot read ${quoted(paths)}: ${readFailure(error)}`, { cause: error });
    }
    if (!(error instanceof InputError)) throw error;
    throw new InputError(sentence`cannot read ${quoted(paths)} as ${format}: ${error.sentence}`, { cause: error });
  }
}

/** The bytes of a file, decompressed where it is gzip: then it is read twice, the first time for its size. */
async function openParts(path: string, format: string, own?: string): Promise<SizedParts> {
  const size = await sizeOf(path);
  const start = Buffer.alloc(Math.min(size, 4096));
  const file = await open(path);
  await file.read(start, 0, start.length, 0).finally(() => file.close());
  const signature = start.subarray(0, 4).toString('latin1');
  const content =
    signature === '(\u00b5/\u00fd' ? 'a zstd file; decompress it with zstd -d first' : describeContent(start);
  if (content !== undefined && signature !== own) {
    throw new InputError(`cannot read ${JSON.stringify(path)} as ${format}: it is ${content}`);
  }
  const isGzip = signature.startsWith('\u001f\u008b');
  const text: TextFile = { path, name: JSON.stringify(path), compression: isGzip ? 'gzip' : 'uncompressed' };
  if (!isGzip) return { size, parts: bytesOf(text, undefined) };
  let unzipped = 0;
  for await (const part of bytesOf(text, undefined)) unzipped += part.length;
  return { size: unzipped, parts: bytesOf(text, undefined) };
}

/** An option that a format has no use for is a misunderstanding, and said rather than passed over. */
function checkOptions(format: ExchangeFormat, given: Partial<Record<keyof ExchangeOptions, unknown>>): void {
  for (const name of ['escape', 'unknownRow', 'unknownKey'] as const) {
    const value = given[name];
    const formats = formatsWith(name);
    if (value === undefined || value === 'none' || formats.includes(format)) continue;
    throw new InputError(
      sentence`${named(name)} is for ${formats.join(', ')}, got ${format}; leave it out or choose one of these`,
    );
  }
  if (given.escape !== undefined) checkChoice('escape', given.escape, ['none', 'percent']);
}

async function sizeOf(path: string): Promise<number> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile()) return status.size;
  if (status === undefined && isRemote(path)) throw remoteError(path);
  const got =
    status === undefined ? `there is no such file${missingFileHint(path)}` : 'expected a file, got a folder or device';
  throw new InputError(`cannot read ${JSON.stringify(path)}: ${got}`);
}

function quoted(paths: readonly string[]): string {
  return paths.map((path) => JSON.stringify(path)).join(' and ');
}
