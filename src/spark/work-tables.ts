/**
 * Where the tables between the stages stand: cached in the session, or in a folder of the cluster's storage, from where
 * a later run continues.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { InputError, named, sentence } from '../checks.js';
import { fingerprint } from '../numerics/fingerprint.js';
import { rowsOf } from './arrow.js';
import type { ExecuteOptions, SparkSession } from './session.js';
import { quoteName, quoteText, sessionNames, type StageTables } from './stage-sql.js';
import { localPath } from './work-files.js';

type Session = Pick<SparkSession, 'run' | 'query'>;

/** The tables of a run. */
export interface TableStore {
  readonly names: StageTables;
  /** where on the cluster's storage a table stands; undefined in a session */
  readonly placeOf?: ((name: keyof StageTables) => { readonly folder: string; readonly table: string }) | undefined;
  /** Makes a table, unless an earlier run has left it. */
  readonly make: (name: keyof StageTables, query: string, options: ExecuteOptions) => Promise<void>;
  /**
   * Removes what is there, unless it is kept for a later run or another client uses it.
   *
   * @returns the folder, where it was stopped and could not remove it
   */
  readonly close: (how: { readonly isKept: boolean; readonly isStopped: boolean }) => Promise<string | undefined>;
}

/** Tables of the session: cached, so that each is computed once, where the engine can; else views. */
export async function cachedTables(session: Session): Promise<TableStore> {
  const canCache = await session.run('CACHE TABLE category2vec_probe AS SELECT 1 AS one').then(
    () => true,
    (error: unknown) => {
      if (error instanceof InputError) return false;
      throw error;
    },
  );
  return {
    names: sessionNames,
    make: async (name, query, options) => {
      const table = sessionNames[name];
      const statement = canCache
        ? `CACHE TABLE ${table} OPTIONS ('storageLevel' 'MEMORY_AND_DISK') AS ${query}`
        : `CREATE OR REPLACE TEMPORARY VIEW ${table} AS ${query}`;
      await session.run(statement, options);
    },
    close: () => Promise.resolve(undefined),
  };
}

/** @throws InputError for a folder that is neither an address nor an absolute path */
export function checkWork(work: string): void {
  if (/^([a-z][a-z0-9+.-]*:\/|\/)./i.test(work)) return;
  throw new InputError(
    sentence`${named('work')} must be a folder of the cluster's storage, as an address such as s3a://bucket/work or an
      absolute path, got ${JSON.stringify(work)}`,
  );
}

/** Where tables go, and what they are made of. */
export interface WorkOptions {
  readonly work: string;
  /** what decides their rows: equal for runs that can use each other's tables */
  readonly about: readonly string[];
  /** how long to wait before each look for files that came late; default 3 s in all */
  readonly looksAfterMs?: readonly number[] | undefined;
}

/** Tasks that were stopped under a table end soon, but not at once, and may write until then. */
const usualLooksMs = [200, 400, 800, 1600];
/** Times that a folder is removed that comes back. */
const mostRemovals = 8;

/** Seconds after which a client that has not said so again is taken for dead. */
const deadAfter = 300;
const saysSoEveryMs = 100_000;

/**
 * Tables of a database in a folder of its own under `work`.
 *
 * A table is in the database once it is whole, so runs of the same log and options use those that are there, also of a
 * client that was killed. Every client says that it is alive by a table named after it and the server's time; who is
 * the last alive drops the database with all that is in it.
 */
export async function workTables(
  session: Session,
  { work, about, looksAfterMs = usualLooksMs }: WorkOptions,
): Promise<TableStore> {
  const folder = work.replace(/(?<=.)\/+$/, '');
  const database = `category2vec_${fingerprint([folder, ...about])}`;
  const run = randomBytes(4).toString('hex');
  const place = `${folder}/${database}`;
  const joined = await join(session, { database, place, run }).catch(async (error: unknown) => {
    await leave(session, { database, place, mark: 'none', isKept: false, looksAfterMs }).catch(() => undefined);
    throw error;
  });
  const { found } = joined;
  let mark = Promise.resolve(joined.mark);
  const sayAgain = async (before: string): Promise<string> => {
    const next = await sayAlive(session, database, run);
    await session.run(`DROP TABLE IF EXISTS ${database}.${before}`);
    return next;
  };
  // where that fails, the stages tell why
  const timer = setInterval(() => (mark = mark.then((before) => sayAgain(before).catch(() => before))), saysSoEveryMs);
  timer.unref();
  const nameOf = (name: keyof StageTables): string =>
    found.find((table) => table.startsWith(`${name}_`)) ?? `${name}_${run}`;
  const own = {
    clicks: nameOf('clicks'),
    categories: nameOf('categories'),
    ids: nameOf('ids'),
    histories: nameOf('histories'),
  };
  let isWriting = false;
  const inDatabase = (name: keyof StageTables): string => `${database}.${own[name]}`;
  return {
    names: {
      clicks: inDatabase('clicks'),
      categories: inDatabase('categories'),
      ids: inDatabase('ids'),
      histories: inDatabase('histories'),
    },
    placeOf: (name) => ({ folder: place, table: own[name] }),
    make: async (name, query, options) => {
      if (found.includes(own[name])) return;
      isWriting = true;
      await session.run(`CREATE TABLE ${inDatabase(name)} USING parquet AS ${query}`, options);
      isWriting = false;
    },
    close: async ({ isKept, isStopped }) => {
      clearInterval(timer);
      const looks = isWriting ? looksAfterMs : isStopped ? [0] : [];
      const leaving = leave(session, { database, place, mark: await mark, isKept, looksAfterMs: looks });
      // as far as that can be done: the server may be gone
      const left = await leaving.catch(() => place);
      return isStopped ? left : undefined;
    },
  };
}

