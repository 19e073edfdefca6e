/** Opens the embedded DuckDB: memory limit, a spill folder of its own, canceling, and one sentence for what goes wrong. */
import { existsSync, mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { duckdbApi } from './duckdb-package.js';
import { InputError, named, sentence } from '../../checks.js';
import { canRead, provideExtensions, type ExtensionOptions } from './extensions.js';
import { explainFailure, type FailedWork } from './failures.js';
import { removeIfPossible } from '../../files/held-files.js';
import { isRunning } from '../../files/running-process.js';
import { codeOf, systemReason } from '../../files/system-errors.js';

/** How DuckDB may use the machine. */
export interface EngineOptions extends ExtensionOptions {
  /** memory for DuckDB, such as `1GB`: at nine tenths of it, it spills to disk; default: 80 % of the machine */
  readonly memoryLimit?: string | undefined;
  /** where it spills; default: the system's folder for temporary files */
  readonly temporaryFolder?: string | undefined;
  /** threads that DuckDB uses; default: one for each processor. Never changes a result. */
  readonly engineThreads?: number | undefined;
}

/** The options of DuckDB, and the others. */
export function splitEngineOptions<Options extends EngineOptions>(
  options: Options,
): { readonly engine: EngineOptions; readonly others: Omit<Options, keyof EngineOptions> } {
  const { memoryLimit, temporaryFolder, engineThreads, extensionFolder, installExtensions, objectStores, ...others } =
    options;
  const extensions = { extensionFolder, installExtensions, objectStores };
  return { engine: { memoryLimit, temporaryFolder, engineThreads, ...extensions }, others };
}

/** The same with what stops it. */
export interface EngineUse extends EngineOptions {
  readonly signal?: AbortSignal | undefined;
}

/** An open DuckDB with a folder that disappears with it. */
export interface Engine {
  readonly connection: DuckDBConnection;
  /** whether its memory was limited by the caller: then nothing is collected that can be streamed */
  readonly isLimited: boolean;
  /** for whatever must lie on disk while it is open */
  readonly folder: string;
  /** what can be read once → its copy in the folder */
  readonly spooled: Map<string, string>;
  /**
   * names of text files that can be read only as a copy of their good rows, with a look at all of them first: lines end
   * in different ways, lists begin late
   */
  readonly uneven: ReadonlySet<string>;
  /** whether an address, such as `s3://…`, can be read: DuckDB's extension for it is there */
  readonly canRead: (address: string) => Promise<boolean>;
  /** by which it is fetched where it cannot */
  readonly objectStores: ExtensionOptions['objectStores'];
  readonly signal: AbortSignal | undefined;
}

/** Says that files turned out to be readable only as copies; `withEngine` then runs the work anew with them as `uneven`. */
export class UnevenFiles extends Error {
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    super('files must be read as copies');
    this.names = names;
  }
}

/** Part of a memory limit that DuckDB is told of: buffers of its CSV reader and freed pages stand outside of what it counts. */
const COUNTED_SHARE = 0.9;
const folderPrefix = 'category2vec-spill-';
let opened = 0;

/**
 * Opens DuckDB, runs some work and closes it, whatever happens.
 *
 * @param work - what is read, for the wording of errors
 * @throws InputError for everything that DuckDB reports; the signal's reason when it aborts
 */
