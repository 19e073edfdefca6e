/** The application: requests in, responses out, by the table of routes. It knows no port. */
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Route } from './define-route.js';
import type { ResolvedLimits } from './limits.js';
import type { AnsweredRequest } from './log.js';
import type { Metrics } from './metrics.js';
import type { ModelShelf } from './model-shelf.js';
import { openApiDocument } from './openapi.js';
import { headersOf, Problem, problemOf, problemResponse } from './problem.js';

/** What an application is made of. */
export interface ApplicationParts {
  readonly routes: readonly Route[];
  readonly shelf: ModelShelf;
  readonly metrics: Metrics;
  readonly limits: ResolvedLimits;
  /** longest time of a request in milliseconds; undefined for no end */
  readonly deadlineMs: number | undefined;
  /** throws where a request may not ask at all */
  readonly checkOrigin?: ((request: Request) => void) | undefined;
  /** throws where a request lacks the token; routes for probes do without */
  readonly checkToken?: ((request: Request) => void) | undefined;
  readonly onRequest: (request: AnsweredRequest) => void;
  readonly onBug: (error: unknown) => void;
}

/** The application and what it is doing. */
export interface Application {
  readonly fetch: (request: Request) => Promise<Response>;
  /** requests whose work has not ended */
  readonly underWay: () => number;
  /** from now on connections end with their answer, and it is not ready */
  drain(): void;
}

type Env = { Variables: { route: Route; answeredBy: Pick<AnsweredRequest, 'model' | 'version'> } };

/** Puts the routes behind the checks that all of them share. */
export function createApplication(parts: ApplicationParts): Application {
  const { routes, metrics, checkOrigin, checkToken, onRequest, onBug } = parts;
  const app = new Hono<Env>();
  const state = { underWay: 0, isDraining: false };
  const document = openApiDocument(routes, { isTokenNeeded: checkToken !== undefined });
  const limitBody = bodyLimiter(parts.limits.maxBody);
  app.use(async (context, next) => {
    const start = performance.now();
    await next();
    const { route, answeredBy } = context.var;
    const ms = performance.now() - start;
    const request = { method: context.req.method, route: route?.path ?? 'none', status: context.res.status };
    metrics.addRequest(request, ms / 1000);
    onRequest({ ...request, ms, ...answeredBy });
  });
  for (const route of routes) {
    // one handler for all checks: each handler of a chain costs a request as much as its checks
    app.on(route.method, route.path.replace(/\{(\w+)\}/g, ':$1'), async (context) => {
      checkOrigin?.(context.req.raw);
      context.set('route', route);
      if (!route.isForProbes) checkToken?.(context.req.raw);
      if (route.request !== undefined) checkType(context);
      return respond(context, route, parts, { state, document, limitBody });
    });
  }
  app.all('*', (context) => {
    checkOrigin?.(context.req.raw);
    throw notFound(context, routes);
  });
  app.onError((error) => {
    const problem = problemOf(error);
    if (problem.status === 500) onBug(error);
    return problemResponse(problem, state);
  });
  return {
    fetch: async (request) => app.fetch(request),
    underWay: () => state.underWay,
    drain: () => void (state.isDraining = true),
  };
}

interface Shared {
  readonly state: { underWay: number; readonly isDraining: boolean };
  readonly document: unknown;
  readonly limitBody: LimitBody;
}

/** Throws 413 for a body that is too long; where that shows only as it comes, once it has come. */
type LimitBody = (context: Context<Env>) => Promise<unknown> | undefined;

