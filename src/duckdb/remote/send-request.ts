/** One GET at a time over node:http, with its redirects, and again where the network or the server stumbles. */
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { InputError } from '../../checks.js';
import { codeOf } from '../../files/system-errors.js';
import type { RemoteFile } from './object-stores.js';

/** An answer whose body has not been read. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Readable;
}

/** What is asked. */
export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

/** A fault that may be gone at the next try. */
class Stumble extends Error {}

const mostTries = 5;
const firstWaitMs = 200;
const idleMs = 30_000;
const mostRedirects = 5;

/**
 * Sends a request and hands the answer to a reader, again from the beginning where the connection breaks, also in the
 * middle of the body, or the server is busy: five times, with longer and longer waits, three seconds in all.
 *
 * @param read - reads the body of 200 and 206; 416 is handed on as well
 * @throws InputError in one sentence for everything else
 */
export async function ask<Result>(
  file: RemoteFile,
  options: AskOptions,
  read: (answer: Answer) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after another
      return await askOnce(file, options, read);
    } catch (error) {
      options.signal?.throwIfAborted();
      const isPassing = error instanceof Stumble || passing.has(codeOf(error) ?? '');
      if (!isPassing) throw error instanceof InputError ? error : unreachable(file, error);
      if (attempt === mostTries) throw unreachable(file, error);
      // oxlint-disable-next-line no-await-in-loop
      await wait(firstWaitMs * 2 ** (attempt - 1), undefined, { signal: options.signal });
    }
  }
}

const passing = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

function unreachable({ address }: RemoteFile, error: unknown): InputError {
  const why = error instanceof Error ? error.message || (codeOf(error) ?? '') : String(error);
  return new InputError(`${address} cannot be read from here (${why}); check the address and the network`, {
    cause: error,
  });
}

async function askOnce<Result>(
  file: RemoteFile,
  { headers = {}, signal }: AskOptions,
  read: (answer: Answer) => Promise<Result>,
): Promise<Result> {
  let region: string | undefined;
  let next = file.requestFor(headers);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    // oxlint-disable-next-line no-await-in-loop -- each redirect needs the one before
    const answer = await send(next.url, next.headers, signal);
    const { status, body } = answer;
    if (status === 200 || status === 206 || status === 416) return read(answer);
    // oxlint-disable-next-line no-await-in-loop
    const said = (await textOf(body)).slice(0, 10_000);
    const target = answer.headers.location;
    const home = answer.headers['x-amz-bucket-region'] ?? /<Region>([a-z0-9-]+)<\/Region>/.exec(said)?.[1];
    if (typeof home === 'string' && region === undefined && (status === 301 || status === 400)) {
      region = home;
      next = file.requestFor(headers, region);
      continue;
    }
    if (status >= 300 && status < 400 && target !== undefined) {
      const url = new URL(target, next.url);
      if (next.url.protocol === 'https:' && url.protocol !== 'https:')
        throw new InputError(`${file.address} sends on to ${url.host} without TLS, which is not followed`);
      next = { url, headers: { ...headers } };
      continue;
    }
    if (status >= 500 || status === 429 || status === 408) throw new Stumble(`the server answers ${status}`);
    throw refused(file, status, said);
  }
  throw new InputError(`${file.address} is sent on more than ${mostRedirects} times`);
}

function send(url: URL, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<Answer> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, timeout: idleMs, ...(signal === undefined ? {} : { signal }) });
    sent.on('timeout', () => sent.destroy(new Stumble(`no answer for ${idleMs / 1000} s`)));
    sent.on('error', reject);
    sent.on('response', (body) => resolve({ status: body.statusCode ?? 0, headers: body.headers, body }));
    sent.end();
  });
}

/** A small body as text. */
export async function textOf(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString('utf8');
}

/** Says that less came than was announced, so that the request is sent again. */
export function cutShort(got: number, expected: number): Error {
  return new Stumble(`it ends after ${got} of ${expected} bytes`);
}

/** Says that a file is not what it was when its first range came. */
export function hasChanged({ address }: RemoteFile): InputError {
  return new InputError(`${address} has changed while it was read; read it again`);
}

/** What to do where a store refuses a request for who asks, or when. */
const remedies: ReadonlyMap<string, string> = new Map([
  ['RequestTimeTooSkewed', "this machine's clock is wrong by more than a quarter of an hour; set it"],
  ['ExpiredToken', 'the credentials have expired; get new ones'],
  ['TokenRefreshRequired', 'the credentials have expired; get new ones'],
  ['InvalidToken', 'AWS_SESSION_TOKEN is not of these credentials; get new ones'],
  ['InvalidAccessKeyId', 'the store does not know AWS_ACCESS_KEY_ID; check it, and AWS_ENDPOINT_URL'],
  ['SignatureDoesNotMatch', 'AWS_SECRET_ACCESS_KEY is not that of AWS_ACCESS_KEY_ID; check both, and AWS_REGION'],
  ['PermanentRedirect', 'the bucket is in another region; set AWS_REGION, or AWS_ENDPOINT_URL'],
  ['AuthorizationHeaderMalformed', 'the bucket is in another region; set AWS_REGION'],
]);

function refused(file: RemoteFile, status: number, said: string): InputError {
  const { address } = file;
  const code = /<Code>([A-Za-z0-9]+)<\/Code>/.exec(said)?.[1];
  const why = code === undefined ? String(status) : `${status} ${code}`;
  if (code === 'NoSuchBucket') return new InputError(`there is no bucket of ${address} (${why})`);
  if (status === 404 || status === 410) return new InputError(`there is no file ${address} (${why})`);
  if (status === 412) return hasChanged(file);
  const remedy = remedies.get(code ?? '');
  if (remedy !== undefined) return new InputError(`${address} may not be read (${why}): ${remedy}`);
  if (status !== 401 && status !== 403) return new InputError(`${address} cannot be read: its server answers ${why}`);
  const how = address.toLowerCase().startsWith('http')
    ? 'it wants a user that is not given; bring the file here first'
    : 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, for a user that may read it';
  return new InputError(`${address} may not be read (${why}); ${how}`);
}
