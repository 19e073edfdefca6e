/** What a file is, from its name and its first bytes. */
import { open } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { InputError } from '../../checks.js';
import { describeContent } from '../../files/known-content.js';
import { readFailure } from '../../files/system-errors.js';
import type { Compression } from '../../files/whole-file.js';

/** Kinds of event logs. */
export type Format = 'csv' | 'tsv' | 'jsonl' | 'json array' | 'parquet';

/** What a file is. */
export interface FileStart {
  readonly format: Format;
  readonly compression: Compression;
  /** its beginning, decompressed; undefined for Parquet and where only DuckDB can decompress it */
  readonly text: Buffer | undefined;
  /** what a byte order mark says, where it is not UTF-8 */
  readonly encoding: 'utf-16le' | 'utf-16be' | undefined;
}

const formatOfExtension: ReadonlyMap<string, Format> = new Map([
  ['parquet', 'parquet'],
  ['pq', 'parquet'],
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['json', 'jsonl'],
]);

/** Enough for a line of column names, of some thousands too; what follows it is left to DuckDB. */
export const startBytes = 1_048_576;
/** Compressed, this is as much. */
const gzipBytes = 65_536;

/**
 * Tells the format by the name's ending, else by the content, and the compression by the content.
 *
 * @param name - as the caller typed it; `path` may be a copy elsewhere
 * @throws InputError for a file that cannot be read, or whose content is not what its name says
 */
export async function readFileStart(path: string, name = path): Promise<FileStart> {
  const bytes = await readStart(path, name);
  const signature = bytes.subarray(0, 4).toString('latin1');
  const extension = /\.(\w+)(?:\.(?:gz|zst|zstd))?$/.exec(name.toLowerCase())?.[1] ?? '';
  const named = formatOfExtension.get(extension);
  const isParquet = signature === 'PAR1';
  if (bytes.length === 0) throw new InputError(`${name} is empty`);
  const content = describeContent(bytes);
  if (content !== undefined) throw new InputError(`${name} must be CSV, TSV, JSONL or Parquet, got ${content}`);
  if (isParquet !== (named === 'parquet') && named !== undefined) {
    const got = isParquet ? 'Parquet' : 'something else';
    throw new InputError(`${name} must be a ${named} file, as its name says, got ${got}`);
  }
  if (isParquet) return { format: 'parquet', compression: 'uncompressed', text: undefined, encoding: undefined };
  if (signature === '(\u00b5/\u00fd') {
    return { format: named ?? 'csv', compression: 'zstd', text: undefined, encoding: undefined };
  }
  const isGzip = signature.startsWith('\u001f\u008b');
  const text = isGzip ? unzipStart(bytes.subarray(0, gzipBytes), name) : bytes;
  const inside = isGzip ? describeContent(text) : undefined;
  if (inside !== undefined) throw new InputError(`${name} must hold CSV, TSV or JSONL, got ${inside}`);
  const mark = text.subarray(0, 2).toString('latin1');
  return {
    format: formatOfText(named, text),
    compression: isGzip ? 'gzip' : 'uncompressed',
    text,
    encoding: mark === '\u00ff\u00fe' ? 'utf-16le' : mark === '\u00fe\u00ff' ? 'utf-16be' : undefined,
  };
}

function formatOfText(named: Format | undefined, text: Buffer): Format {
  const start = text
    .subarray(0, 200)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  if (named === 'jsonl' || named === undefined) {
    if (/^\s*\[\s*[{[\]]/.test(start)) return 'json array';
    if (/^\s*\{/.test(start)) return 'jsonl';
  }
  return named ?? 'csv';
}

async function readStart(path: string, name: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(startBytes), position: 0 });
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new InputError(`${name} cannot be read: ${readFailure(error)}`);
  }
}

function unzipStart(bytes: Buffer, name: string): Buffer {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw new InputError(`${name} cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
