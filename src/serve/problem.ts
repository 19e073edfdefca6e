/** Errors as problem documents, RFC 9457: a status, its title, and the sentence that a command would print. */
import { STATUS_CODES } from 'node:http';
import { InputError } from '../checks.js';

/** Members of a problem document beside those of the RFC. */
export type ProblemMembers = Readonly<Record<string, unknown>>;

/** A request that cannot be answered, with the status that says why. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly members: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail - one sentence: what, expected, received, what to do */
  constructor(
    status: number,
    detail: string,
    { members = {}, headers = {} }: { members?: ProblemMembers; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.status = status;
    this.members = members;
    this.headers = headers;
  }
}

/** Wrong input is the caller's to fix: 422. Anything else is a bug of ours, of which an answer says no more than that: 500. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InputError) return new Problem(422, error.message);
  return new Problem(500, 'this is a bug in category2vec; the log of the service has its stack');
}

/**
 * Headers of an answer. They are a plain object when the answer is made: a Response that is given headers later costs as
 * much as a search.
 */
export function headersOf(type: string, { isDraining }: { readonly isDraining: boolean }): Record<string, string> {
  return {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(isDraining ? { Connection: 'close' } : undefined),
  };
}

/** The response to what is no request, such as one without a Host. */
export function malformedResponse(error: unknown): Response {
  const why = error instanceof Error ? error.message : String(error);
  return problemResponse(new Problem(400, `the request must be HTTP with a Host and a path, got: ${why}`), {
    isDraining: false,
  });
}

/** What a connection is sent that brings no HTTP, before it is closed. @param code - of Node's error */
export function malformedAnswer(code: string | undefined): string {
  const problem =
    code === 'HPE_HEADER_OVERFLOW'
      ? new Problem(431, 'the headers must have at most 16 KiB')
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new Problem(408, 'the request must come within a minute')
        : new Problem(400, `the request must be HTTP/1.1, got what is none (${code ?? 'no reason known'})`);
  const body = documentOf(problem);
  const headers = {
    ...headersOf('application/problem+json', { isDraining: true }),
    'Content-Length': Buffer.byteLength(body),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The response that tells of a problem. */
export function problemResponse(problem: Problem, state: { readonly isDraining: boolean }): Response {
  return new Response(documentOf(problem), {
    status: problem.status,
    headers: { ...problem.headers, ...headersOf('application/problem+json', state) },
  });
}

function documentOf({ status, message, members }: Problem): string {
  return JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    ...members,
  });
}