export async function withEngine<Result>(
  { memoryLimit, temporaryFolder = tmpdir(), engineThreads, signal, ...extensions }: EngineUse,
  work: FailedWork,
  run: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const folder = await makeSpillFolder(temporaryFolder);
  const removeFolder = (): void => removeIfPossible(folder);
  process.once('exit', removeFolder);
  const uneven = new Set<string>();
  const { objectStores } = extensions;
  const spooled = new Map<string, string>();
  const known = { isLimited: memoryLimit !== undefined, folder, spooled, uneven, objectStores, signal };
  try {
    for (;;) {
      try {
        return await runOnce({ memoryLimit, engineThreads, ...extensions }, known, run);
      } catch (error) {
        if (!(error instanceof UnevenFiles) || error.names.every((name) => uneven.has(name))) throw error;
        error.names.forEach((name) => uneven.add(name));
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw explainFailure(error, { memoryLimit, temporaryFolder, ...work });
  } finally {
    // what cannot be removed now is removed at the next start: what was done is done, whatever becomes of this folder
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    // not before it is gone: a second Ctrl-C may end the process while it is being removed
    process.removeListener('exit', removeFolder);
  }
}

async function runOnce<Result>(
  options: Omit<EngineUse, 'temporaryFolder' | 'signal'>,
  known: Omit<Engine, 'connection' | 'canRead'>,
  run: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const { folder, signal } = known;
  const instance = await createInstance(options, folder);
  try {
    const connection = await instance.connect();
    const stopInterrupting = interruptWhenAborted(connection, signal);
    try {
      signal?.throwIfAborted();
      await connection.run("SET TimeZone = 'UTC'");
      // rows of a stream that may wait for us: with the 1 MB that DuckDB has by default, its threads wait instead
      await connection.run("SET streaming_buffer_size = '32MB'");
      await provideExtensions(connection, options);
      return await run({ ...known, connection, canRead: (address) => canRead(address, connection, options) });
    } finally {
      stopInterrupting();
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/**
 * Interrupts whatever runs once a signal aborts, and whatever begins after it: between two statements there is nothing
 * to interrupt, and the next one would run to its end.
 *
 * @returns ends it
 */
function interruptWhenAborted(connection: DuckDBConnection, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    timer ??= setInterval(() => connection.interrupt(), againMs);
  };
  signal?.addEventListener('abort', interrupt);
  return () => {
    signal?.removeEventListener('abort', interrupt);
    clearInterval(timer);
  };
}

/** Long enough to cost nothing, and short enough that nobody waits. */
const againMs = 20;

async function createInstance(
  { memoryLimit, engineThreads }: Pick<EngineUse, 'memoryLimit' | 'engineThreads'>,
  folder: string,
): Promise<DuckDBInstance> {
  const [, size, unit = ''] = /^(\d+(?:\.\d+)?) *([KMGT]i?B)$/i.exec(memoryLimit ?? '') ?? [];
  if (memoryLimit !== undefined && size === undefined) {
    throw new InputError(
      sentence`${named('memoryLimit')} must be a size such as 500MB or 4GB, got ${JSON.stringify(memoryLimit)}`,
    );
  }
  if (Number(size ?? 0) * bytesOf(unit) >= mostBytes) {
    throw new InputError(
      sentence`${named('memoryLimit')} must be a size that a machine can have, got ${JSON.stringify(memoryLimit)}`,
    );
  }
  return duckdbApi().DuckDBInstance.create(':memory:', {
    temp_directory: folder,
    // nothing here ever asks the network for an extension, and no result depends on the order of rows
    autoinstall_known_extensions: 'false',
    preserve_insertion_order: 'false',
    ...(size === undefined ? {} : { memory_limit: `${Number(size) * COUNTED_SHARE}${unit}` }),
    ...(engineThreads === undefined ? {} : { threads: String(engineThreads) }),
  });
}

/** What DuckDB counts to. */
const mostBytes = 9e18;

function bytesOf(unit: string): number {
  const power = 1 + 'KMGT'.indexOf(unit.charAt(0).toUpperCase());
  return (/i/i.test(unit) ? 1024 : 1000) ** power;
}

/** Makes this run's folder, and removes those of runs on this machine that are no more. */
async function makeSpillFolder(parent: string): Promise<string> {
  const host = hostname().replace(/[^\w.-]/g, '_');
  const folder = join(parent, `${folderPrefix}${host}-${process.pid}-${opened++}`);
  try {
    await removeDeadFolders(parent, host);
    // at one go: when this returns, it is known to whatever removes it
    mkdirSync(folder);
  } catch (error) {
    const isThere = codeOf(error) === 'ENOENT' && existsSync(parent);
    const why = isThere ? 'nothing can be made in it' : systemReason(error);
    throw new InputError(sentence`${named('temporaryFolder')} must be a writable folder, got ${parent}: ${why}`);
  }
  return folder;
}

async function removeDeadFolders(parent: string, host: string): Promise<void> {
  const prefix = `${folderPrefix}${host}-`;
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(prefix) ? Number(/^(\d+)-\d+$/.exec(name.slice(prefix.length))?.[1]) : NaN;
    if (Number.isNaN(pid) || isRunning(pid)) continue;
    // another run may be removing it too, or it belongs to another user: either way it is not ours to worry about
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
