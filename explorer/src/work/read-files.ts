/** Dropped files → an embedding: what a file is, told by its first bytes and then by its name. */
import {
  embeddingFromNpy,
  embeddingFromProjector,
  embeddingFromSafetensors,
  embeddingFromWord2vecBinary,
  embeddingFromWord2vecText,
  InputError,
  type Embedding,
} from 'category2vec/browser';

/** What dropped files are. */
export type Dropped =
  | { readonly kind: 'parquet' | 'word2vec' | 'word2vec-binary' | 'safetensors'; readonly file: File }
  | { readonly kind: 'npy' | 'projector'; readonly file: File; readonly beside: File }
  | { readonly kind: 'clicks'; readonly file: File };

const readable =
  'Parquet, word2vec, npy with its keys as JSON, safetensors, the two TSV files of the projector, or a CSV of clicks';

/**
 * Tells what was dropped.
 *
 * @throws InputError, one sentence, for anything that the explorer cannot read
 */
export async function identify(files: readonly File[]): Promise<Dropped> {
  const [file] = files;
  if (file === undefined) throw new InputError('a file was expected, got none');
  if (files.length === 2) return identifyPair(files);
  if (files.length > 2) throw new InputError(`expected one file, or two that belong together, got ${files.length}`);
  if (file.size === 0) throw new InputError(`${file.name} is empty`);
  const start = new Uint8Array(await file.slice(0, 65_536).arrayBuffer());
  const signature = String.fromCharCode(...start.subarray(0, 8));
  if (signature.startsWith('PAR1')) return { kind: 'parquet', file };
  if (signature.startsWith('\u0093NUMPY')) {
    throw new InputError(`${file.name} holds no keys; drop it together with the JSON list of its keys`);
  }
  if (/\.safetensors$/i.test(file.name)) return { kind: 'safetensors', file };
  const packed = packedAs(start);
  if (packed !== undefined) throw new InputError(`${file.name} is ${packed}; the explorer reads ${readable}`);
  const head = String.fromCharCode(...start.subarray(0, 64));
  if (/^(?:\xEF\xBB\xBF)?\d+ \d+\r?\n/.test(head))
    return { kind: isText(start) ? 'word2vec' : 'word2vec-binary', file };
  if (!isText(start) || /\.(json|html?|svg|xml|md|js|py)$/i.test(file.name)) {
    throw new InputError(`cannot read ${file.name}; the explorer reads ${readable}`);
  }
  return { kind: 'clicks', file };
}

/** What wraps or encodes a file so that its content cannot be read here, and what to do. */
function packedAs(start: Uint8Array): string | undefined {
  const begins = (...bytes: readonly number[]): boolean => bytes.every((byte, i) => start[i] === byte);
  if (begins(0x1f, 0x8b)) return 'compressed with gzip, so decompress it first';
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) return 'compressed with zstd, so decompress it first';
  if (begins(0x50, 0x4b, 3, 4)) return 'a zip archive or an Excel workbook, so unzip it, or save its sheet as CSV';
  if (begins(0xff, 0xfe) || begins(0xfe, 0xff)) return 'UTF-16 text, so save it as UTF-8';
  return undefined;
}

async function identifyPair(files: readonly File[]): Promise<Dropped> {
  const matrix = files.find(({ name }) => /\.npy$/i.test(name));
  const keys = files.find(({ name }) => /\.json$/i.test(name));
  if (matrix !== undefined && keys !== undefined) return { kind: 'npy', file: matrix, beside: keys };
  const tables = await Promise.all(
    files.map(async (file) => ({ file, isMatrix: isNumbers(await file.slice(0, 4096).text()) })),
  );
  const vectors = tables.filter(({ isMatrix }) => isMatrix);
  const metadata = tables.filter(({ isMatrix }) => !isMatrix);
  const [first] = vectors;
  const [second] = metadata;
  if (vectors.length === 1 && first !== undefined && second !== undefined) {
    return { kind: 'projector', file: first.file, beside: second.file };
  }
  const names = files.map(({ name }) => name).join(' and ');
  throw new InputError(
    `${names} do not belong together: two files must be an npy with its keys as JSON, or vectors and metadata of the projector`,
  );
}

function isNumbers(text: string): boolean {
  return /^-?[\d.]+(e[-+]?\d+)?\t-?[\d.]/i.test(text.split('\n')[0] ?? '');
}

/** UTF-8 without control characters, the last character of the piece maybe cut. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    return !/[\u0000-\u0008\u000e-\u001f]/.test(text);
  } catch {
    return false;
  }
}

/**
 * Reads an embedding from dropped files.
 *
 * @throws InputError, one sentence that names the file
 */
export async function readEmbeddingFiles(
  files: readonly File[],
): Promise<{ readonly name: string; readonly embedding: Embedding }> {
  const dropped = await identify(files);
  const { name } = dropped.file;
  try {
    return { name, embedding: await readEmbedding(dropped) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`cannot read ${name}: ${error.message}`, { cause: error });
  }
}

async function readEmbedding(dropped: Dropped): Promise<Embedding> {
  switch (dropped.kind) {
    case 'parquet': {
      const { embeddingFromParquet } = await import('./parquet.js');
      return embeddingFromParquet(dropped.file);
    }
    case 'word2vec':
      return embeddingFromWord2vecText(inParts(dropped.file));
    case 'word2vec-binary':
      return embeddingFromWord2vecBinary(inParts(dropped.file));
    case 'safetensors':
      return embeddingFromSafetensors(inParts(dropped.file));
    case 'npy':
      return embeddingFromNpy(inParts(dropped.file), inParts(dropped.beside));
    case 'projector':
      return embeddingFromProjector(inParts(dropped.file), inParts(dropped.beside));
    case 'clicks':
      throw new InputError('it is a log of clicks, not an embedding; choose its columns to train on it');
  }
}

const partBytes = 2 ** 24;

/** A file of any size, part by part. */
function inParts(file: Blob): { readonly size: number; readonly parts: AsyncIterable<Uint8Array> } {
  const { size } = file;
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size; at += partBytes) {
      yield new Uint8Array(await file.slice(at, at + partBytes).arrayBuffer());
    }
  }
  return { size, parts: parts() };
}
