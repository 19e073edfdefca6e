/** Files that a pattern or an address such as `s3://…` stands for, which DuckDB finds. */
import { setMaxListeners } from 'node:events';
import { basename, isAbsolute, join } from 'node:path';
import { InputError } from '../../checks.js';
import { remoteError } from '../../files/remote-path.js';
import type { Engine } from '../engine/connection.js';
import { fetchFile } from '../remote/fetch-file.js';
import { listObjects } from '../remote/list-objects.js';
import { bucketAndKey, isFetchable, isS3, s3File, webFile } from '../remote/object-stores.js';
import { queryRows } from '../engine/query-rows.js';
import { quotePath, quotePattern, quoteTarget } from '../engine/sql-text.js';
import type { FileStart } from './file-start.js';

/** What is known of a Parquet file elsewhere before it is read. */
export const remoteParquet: FileStart = {
  format: 'parquet',
  compression: 'uncompressed',
  text: undefined,
  encoding: undefined,
};

/**
 * The files that an address, or a pattern of addresses, stands for: Parquet is read where it is, the parts that are
 * needed; other files are copied here first, and their copies are given. Where DuckDB has no extension for such
 * addresses, all are copied here by requests of our own.
 *
 * @throws InputError for addresses that neither reads, and where a pattern finds nothing
 */
export async function findRemote(address: string, engine: Engine): Promise<string[]> {
  if (!(await engine.canRead(address))) return fetchRemote(address, engine);
  const isPattern = /[*[]/.test(address);
  const found = isPattern ? await glob(address, engine.connection) : [address];
  if (found.length === 0) throw new InputError(`no file matches ${address}`);
  const paths: string[] = [];
  for (const file of found) paths.push(isParquet(file) ? file : await copyHere(file, engine));
  return paths;
}

/** Copies of the files, each fetched once. */
async function fetchRemote(address: string, { objectStores, folder, spooled, signal }: Engine): Promise<string[]> {
  if (objectStores === undefined || !isFetchable(address)) throw remoteError(address, { canExtend: true });
  const { now, s3, onProgress } = objectStores;
  const isPattern = /[*[]/.test(address);
  if (!isS3(address) && isPattern) {
    throw new InputError(`${address} is a pattern, and a web server does not list its files; name each of them`);
  }
  const access = isS3(address) ? ((await s3?.()) ?? {}) : {};
  const found = isS3(address) && isPattern ? await listObjects(address, access, { now, signal }) : [address];
  if (found.length === 0) throw new InputError(`no file matches ${address}`);
  const wanted = found.filter((one) => !isBookkeeping(basename(one)));
  const missing = wanted.filter((one) => !spooled.has(one));
  const stop = new AbortController();
  const either = AbortSignal.any([...(signal === undefined ? [] : [signal]), stop.signal]);
  // each range that is on its way listens
  setMaxListeners(0, either);
  const fetchNext = async (): Promise<void> => {
    for (let one = missing.shift(); one !== undefined; one = missing.shift()) {
      const copy = nameCopy(one, { folder, spooled });
      const file = isS3(one) ? s3File({ address: one, ...bucketAndKey(one) }, access, { now }) : webFile(one);
      // oxlint-disable-next-line no-await-in-loop -- a few files at a time
      await fetchFile(file, copy, { onProgress, signal: either });
    }
  };
  try {
    await Promise.all(Array.from({ length: filesAtOnce }, fetchNext));
  } finally {
    missing.length = 0;
    stop.abort();
  }
  return wanted.map((one) => spooled.get(one) ?? one);
}

/** Small files wait for answers most of the time. */
const filesAtOnce = 8;

/** The path of a copy, without the ending of the name: DuckDB would compress what it writes to `.gz`. */
function nameCopy(address: string, { folder, spooled }: Pick<Engine, 'folder' | 'spooled'>): string {
  const copy = join(folder, `fetched-${spooled.size}`);
  spooled.set(address, copy);
  return copy;
}

function isParquet(address: string): boolean {
  return /\.(parquet|pq)$/i.test(address.replace(/[?#].*$/, ''));
}

async function copyHere(address: string, engine: Engine): Promise<string> {
  const known = engine.spooled.get(address);
  if (known !== undefined) return known;
  const copy = nameCopy(address, engine);
  await engine.connection.run(
    `COPY (SELECT content FROM read_blob(${quotePath(address)})) TO ${quoteTarget(copy)} (FORMAT blob)`,
  );
  return copy;
}

/** The files that a pattern matches, in the order of their names, as the caller would name them. */
export async function glob(pattern: string, connection: Engine['connection']): Promise<string[]> {
  const rows = await queryRows(connection, `SELECT file FROM glob(${quotePattern(pattern)}) ORDER BY file`);
  // as the caller named them: relative to where we are
  const here = isAbsolute(pattern) ? '' : `${process.cwd().replace(/\/$/, '')}/`;
  const files = rows.map(([file]) => String(file)).filter((file) => !isBookkeeping(basename(file)));
  return files.map((file) => (file.startsWith(here) ? file.slice(here.length) : file));
}

/** Files that Spark and Hadoop write beside the rows, and hidden ones: no pattern means them. */
function isBookkeeping(name: string): boolean {
  return /^\.|^_(SUCCESS|metadata|common_metadata|delta_log|(committed|started)_.*)$|\.crc$/.test(name);
}
