/** Who may ask: the machine's own names for itself on loopback, a token beyond it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { InputError } from '../checks.js';
import { Problem } from './problem.js';

/** Whether an address or name is this machine's own, which no other machine reaches. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

/** The name in a Host header, without its port. */
export function hostName(header: string | null | undefined): string {
  return (header ?? '').replace(/:\d+$/, '').toLowerCase();
}

/**
 * Refuses a Host header that is not one of this machine's own names: a page of another site that gave its own name this
 * machine's address (DNS rebinding) sends that name.
 *
 * @throws Problem 403
 */
export function checkHost(request: Request): void {
  const header = request.headers.get('host') ?? new URL(request.url).host;
  if (isLoopback(hostName(header))) return;
  throw new Problem(403, `Host must be 127.0.0.1 or localhost, got ${JSON.stringify(header)}; a proxy must send that`);
}

/**
 * A check of the token of a request, in a time that says nothing of how much of it was right.
 *
 * @throws InputError for a token that no header can hold as it is, or an empty one, which everyone has
 */
export function tokenCheck(token: string): (request: Request) => void {
  if (!/^[!-~]+$/.test(token)) {
    const got = token === '' ? 'none' : /\s/.test(token) ? 'blanks among them' : 'others';
    throw new InputError(`token (CATEGORY2VEC_TOKEN) must be letters, digits and signs of ASCII, got ${got}`);
  }
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return (request) => {
    const [, given = ''] = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    if (timingSafeEqual(digest(given), expected)) return;
    throw new Problem(401, 'Authorization must be Bearer and the token of this service', {
      headers: { 'WWW-Authenticate': 'Bearer realm="category2vec"' },
    });
  };
}