async function respond(
  context: Context<Env>,
  route: Route,
  { shelf, metrics, limits, deadlineMs }: ApplicationParts,
  { state, document, limitBody }: Shared,
): Promise<Response> {
  const hasBody = route.request !== undefined;
  if (hasBody && state.underWay >= limits.maxConcurrent) {
    throw new Problem(429, `at most ${limits.maxConcurrent} requests may be under way; try again in a second`, {
      headers: { 'Retry-After': '1' },
    });
  }
  state.underWay++;
  const answer = await beforeDeadline(deadlineMs, async (late) => {
    try {
      // a body may never end: it is waited for no longer than the answer, so that its place is free again
      const body = hasBody ? parseBody(await orLate(readBody(context, limitBody), late)) : undefined;
      const { isDraining } = state;
      return await route.respond({
        body,
        params: context.req.param(),
        shelf,
        metrics,
        isDraining,
        document: () => document,
      });
    } finally {
      state.underWay--;
    }
  });
  if (typeof answer === 'object' && answer !== null && 'model' in answer && 'version' in answer) {
    context.set('answeredBy', { model: String(answer.model), version: String(answer.version) });
  }
  return route.response === undefined
    ? new Response(String(answer), { headers: headersOf('text/plain; charset=UTF-8', state) })
    : new Response(JSON.stringify(answer), { headers: headersOf('application/json', state) });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

async function readBody(context: Context<Env>, limitBody: LimitBody): Promise<string> {
  let bytes: ArrayBuffer;
  try {
    await limitBody(context);
    bytes = await context.req.arrayBuffer();
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(400, 'the body must be there in full and unread, but it broke off or was read before');
  }
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Problem(400, 'the body must be UTF-8, got other bytes');
  }
}

function parseBody(text: string): unknown {
  try {
    // schemas pass over a name of __proto__, and with it a filter; a look at every name is dear, so few bodies have it
    return /proto__|\\u/.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(400, `the body must be JSON, got ${text === '' ? 'none' : 'text that breaks off or is none'}`);
  }
}

function refuseProto(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new Problem(422, 'a name in the body must not be __proto__; leave it out');
  return value;
}

function checkType(context: Context<Env>): void {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    throw new Problem(415, `Content-Type must be application/json, got ${type === '' ? 'none' : JSON.stringify(type)}`);
  }
  const encoding = context.req.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw new Problem(415, `Content-Encoding must be identity or left out, got ${JSON.stringify(encoding)}`);
  }
}

/** Bodies that say their length are not opened as a stream, which costs half as much as an answer. */
function bodyLimiter(maxSize: number): LimitBody {
  const refuse = (): never => {
    throw new Problem(413, `the body must have at most ${maxSize} bytes`);
  };
  const limitStream = bodyLimit({ maxSize, onError: refuse });
  return (context) => {
    const length = context.req.header('content-length');
    if (length === undefined || context.req.header('transfer-encoding') !== undefined) {
      return limitStream(context, async () => {});
    }
    return Number(length) > maxSize ? refuse() : undefined;
  };
}

/** Rejects with 503 after some time; what was begun continues until it ends. */
async function beforeDeadline<Result>(
  deadlineMs: number | undefined,
  begin: (late: Promise<never> | undefined) => Promise<Result>,
): Promise<Result> {
  if (deadlineMs === undefined) return begin(undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Problem(503, `the request took longer than ${deadlineMs / 1000} s`, { headers: { 'Retry-After': '1' } }),
      );
    }, deadlineMs);
  });
  try {
    return await orLate(begin(late), late);
  } finally {
    clearTimeout(timer);
  }
}

async function orLate<Result>(work: Promise<Result>, late: Promise<never> | undefined): Promise<Result> {
  return late === undefined ? work : Promise.race([work, late]);
}

/** 405 where the path is there for another method, else 404. */
function notFound(context: Context<Env>, routes: readonly Route[]): Problem {
  const { method, path } = context.req;
  const methods = routes
    .filter((route) =>
      new RegExp(`^${route.path.replaceAll('.', String.raw`\.`).replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    )
    .map((route) => route.method);
  if (methods.length > 0) {
    const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
    return new Problem(405, `the method must be ${allowed.join(' or ')} here, got ${method}`, {
      headers: { Allow: allowed.join(', ') },
    });
  }
  return new Problem(404, 'not found; /openapi.json lists the routes');
}
