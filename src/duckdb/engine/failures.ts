/** What DuckDB says, in one sentence that the user can act upon. */
import { InputError, named, sentence, type Sentence } from '../../checks.js';
import { spellingHint } from '../../closest-spellings.js';
import { remoteError } from '../../files/remote-path.js';

/** What was being done when DuckDB failed. */
export interface FailedWork {
  /** what was read, as the caller named it */
  readonly source: string;
  /** the condition on rows, as the caller wrote it */
  readonly where?: string | undefined;
  readonly memoryLimit?: string | undefined;
  readonly temporaryFolder?: string | undefined;
}

/** Turns a failure of DuckDB into an InputError; anything else stays what it is. */
export function explainFailure(error: unknown, work: FailedWork): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  const match = /^([A-Z][A-Za-z ]*?(?:Error|Exception)): ([^]*)$/.exec(error.message);
  if (match === null) return error;
  const [, kind = '', text = ''] = match;
  if (/^(internal|fatal) error$/i.test(kind)) {
    const said = sentenceOf(text.replace(/^[^]*?Original error: /, '').replaceAll('"', "'"));
    return new InputError(
      `${work.source} cannot be read, because the reader of its rows failed on them (${said}); check that it ` +
        'is whole and UTF-8, or write it as Parquet',
      { cause: error },
    );
  }
  return new InputError(describe(kind, text, work), { cause: error });
}

function describe(
  kind: string,
  text: string,
  { source, where, memoryLimit, temporaryFolder }: FailedWork,
): string | Sentence {
  const firstLine = sentenceOf(text);
  if (/No space left|max_temp_directory_size|maximum amount of disk space/i.test(text)) {
    return sentence`the disk is full while reading ${source}; free some space or name another folder with
      ${named('temporaryFolder')} (now ${temporaryFolder})`;
  }
  if (kind === 'Out of Memory Error') {
    return sentence`reading ${source} needs more memory than ${named('memoryLimit')}
      ${memoryLimit ?? '(80 % of the machine)'} allows (${firstLine}); raise it`;
  }
  if (where !== undefined && /^(Binder|Parser|Conversion|Catalog|Not implemented) Error$/.test(kind)) {
    return sentence`${named('where')} ${JSON.stringify(where)} cannot be applied to ${source}:
      ${firstLine}${hintOf(text)}`;
  }
  const line =
    /^CSV Error on Line: (\d+)\n(?:Original Line:[^]*?\n)?((?:Expected|Invalid|Value|Maximum|Error)[^\n]*)/.exec(text);
  if (line !== null) {
    const hint = /unicode/i.test(line[2] ?? '') ? sentence`; name the one it has with ${named('encoding')}` : '';
    return sentence`${source} cannot be read as CSV: line ${line[1]}: ${sentenceOf(line[2] ?? '')}${hint}`;
  }
  if (/CSV Parser state machine/.test(text)) {
    return `${source} cannot be read as CSV: its lines must all end alike, and text must not follow a closing quote`;
  }
  if (/expected records, but got non-record JSON|Expected OBJECT, but got/.test(text)) {
    return `${source} must be JSONL or a JSON array, objects of named values, got other JSON`;
  }
  const address = /['"]?((?:jdbc:)?[a-z][a-z0-9+.-]+:\/\/[^'"\s)]+)/i.exec(text)?.[1];
  // DuckDB's own sentences point to its pages
  const isOfInput = address !== undefined && !address.startsWith('https://duckdb.org/');
  const said = `${kind} ${text.replaceAll(/https:\/\/duckdb\.org\/\S*/g, '')}`;
  if (isOfInput && /extension/i.test(said)) return remoteError(address, { canExtend: true }).sentence;
  if (isOfInput && /HTTP|S3|IO/i.test(kind)) {
    // what follows the path of an address may be a signature
    return (
      `${source} cannot be read: ${firstLine.replaceAll(/(\w:\/\/[^\s?'"]+)\?[^\s'"]*/g, '$1?…')}; check the ` +
      'address, and the credentials'
    );
  }
  const extension = /extension ["'](\w+)["']/i.exec(text)?.[1];
  if (extension !== undefined) {
    return (
      `${source} needs the extension ${extension} of DuckDB, which is not there: name a folder that holds it ` +
      'with extensionFolder, let DuckDB fetch it with installExtensions, or bring the data into a file first'
    );
  }
  return `${source} cannot be read: ${firstLine}${hintOf(text)}`;
}

/** What was probably meant by a name that a query or a condition holds and nothing has. */
function hintOf(text: string): string {
  const [, column, candidates = ''] =
    /^Referenced column "([^"]+)" not found[^\n]*\n(?:Candidate bindings: ([^\n]*))?/.exec(text) ?? [];
  if (column !== undefined) {
    const names = Array.from(candidates.matchAll(/"([^"]+)"/g), ([, name = '']) => name.replace(/^.*\./, ''));
    return spellingHint(column, names) || `; if it is a text, write it in single quotes: '${column}'`;
  }
  const [, kind, name = '', like] =
    /^(Table|[A-Z]\w* Function) with name (\S+) does not exist!(?:\nDid you mean "([^"]+)")?/.exec(text) ?? [];
  if (kind === 'Table') return `; a file is read by its path in single quotes, such as FROM '${name}.parquet'`;
  return like === undefined ? '' : spellingHint(name, [like]);
}

/** The first line without its full stop, without the hints that follow. */
function sentenceOf(text: string): string {
  // copies in the spill folder are nobody's business
  const [line = ''] = text.replace(/ in file "[^"]*category2vec-spill-[^"]*",?/, '').split('\n');
  const short = line.length > 300 ? `${line.slice(0, 297)}…` : line;
  return short.trim().replace(/[.!]+$/, '');
}
