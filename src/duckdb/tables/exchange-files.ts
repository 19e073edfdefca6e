/** An embedding to and from the files of other programs: one path in, the format's own file or files beside each other. */
import { open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkChoice, InputError, sentence, named } from '../../checks.js';
import { type Embedding, anEmbedding } from '../../embedding/embedding.js';
import type { SizedParts } from '../../formats/bytes.js';
import type { Escape } from '../../formats/key-text.js';
import { embeddingFromNpy, embeddingToNpy } from '../../formats/npy.js';
import { embeddingFromProjector, embeddingToProjector } from '../../formats/projector.js';
import { embeddingFromSafetensors, embeddingToSafetensors } from '../../formats/safetensors.js';
import type { UnknownRow } from '../../formats/unknown-row.js';
import { embeddingFromWord2vecBinary, embeddingToWord2vecBinary } from '../../formats/word2vec-binary.js';
import { embeddingFromWord2vecText, embeddingToWord2vecText } from '../../formats/word2vec-text.js';
import { writeOutputs, writeParts, type OutputHooks } from '../../files/atomic-file.js';
import { describeContent } from '../../files/known-content.js';
import { clearBeforeReading } from '../../files/left-overs.js';
import { isRemote, remoteError } from '../../files/remote-path.js';
import type { TextFile } from '../text/text-file.js';
import { bytesOf } from '../text/text-lines.js';
import { readFailure } from '../../files/system-errors.js';
import { checkCall, neededOptionsKind, path as aPath, signalOnly } from '../../step.js';

/** Formats of other programs. */
export const exchangeFormats = ['word2vec', 'word2vec-binary', 'npy', 'safetensors', 'projector'] as const;

/** A format of another program. */
export type ExchangeFormat = (typeof exchangeFormats)[number];

const endings: readonly (readonly [ending: RegExp, format: ExchangeFormat])[] = [
  [/\.(txt|vec)$/i, 'word2vec'],
  [/\.bin$/i, 'word2vec-binary'],
  [/\.npy$/i, 'npy'],
  [/\.safetensors$/i, 'safetensors'],
  [/\.tsv$/i, 'projector'],
];

/** The format that a file's ending says; undefined where it says none. */
export function formatOfPath(path: string): ExchangeFormat | undefined {
  return endings.find(([ending]) => ending.test(path))?.[1];
}

/** How an embedding is written for other programs. */
export interface ExportOptions {
  /** of the other program */
  readonly format: ExchangeFormat;
  /** how keys that the format cannot hold are written: word2vec and projector; default `none`, which refuses them by name */
  readonly escape?: Escape;
  /** puts the unknown category into row 0: npy and safetensors; default none */
  readonly unknownRow?: UnknownRow | undefined;
}

/** How a file of another program is read. */
export interface ImportOptions {
  /** of the other program */
  readonly format: ExchangeFormat;
  /** `percent` undoes the escapes of an export: word2vec and projector; default `none` takes keys as they stand */
  readonly escape?: Escape;
  /** key of the unknown category in row 0, which is left out: npy (safetensors says it itself); default none */
  readonly unknownKey?: string | undefined;
}

/**
 * The files of a format for one path: npy has its keys beside it, as `vectors.keys.json` for `vectors.npy`; the projector its table, as
 * `metadata.tsv` for `vectors.tsv` and as `cities.metadata.tsv` for `cities.tsv`. The others are one file.
 */
export function exchangePaths(path: string, format: ExchangeFormat): readonly string[] {
  const beside = (name: string): string => join(dirname(path), name);
  if (format === 'npy') return [path, beside(`${basename(path).replace(/\.npy$/i, '')}.keys.json`)];
  if (format !== 'projector') return [path];
  const stem = basename(path).replace(/\.(tsv|txt)$/i, '');
  return [path, beside(stem === 'vectors' ? 'metadata.tsv' : `${stem}.metadata.tsv`)];
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
  const contents = contentsOf(embedding, { ...options, format });
  const paths = exchangePaths(path, format);
  const fill = async (temporaryPaths: readonly string[]): Promise<void> => {
    for (const [i, path] of temporaryPaths.entries()) await writeParts(path, contents[i] ?? [], hooks);
  };
  await writeOutputs(paths, fill, hooks);
  return paths;
}

