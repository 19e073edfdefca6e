/**
 * What a Spark server or the way to it refuses, as one sentence: Spark's error class, its first line, its SQLSTATE, and
 * what to do.
 */
import { InputError, named, sentence } from '../checks.js';
import { GrpcError, grpcCodes } from './grpc.js';
import { ErrorInfo, Status } from './messages.js';

/** What is known of a failed call. */
export interface SparkFailure {
  readonly message: string;
  /** messages of what caused it, the first of all included */
  readonly causes?: readonly string[] | undefined;
  readonly errorClass: string | undefined;
  readonly sqlState: string | undefined;
  /** under which the server keeps the whole text */
  readonly errorId: string | undefined;
}

/** Reads the details that Spark sends with a status. */
export function failureOf(error: GrpcError): SparkFailure {
  const info = new Map<string, string>();
  for (const { typeUrl = '', value } of error.details === undefined
    ? []
    : (Status.fromBytes(error.details).details ?? [])) {
    if (!typeUrl.endsWith('google.rpc.ErrorInfo') || value === undefined) continue;
    for (const { key = '', value: text = '' } of ErrorInfo.fromBytes(value).metadata ?? []) info.set(key, text);
  }
  return {
    message: error.message,
    errorClass: info.get('errorClass') ?? /^\[([A-Z][A-Z0-9_.]+)\]/.exec(error.message)?.[1],
    sqlState: info.get('sqlState') ?? /SQLSTATE:? ([0-9A-Z]{5})/.exec(error.message)?.[1],
    errorId: info.get('errorId'),
  };
}

const denied = 'ask an administrator for the right to read the table, and to write where work is given';

const advices: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [
    /^TABLE_OR_VIEW_NOT_FOUND|^SCHEMA_NOT_FOUND|^CATALOG_NOT_FOUND/,
    'check the name of the table, with its catalog and schema',
  ],
  [/^UNRESOLVED_COLUMN|^FIELD_NOT_FOUND/, 'check the names of the columns'],
  [/^PARSE_SYNTAX_ERROR/, "sql and where are in Spark's dialect"],
  [/^UNRESOLVED_ROUTINE/, "sql and where are in Spark's dialect, with Spark's functions"],
  [/^CAST_INVALID_INPUT|^CAST_OVERFLOW/, 'a value is not of the type that it is cast to; use try_cast in sql'],
  [/^DATATYPE_MISMATCH/, 'cast the column in sql'],
  [/^INSUFFICIENT_PERMISSIONS|PERMISSION_DENIED/, denied],
  [/^PATH_NOT_FOUND/, 'check the path, as the cluster sees it'],
  [/^FAILED_READ_FILE\.FILE_NOT_EXIST/, 'a file of the log or of a table under work is gone; run the command again'],
];

const isFullDisk = /No space left on device|Disk quota exceeded/;

/** What jobs fail of while they run, for which Spark has no class: told by words anywhere in a message. */
const reasons: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [isFullDisk, 'a disk of the cluster is full: free it, or read less with where'],
  [
    /Missing an output location for shuffle|FetchFailed|MetadataFetchFailedException/,
    'the cluster lost files between its stages more often than it makes them anew; run the command again',
  ],
  [
    /AccessControlException|AccessDenied|Permission ?denied|Mkdirs failed to create|\b403 Forbidden|is not authorized to/i,
    denied,
  ],
  [/OutOfMemoryError|Container killed .* memory/, 'an executor of the cluster has too little memory'],
];

/** What may go well at a second attempt: rows that were lost on the way, or a job that failed while it ran. */
export class TransientFailure extends InputError {}

/** What leaves nothing that a later run could use: tables that are not whole, or a disk without room for them. */
export class UselessWork extends InputError {}

/** One sentence for what the server refused; transient where it names no class of error, as for a job whose tasks failed. */
export function refusal({ message, causes = [], errorClass, sqlState }: SparkFailure): InputError {
  // the reason of a syntax error stands on its second line; a stage is named by the request, over several lines
  const [first = ''] = message
    .replace(/^\s*\[[A-Z0-9_.]+\]\s*/, '')
    .replaceAll(/ \(Spark Connect - session_id.*?\.\.\.\)/gs, '')
    .split(/\r?\n/);
  const line = first
    .replace(/\.?\s*SQLSTATE:? [0-9A-Z]{5}/, '')
    .replace(/;? ?\(?line \d+,? pos \d+\)?\s*$/, '')
    .replace(/[.;:\s]+$/, '');
  const name = [errorClass, sqlState && `SQLSTATE ${sqlState}`].filter((part) => part !== undefined).join(', ');
  const advice =
    advices.find(
      ([pattern]) => pattern.test(errorClass ?? '') || (sqlState === '42501' && pattern.source.includes('PERMISSIONS')),
    ) ?? reasons.find(([pattern]) => [message, ...causes].some((text) => pattern.test(text)));
  const isUseless = advice?.[0] === isFullDisk || errorClass?.startsWith('FAILED_READ_FILE') === true;
  const Failure = isUseless ? UselessWork : errorClass === undefined ? TransientFailure : InputError;
  return new Failure(
    'Spark refused the query: ' +
      `${line || 'no reason given'}${name === '' ? '' : ` (${name})`}${advice === undefined ? '' : `; ${advice[1]}`}`,
  );
}

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** One sentence for a connection that cannot be had, or a token that is not accepted; undefined for what the server refused. */
export function noConnection(error: GrpcError, address: string): InputError | undefined {
  const { code, systemCode, message } = error;
  if (code === grpcCodes.unauthenticated) {
    return new InputError(
      `${address} does not accept the token; set SPARK_CONNECT_AUTHENTICATE_TOKEN to the server's token`,
    );
  }
  if (code === grpcCodes.permission && error.details === undefined) {
    return new InputError(`${address} denies access: ${message}`);
  }
  if (code !== grpcCodes.unavailable && !/no gRPC status/.test(message)) return undefined;
  if (systemCode === 'ENOTFOUND' || systemCode === 'EAI_AGAIN')
    return new InputError(`${address} cannot be reached: there is no host of that name`);
  if (systemCode === 'ECONNREFUSED')
    return new InputError(
      `${address} cannot be reached: nothing listens there; start Spark's Connect server, or check host and port`,
    );
  if (systemCode !== undefined && certificateCodes.test(systemCode)) {
    return new InputError(
      sentence`the certificate of ${address} cannot be trusted (${message}); name the file of its authority with
        ${named('engineCa')}`,
    );
  }
  if (systemCode === 'EPROTO' || /wrong version number|packet length/.test(message)) {
    return new InputError(`${address} does not speak TLS; use spark:// for a server in plain text`);
  }
  if (message.endsWith('closed with error code 11')) {
    return new InputError(
      `${address} closed the connection, because it was asked too often whether it is there (ENHANCE_YOUR_CALM); ` +
        'run the command again',
    );
  }
  if (/HTTP status|ERR_HTTP2_ERROR|ERR_HTTP2_SESSION_ERROR/.test(`${message} ${systemCode ?? ''}`)) {
    return new InputError(
      `${address} is no Spark Connect server (${message}); check host and port, and spark:// or sparks://`,
    );
  }
  return undefined;
}
