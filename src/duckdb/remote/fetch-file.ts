/** A file of another machine → a file of this one, in ranges that are each asked for again where they break. */
import { open, type FileHandle } from 'node:fs/promises';
import type { ObjectStores, RemoteFile } from './object-stores.js';
import { ask, cutShort, hasChanged, type Answer } from './send-request.js';

/** What is told, and what stops it. */
export interface FetchOptions extends Pick<ObjectStores, 'onProgress'> {
  readonly signal: AbortSignal | undefined;
  /** bytes of a range; default 16 MiB */
  readonly rangeBytes?: number | undefined;
}

const defaultRange = 16 * 2 ** 20;
const atOnce = 4;

/**
 * Writes a remote file to a path, whole.
 *
 * Ranges are asked for four at a time, of one version of the file; a server that knows no ranges sends it in one piece.
 *
 * @throws InputError as `ask`, and where the file changes meanwhile
 */
export async function fetchFile(file: RemoteFile, path: string, options: FetchOptions): Promise<void> {
  const { signal, onProgress, rangeBytes = defaultRange } = options;
  const out = await open(path, 'w');
  try {
    const first = await ask(file, { headers: rangeOf(0, rangeBytes), signal }, async (answer) => {
      const { total, isRange } = sizeOf(answer);
      const size = isRange && total !== undefined ? Math.min(total, rangeBytes) : total;
      const written = answer.status === 416 ? 0 : await write(answer, out, { at: 0, size });
      return { total: isRange ? (total ?? written) : written, version: versionOf(answer) };
    });
    const { etag } = first.version;
    // a weak tag never matches, whatever the file
    const isOne = etag === undefined || etag.startsWith('W/') ? {} : { 'if-match': etag };
    onProgress?.(file.address, Math.min(1, rangeBytes / Math.max(1, first.total)));
    const starts: number[] = [];
    for (let at = rangeBytes; at < first.total; at += rangeBytes) starts.push(at);
    let done = 1;
    const all = starts.length + 1;
    const work = async (): Promise<void> => {
      for (let at = starts.shift(); at !== undefined; at = starts.shift()) {
        const [start, size] = [at, Math.min(rangeBytes, first.total - at)];
        // oxlint-disable-next-line no-await-in-loop -- a few ranges at a time
        await ask(file, { headers: { ...rangeOf(start, size), ...isOne }, signal }, (answer) => {
          const { etag: tag, modified } = versionOf(answer);
          const isSame = answer.status === 206 && sizeOf(answer).total === first.total;
          if (!isSame || tag !== etag || modified !== first.version.modified) throw hasChanged(file);
          return write(answer, out, { at: start, size });
        });
        onProgress?.(file.address, ++done / all);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await out.close();
  }
}

function rangeOf(start: number, size: number): { readonly range: string } {
  return { range: `bytes=${start}-${start + size - 1}` };
}

/** What tells one version of a file from another. */
function versionOf({ headers }: Answer) {
  return { etag: headers.etag, modified: headers['last-modified'] };
}

/** Bytes of the whole file, as far as the answer says. */
function sizeOf({ status, headers }: Answer) {
  const text = status === 200 ? headers['content-length'] : /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  return { isRange: status !== 200, total: text === undefined ? undefined : Number(text) };
}

async function write(
  { body }: Answer,
  out: FileHandle,
  { at, size }: { readonly at: number; readonly size: number | undefined },
): Promise<number> {
  let written = 0;
  for await (const part of body) {
    const bytes = part as Uint8Array;
    if (size !== undefined && written + bytes.length > size) throw cutShort(written + bytes.length, size);
    await out.write(bytes, 0, bytes.length, at + written);
    written += bytes.length;
  }
  if (size !== undefined && written !== size) throw cutShort(written, size);
  return written;
}
