/**
 * DuckDB's own extensions, by which it reads object stores and lakes: loaded where they are, fetched only where that is
 * asked for.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { InputError, named, sentence } from '../../checks.js';
import { isS3, type AzureAccess, type ObjectStores, type S3Access } from '../remote/object-stores.js';
import { queryRows } from './query-rows.js';
import { quoteTarget, quoteText } from './sql-text.js';

/** Where extensions come from. */
export interface ExtensionOptions {
  /** a folder of files such as `httpfs.duckdb_extension`, or one that is laid out as DuckDB's own; default: DuckDB's own */
  readonly extensionFolder?: string | undefined;
  /** whether DuckDB may fetch those that are missing; default false: nothing asks the network for one */
  readonly installExtensions?: boolean | undefined;
  /**
   * how files of `https://` and `s3://` addresses are fetched where there is no extension that reads them in place;
   * default: they are refused
   */
  readonly objectStores?: ObjectStores | undefined;
}

/** Extensions that others build on are loaded before these. */
const first = ['httpfs', 'avro', 'aws'];

/** Tells DuckDB where its extensions are. @throws InputError for a folder that cannot be read, or extensions of another DuckDB */
export async function provideExtensions(
  connection: DuckDBConnection,
  { extensionFolder, installExtensions = false }: ExtensionOptions,
): Promise<void> {
  if (installExtensions) await connection.run('SET autoinstall_known_extensions = true');
  if (extensionFolder === undefined) return;
  const names = await readdir(extensionFolder).catch(() => {
    throw new InputError(
      sentence`${named('extensionFolder')} must be a folder that can be read, got ${JSON.stringify(extensionFolder)}`,
    );
  });
  const files = names.filter((name) => name.endsWith('.duckdb_extension'));
  if (files.length === 0) {
    await connection.run(`SET extension_directory = ${quoteTarget(extensionFolder)}`);
    return;
  }
  const rankOf = (name: string): number => {
    const rank = first.indexOf(name.replace('.duckdb_extension', ''));
    return rank < 0 ? first.length : rank;
  };
  for (const name of files.sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))) {
    // oxlint-disable-next-line no-await-in-loop -- one may need those before it
    await connection.run(`LOAD ${quoteTarget(join(extensionFolder, name))}`).catch(async (error: unknown) => {
      const [[version] = []] = await queryRows(connection, 'SELECT library_version FROM pragma_version()');
      throw new InputError(
        sentence`${named('extensionFolder')} must hold extensions of DuckDB ${String(version)} for this machine, got
          ${name}, which does not load (${firstLine(error)})`,
        { cause: error },
      );
    });
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 200) ?? '';
}

/** The extension that reads addresses of a scheme. */
const extensionOf = new Map([
  ...['http', 'https', 's3', 's3a', 's3n', 'gs', 'gcs', 'r2', 'hf'].map((scheme) => [scheme, 'httpfs'] as const),
  ...['az', 'azure', 'abfss'].map((scheme) => [scheme, 'azure'] as const),
]);

/** The scheme of an address, in small letters; empty where it is none. */
function schemeOf(address: string): string {
  return /^([a-z0-9]+):\/\//i.exec(address)?.[1]?.toLowerCase() ?? '';
}

/**
 * Whether DuckDB can read an address here: its extension is loaded, as far as it is there. Credentials of S3 are then
 * found as AWS's own tools find them, where the extension `aws` is there too, else they are those that a program gives
 * for files that it fetches; so are region and server, and what is said of Azure.
 *
 * @throws InputError as `ObjectStores.s3`
 */
export async function canRead(
  address: string,
  connection: DuckDBConnection,
  { installExtensions = false, objectStores }: ExtensionOptions,
): Promise<boolean> {
  const scheme = schemeOf(address);
  const extension = extensionOf.get(scheme);
  if (extension === undefined) return false;
  const isThere = async (name: string): Promise<boolean> => {
    try {
      if (installExtensions) await connection.run(`INSTALL ${name}`);
      await connection.run(`LOAD ${name}`);
      return true;
    } catch {
      return false;
    }
  };
  if (!(await isThere(extension))) return false;
  if (isS3(address)) {
    await giveAccess(connection, (await objectStores?.s3?.()) ?? {}, await isThere('aws'));
  }
  if (extension === 'azure') await giveAzureAccess(connection, objectStores?.azure?.() ?? {});
  return true;
}

/** Tells DuckDB who asks, and where. */
async function giveAccess(connection: DuckDBConnection, access: S3Access, hasChain: boolean): Promise<void> {
  const { credentials, region, endpoint } = access;
  const server = endpoint === undefined ? undefined : /^(?:(https?):\/\/)?(.*?)\/*$/i.exec(endpoint);
  const place = [
    ...(region === undefined ? [] : [`REGION ${quoteText(region)}`]),
    ...(server?.[2] === undefined ? [] : [`ENDPOINT ${quoteText(server[2])}`, "URL_STYLE 'path'"]),
    ...(server?.[1]?.toLowerCase() === 'http' ? ['USE_SSL false'] : []),
  ];
  if (hasChain && (await useChain(connection, 's3', place))) return;
  // without credentials, what is public can be read all the same
  const who = Object.entries({
    KEY_ID: credentials?.accessKeyId,
    SECRET: credentials?.secretAccessKey,
    SESSION_TOKEN: credentials?.sessionToken,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${quoteText(value)}`]));
  await connection.run(`CREATE OR REPLACE SECRET category2vec_s3 (${['TYPE s3', ...who, ...place].join(', ')})`);
}

async function giveAzureAccess(
  connection: DuckDBConnection,
  { connectionString, account }: AzureAccess,
): Promise<void> {
  if (connectionString !== undefined) {
    const secret = `TYPE azure, CONNECTION_STRING ${quoteText(connectionString)}`;
    await connection.run(`CREATE OR REPLACE SECRET category2vec_azure (${secret})`);
  } else if (account !== undefined) await useChain(connection, 'azure', [`ACCOUNT_NAME ${quoteText(account)}`]);
}

/** @returns whether there are credentials that are found as the store's own tools find them */
async function useChain(connection: DuckDBConnection, type: string, place: readonly string[]): Promise<boolean> {
  const secret = [`TYPE ${type}`, 'PROVIDER credential_chain', ...place].join(', ');
  try {
    await connection.run(`CREATE OR REPLACE SECRET category2vec_${type} (${secret})`);
    return true;
  } catch {
    return false;
  }
}

/** Loads what the addresses within a query need, as far as it is there. @throws InputError as `canRead` */
export async function provideForQuery(sql: string, canReadHere: (address: string) => Promise<boolean>): Promise<void> {
  const addresses = sql.match(/\b[a-z0-9]+:\/\/[^\s'"]*/gi) ?? [];
  const bySchemes = new Map(addresses.map((address) => [schemeOf(address), address]));
  // oxlint-disable-next-line no-await-in-loop -- one connection
  for (const address of bySchemes.values()) await canReadHere(address);
}