/** A client enters the database. @returns how it says that it is alive, and the tables that are there */
async function join(
  session: Session,
  { database, place, run }: { readonly [Name in 'database' | 'place' | 'run']: string },
): Promise<{ readonly mark: string; readonly found: readonly string[] }> {
  await session.run(`CREATE DATABASE IF NOT EXISTS ${database} LOCATION ${quoteText(place)}`);
  const mark = await sayAlive(session, database, run);
  return { mark, found: await tablesOf(session, database) };
}

const tidying: ExecuteOptions = { isTidying: true };

/**
 * A client leaves the database; nobody left, it goes, with its folder, also with what comes there late.
 *
 * @returns the folder, where it still stands
 */
async function leave(
  session: Session,
  {
    database,
    place,
    mark,
    isKept,
    looksAfterMs,
  }: { readonly [Name in 'database' | 'place' | 'mark']: string } & {
    readonly isKept: boolean;
    readonly looksAfterMs: readonly number[];
  },
): Promise<string | undefined> {
  await session.run(`DROP TABLE IF EXISTS ${database}.${mark}`, tidying);
  const tables = await tablesOf(session, database);
  // a table that failed is none, but may have left a folder
  if (isKept && tables.some((table) => !isClient(table))) return undefined;
  let removals = 0;
  for (let look = -1; look < looksAfterMs.length; look++) {
    // oxlint-disable-next-line no-await-in-loop -- one look after another
    if (look >= 0) await new Promise((resolve) => setTimeout(resolve, looksAfterMs[look]));
    // oxlint-disable-next-line no-await-in-loop
    if (removals > 0 && !(await stands(session, place))) continue;
    if (removals === mostRemovals) return place;
    // oxlint-disable-next-line no-await-in-loop
    if (!(await remove(session, { database, place }))) return undefined;
    removals++;
    look = -1;
  }
  return undefined;
}

/** Removes a database, and all that stands in its folder. @returns false where a client uses it */
async function remove(
  session: Session,
  { database, place }: { readonly [Name in 'database' | 'place']: string },
): Promise<boolean> {
  await session.run(`CREATE DATABASE IF NOT EXISTS ${database} LOCATION ${quoteText(place)}`, tidying);
  const clients = (await tablesOf(session, database)).filter(isClient);
  const now = await serverTime(session);
  if (clients.some((table) => Number(table.split('_').at(-1)) > now - deadAfter)) return false;
  await session.run(`DROP DATABASE IF EXISTS ${database} CASCADE`, tidying);
  // not every engine removes the files; where this machine sees them, it can
  const local = localPath(place);
  if (local !== undefined && existsSync(local)) await rm(local, { recursive: true, force: true, maxRetries: 3 });
  return true;
}

function isClient(table: string): boolean {
  return table.startsWith('client_');
}

/** Whether a folder is there: of this machine, or by the word of an engine that tells. */
async function stands(session: Session, place: string): Promise<boolean> {
  const local = localPath(place);
  if (local !== undefined && existsSync(local)) return true;
  const looking = rowsOf(session.query(`SELECT 1 FROM text.${quoteName(place)} WHERE false`, tidying));
  return looking.then(
    () => true,
    () => false,
  );
}

/** Says that a client is alive. @returns the table that says so */
async function sayAlive(session: Session, database: string, run: string): Promise<string> {
  const table = `client_${run}_${await serverTime(session)}`;
  await session.run(`CREATE TABLE ${database}.${table} USING parquet AS SELECT 1 AS one`);
  return table;
}

/** Seconds since 1970 by the server's clock. */
async function serverTime(session: Session): Promise<number> {
  const [row] = await rowsOf(session.query('SELECT unix_timestamp() AS now', tidying));
  return Number(row?.['now']);
}

async function tablesOf(session: Session, database: string): Promise<readonly string[]> {
  const rows = await rowsOf(session.query(`SHOW TABLES IN ${database}`, tidying));
  return rows.map((row) => String(row['tableName']));
}