function contentsOf(embedding: Embedding, options: ExportOptions): readonly Iterable<Uint8Array>[] {
  const { escape = 'none', unknownRow } = options;
  switch (options.format) {
    case 'word2vec':
      return [embeddingToWord2vecText(embedding, { escape })];
    case 'word2vec-binary':
      return [embeddingToWord2vecBinary(embedding, { escape })];
    case 'npy': {
      const { matrix, keys } = embeddingToNpy(embedding, { unknownRow });
      return [matrix, keys];
    }
    case 'safetensors':
      return [embeddingToSafetensors(embedding, { unknownRow })];
    case 'projector': {
      const { vectors, metadata } = embeddingToProjector(embedding, { escape });
      return [vectors, metadata];
    }
  }
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
  const paths = exchangePaths(path, format);
  if (paths.length > 1) clearBeforeReading(dirname(path));
  const sources: SizedParts[] = [];
  for (const each of paths) sources.push(await openParts(each, format));
  try {
    return await embeddingFrom(sources, { ...options, format });
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw new InputError(`cannot read ${quoted(paths)}: ${readFailure(error)}`, { cause: error });
    }
    if (!(error instanceof InputError)) throw error;
    throw new InputError(sentence`cannot read ${quoted(paths)} as ${format}: ${error.sentence}`, { cause: error });
  }
}

/** The bytes of a file, decompressed where it is gzip: then it is read twice, the first time for its size. */
async function openParts(path: string, format: ExchangeFormat): Promise<SizedParts> {
  const size = await sizeOf(path);
  const start = Buffer.alloc(Math.min(size, 4096));
  const file = await open(path);
  await file.read(start, 0, start.length, 0).finally(() => file.close());
  const signature = start.subarray(0, 4).toString('latin1');
  const content =
    signature === '(\u00b5/\u00fd' ? 'a zstd file; decompress it with zstd -d first' : describeContent(start);
  if (content !== undefined && !(format === 'npy' && signature === '\u0093NUM')) {
    throw new InputError(`cannot read ${JSON.stringify(path)} as ${format}: it is ${content}`);
  }
  const isGzip = signature.startsWith('\u001f\u008b');
  const text: TextFile = { path, name: JSON.stringify(path), compression: isGzip ? 'gzip' : 'uncompressed' };
  if (!isGzip) return { size, parts: bytesOf(text, undefined) };
  let unzipped = 0;
  for await (const part of bytesOf(text, undefined)) unzipped += part.length;
  return { size: unzipped, parts: bytesOf(text, undefined) };
}

async function embeddingFrom(sources: readonly SizedParts[], options: ImportOptions): Promise<Embedding> {
  const { escape = 'none', unknownKey } = options;
  const [first = new Uint8Array(), second = new Uint8Array()] = sources;
  switch (options.format) {
    case 'word2vec':
      return embeddingFromWord2vecText(first, { escape });
    case 'word2vec-binary':
      return embeddingFromWord2vecBinary(first, { escape });
    case 'npy':
      return embeddingFromNpy(first, second, { unknownKey });
    case 'safetensors':
      return embeddingFromSafetensors(first);
    case 'projector':
      return embeddingFromProjector(first, second, { escape });
  }
}

const formatsWith: Readonly<Record<string, readonly ExchangeFormat[]>> = {
  escape: ['word2vec', 'word2vec-binary', 'projector'],
  unknownRow: ['npy', 'safetensors'],
  unknownKey: ['npy'],
};

/** An option that a format has no use for is a misunderstanding, and said rather than passed over. */
function checkOptions(format: ExchangeFormat, given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    const formats = formatsWith[name] ?? [];
    if (value === undefined || value === 'none' || formats.includes(format)) continue;
    throw new InputError(
      sentence`${named(name)} is for ${formats.join(', ')}; ${format} holds every key as it is, or has no such row`,
    );
  }
  if (given['escape'] !== undefined) checkChoice('escape', given['escape'], ['none', 'percent']);
}

async function sizeOf(path: string): Promise<number> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile()) return status.size;
  if (status === undefined && isRemote(path)) throw remoteError(path);
  const got = status === undefined ? 'there is no such file' : 'expected a file, got a folder or device';
  throw new InputError(`cannot read ${JSON.stringify(path)}: ${got}`);
}

function quoted(paths: readonly string[]): string {
  return paths.map((path) => JSON.stringify(path)).join(' and ');
}
