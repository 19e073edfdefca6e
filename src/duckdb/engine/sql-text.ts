/** Names and texts as SQL writes them. */
import { basename, isAbsolute, resolve } from 'node:path';
import { isRemote } from '../../files/remote-path.js';

/** A name in double quotes. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in single quotes. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * A path that DuckDB takes literally, whatever wildcards it holds: absolute, so that `~` means nothing. An address such
 * as `s3://…` stays what it is.
 */
export function quotePath(path: string): string {
  return quoteText(isRemote(path) ? path : literally(resolve(path)));
}

/** A path as DuckDB's tables of files show one that `quotePath` has named. */
export function systemPath(path: string): string {
  return isRemote(path) ? path : resolve(path);
}

/** A path to write to, absolute: in one, wildcards stand for themselves. */
export function quoteTarget(path: string): string {
  return quoteText(resolve(path));
}

/** A pattern of paths, made absolute as paths are. */
export function quotePattern(pattern: string): string {
  if (isRemote(pattern)) return quoteText(pattern);
  return quoteText(isAbsolute(pattern) ? pattern : `${literally(process.cwd()).replace(/\/$/, '')}/${pattern}`);
}

function literally(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}

/** The columns of a table function of text files, by name and type. */
export function columnsAs(types: ReadonlyMap<string, string>): string {
  return `columns = {${Array.from(types, ([column, type]) => `${quoteName(column)}: '${type}'`).join(', ')}}`;
}

/** Files and globs that a query seems to read: what it quotes and ends like a log. */
export function filesOfQuery(sql = ''): string[] {
  return (sql.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g) ?? [])
    .map((quoted) => quoted.slice(1, -1).replaceAll(/''|""/g, (twice) => twice.charAt(0)))
    .filter((path) => /\.(csv|tsv|txt|jsonl?|ndjson|parquet)(\.(gz|zst))?$/i.test(path));
}

/** Absolute paths in the quotes of a query, reduced to their last part. */
export function withoutFolders(sql: string): string {
  return sql.replace(
    /'(?:[A-Za-z]:)?[/\\][^']*'/g,
    (quoted) => `'${basename(quoted.slice(1, -1).replaceAll('\\', '/'))}'`,
  );
}
