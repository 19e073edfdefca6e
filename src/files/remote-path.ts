/** Addresses instead of paths: what is said of them, and `file://`, which is a path. */
import { fileURLToPath } from 'node:url';
import { InputError, named, sentence } from '../checks.js';

/** How rows get here from where an address of a scheme points to; `ADDRESS` is replaced by it. */
const advice: ReadonlyMap<string, string> = new Map([
  ['s3', 'aws s3 cp ADDRESS .'],
  ['s3a', 'aws s3 cp ADDRESS .'],
  ['s3n', 'aws s3 cp ADDRESS .'],
  ['gs', 'gcloud storage cp ADDRESS .'],
  ['gcs', 'gcloud storage cp ADDRESS .'],
  ['http', 'curl -fLO ADDRESS'],
  ['https', 'curl -fLO ADDRESS'],
  ['ftp', 'curl -fO ADDRESS'],
  ['sftp', 'curl -fO ADDRESS'],
  ['hf', 'hf download'],
  ['az', 'azcopy copy ADDRESS .'],
  ['abfs', 'azcopy copy'],
  ['abfss', 'azcopy copy'],
  ['wasbs', 'azcopy copy'],
  ['hdfs', 'hdfs dfs -get ADDRESS .'],
  ['dbfs', 'databricks fs cp ADDRESS .'],
  ['spark', 'df.write.parquet("clicks") in Spark'],
  ['postgres', `psql ADDRESS -c "\\copy (SELECT …) TO 'clicks.csv' CSV HEADER"`],
  ['postgresql', `psql ADDRESS -c "\\copy (SELECT …) TO 'clicks.csv' CSV HEADER"`],
  ['mysql', 'mysql --batch -e "SELECT …" > clicks.tsv'],
  ['bigquery', 'bq extract'],
  ['bq', 'bq extract'],
  ['snowflake', 'COPY INTO @stage … FILE_FORMAT = (TYPE = PARQUET)'],
]);

/** Schemes that DuckDB's own extensions read. */
const inPlace: readonly string[] = [
  's3',
  's3a',
  's3n',
  'gs',
  'gcs',
  'r2',
  'http',
  'https',
  'hf',
  'az',
  'azure',
  'abfss',
];

const scheme = /^(?:jdbc:)?([a-z][a-z0-9+.-]+):\/\//i;

/** Whether a text is an address such as `s3://…`, not a path. */
export function isRemote(path: string): boolean {
  return scheme.test(path);
}

/**
 * The path that an address of this machine stands for; other texts stay what they are.
 *
 * @throws InputError for a `file://` address of another machine, or one that is no path
 */
export function pathOfFileAddress(path: string): string {
  if (!/^file:\/\//i.test(path)) return path;
  try {
    return fileURLToPath(path);
  } catch {
    throw new InputError(`a file address must be such as file:///home/me/clicks.csv, got ${path}`);
  }
}

const readable = 'only files of this machine and standard input are read (CSV, TSV, JSONL, Parquet)';

/**
 * What is said of an address: files of this machine are read, and how such data becomes one.
 *
 * @param canExtend - whether the reader takes extensions of DuckDB, which read some addresses in place
 */
export function remoteError(path: string, { canExtend = false }: { readonly canExtend?: boolean } = {}): InputError {
  const name = scheme.exec(path)?.[1]?.toLowerCase() ?? '';
  const address = path.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/@:]*):[^@/]*@/i, '$1:…@');
  const command = advice.get(name)?.replace('ADDRESS', address);
  const how =
    command === undefined ? 'copy the data into a file first' : `bring the data here first, such as by ${command}`;
  if (!canExtend || !inPlace.includes(name)) {
    return new InputError(`${address} is an address, and ${readable}; ${how}`);
  }
  return new InputError(
    sentence`${address} is an address, and ${readable}; ${how}, or read it in place by DuckDB's extensions with
      ${named('extensionFolder')} or ${named('installExtensions')}`,
  );
}
