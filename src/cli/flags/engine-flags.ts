/** `--engine spark://host:port`: an event log that a Spark cluster reads, and how it is told apart from files. */
import { readFile } from 'node:fs/promises';
import { InputError } from '../../checks.js';
import type { Source } from '../../duckdb/sources/event-source.js';
import type { SparkReadOptions, SparkSource } from '../../spark/spark-options.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import { flagOf } from './flags.js';

/** The flags of a cluster. */
export const engineFlags = {
  engine: { kind: 'text', value: 'address', help: 'read the log on Spark: spark://host:port, or sparks:// for TLS' },
  table: { kind: 'text', value: 'name', help: "with --engine, the log's table, such as catalog.db.clicks" },
  work: { kind: 'text', value: 'folder', help: 'with --engine, where the cluster keeps its work [its session]' },
  engineCa: { kind: 'file', help: 'with sparks://, certificates to trust (PEM) [system]' },
} as const satisfies FlagTable;

/** What the flags of a cluster parse to. */
export type EngineFlags = GivenFlags<typeof engineFlags>;

/** An event log: files, a query, or a table on a cluster. */
export type LogSource = Source | SparkSource;

/** Flags that say how files are read, or what the cluster cannot do alike, and why they are refused. */
const refused: Readonly<Record<string, string>> = {
  columns: 'name the two columns with --history and --category, or make rows of column=value in --sql',
  halfLife: 'Spark computes powers in other bits; give the weights of age in --sql, with --weight',
  delimiter: 'the cluster reads tables, not files',
  quote: 'the cluster reads tables, not files',
  encoding: 'the cluster reads tables, not files',
  memoryLimit: 'the cluster has a memory of its own',
  extensionFolder: 'the cluster reads tables, not files',
};

/**
 * The table or query on a cluster.
 *
 * @param logs - files named on the command line
 * @throws InputError for files, for both of table and query or neither, and for flags that a cluster cannot follow
 */
export function clusterSource(
  logs: readonly string[],
  flags: EngineFlags & { readonly sql?: string | undefined; readonly [name: string]: unknown },
): SparkSource {
  const { table, sql, engineCa, engine = '' } = flags;
  if (logs.length > 0) {
    throw new InputError(
      `--engine reads a --table or --sql on the cluster, got the file ${JSON.stringify(logs[0])} as well`,
    );
  }
  for (const [name, reason] of Object.entries(refused)) {
    if (flags[name] === undefined || flags[name] === 'none') continue;
    throw new InputError(`${flagOf(name)} cannot be used with --engine: ${reason}`);
  }
  if (flags['header'] === false) throw new InputError('--no-header cannot be used with --engine: tables have names');
  if (flags['badRows'] === 'skip') {
    throw new InputError('--bad-rows skip cannot be used with --engine; use try_cast in --sql');
  }
  if (engineCa !== undefined && !/^sparks:/i.test(engine)) {
    throw new InputError(`--engine-ca needs --engine sparks://host:port, got ${engine}`);
  }
  if (table !== undefined && sql !== undefined) throw new InputError('--sql takes the place of --table, got both');
  if (sql !== undefined) return { sql };
  if (table === undefined || table.trim() === '') {
    throw new InputError('--engine needs --table NAME or --sql QUERY: what on the cluster holds the log; got none');
  }
  return { table };
}

/** @throws InputError for flags that mean nothing without a cluster */
export function checkNoCluster(flags: EngineFlags): void {
  const name = (['table', 'work', 'engineCa'] as const).find((one) => flags[one] !== undefined);
  if (name !== undefined) throw new InputError(`${flagOf(name)} needs --engine spark://host:port, got none`);
}

/** How the cluster is reached. @throws InputError where the file of authorities cannot be read */
export async function clusterOptions({
  engine = '',
  engineCa,
  work,
}: EngineFlags): Promise<Pick<SparkReadOptions, 'engine' | 'token' | 'ca' | 'work'>> {
  // an empty variable is one that is not set
  const token = process.env['SPARK_CONNECT_AUTHENTICATE_TOKEN']?.trim() || undefined;
  if (engineCa === undefined) return { engine, token, work };
  const ca = await readFile(engineCa, 'utf8').catch((error: unknown) => {
    throw new InputError(
      `--engine-ca ${engineCa} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new InputError(
      `--engine-ca must hold certificates in PEM, got ${JSON.stringify(engineCa)}, which holds none`,
    );
  }
  return { engine, token, ca, work };
}
