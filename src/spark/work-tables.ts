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
import { quoteText, sessionNames, type StageTables } from './stage-sql.js';
import { localPath } from './work-files.js';

type Session = Pick<SparkSession, 'run' | 'query'>;

/** The tables of a run. */
export interface TableStore {
  readonly names: StageTables;
  /** where on the cluster's storage a table stands; undefined in a session */
  readonly placeOf?: ((name: keyof StageTables) => { readonly folder: string; readonly table: string }) | undefined;
  /** Makes a table, unless an earlier run has left it. */
  readonly make: (name: keyof StageTables, query: string, options: ExecuteOptions) => Promise<void>;
  /** Removes what is there, unless it is kept for a later run or another client uses it. */
  readonly close: (how: { readonly isKept: boolean; readonly isStopped: boolean }) => Promise<void>;
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
    close: () => Promise.resolve(),
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
}

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
export async function workTables(session: Session, { work, about }: WorkOptions): Promise<TableStore> {
  const folder = work.replace(/(?<=.)\/+$/, '');
  const database = `category2vec_${fingerprint([folder, ...about])}`;
  const run = randomBytes(4).toString('hex');
  const place = `${folder}/${database}`;
  const joined = await join(session, { database, place, run }).catch(async (error: unknown) => {
    await leave(session, { database, place, mark: 'none', isKept: false, isStopped: false }).catch(() => undefined);
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
      await session.run(`CREATE TABLE ${inDatabase(name)} USING parquet AS ${query}`, options);
    },
    close: async ({ isKept, isStopped }) => {
      clearInterval(timer);
      // as far as that can be done: the server may be gone
      await leave(session, { database, place, mark: await mark, isKept, isStopped }).catch(() => undefined);
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

/** A client leaves the database; nobody left, it goes, with its folder. */
async function leave(
  session: Session,
  {
    database,
    place,
    mark,
    isKept,
    isStopped,
  }: Parameters<TableStore['close']>[0] & { readonly [Name in 'database' | 'place' | 'mark']: string },
): Promise<void> {
  await session.run(`DROP TABLE IF EXISTS ${database}.${mark}`, tidying);
  const tables = await tablesOf(session, database);
  const clients = tables.filter((table) => table.startsWith('client_'));
  // a table that failed is none, but may have left a folder
  if (isKept && tables.length > clients.length) return;
  const now = await serverTime(session);
  if (clients.some((table) => Number(table.split('_').at(-1)) > now - deadAfter)) return;
  await session.run(`DROP DATABASE IF EXISTS ${database} CASCADE`, tidying);
  if (isStopped) {
    // tasks that were under way when they were stopped may have written since
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await session.run(`CREATE DATABASE IF NOT EXISTS ${database} LOCATION ${quoteText(place)}`, tidying);
    await session.run(`DROP DATABASE IF EXISTS ${database} CASCADE`, tidying);
  }
  // not every engine removes the files; where this machine sees them, it can
  const local = localPath(place);
  if (local !== undefined && existsSync(local)) await rm(local, { recursive: true, force: true });
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
