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
      if (route.request !== undefined) {
        checkType(context);
        await limitBody(context);
      }
      return respond(context, route, parts, { state, document });
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
}

async function respond(
  context: Context<Env>,
  route: Route,
  { shelf, metrics, limits, deadlineMs }: ApplicationParts,
  { state, document }: Shared,
): Promise<Response> {
  if (!route.isForProbes && state.underWay >= limits.maxConcurrent) {
    throw new Problem(429, `at most ${limits.maxConcurrent} requests may be under way; try again in a second`, {
      headers: { 'Retry-After': '1' },
    });
  }
  state.underWay++;
  const work = (async () => {
    const body = route.request === undefined ? undefined : parseBody(await context.req.text());
    const { isDraining } = state;
    return route.respond({ body, params: context.req.param(), shelf, metrics, isDraining, document: () => document });
  })().finally(() => state.underWay--);
  const answer = await beforeDeadline(work, deadlineMs);
  if (typeof answer === 'object' && answer !== null && 'model' in answer && 'version' in answer) {
    context.set('answeredBy', { model: String(answer.model), version: String(answer.version) });
  }
  return route.response === undefined
    ? new Response(String(answer), { headers: headersOf('text/plain; charset=UTF-8', state) })
    : new Response(JSON.stringify(answer), { headers: headersOf('application/json', state) });
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, `the body must be JSON, got ${text === '' ? 'none' : 'text that breaks off or is none'}`);
  }
}

function checkType(context: Context<Env>): void {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    throw new Problem(415, `Content-Type must be application/json, got ${type === '' ? 'none' : JSON.stringify(type)}`);
  }
}

/** Bodies that say their length are not opened as a stream, which costs half as much as an answer. */
function bodyLimiter(maxSize: number): (context: Context<Env>) => Promise<unknown> | undefined {
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

async function beforeDeadline<Result>(work: Promise<Result>, deadlineMs: number | undefined): Promise<Result> {
  if (deadlineMs === undefined) return work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Problem(503, `the request took longer than ${deadlineMs / 1000} s`, { headers: { 'Retry-After': '1' } }),
      );
    }, deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
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
  return new Problem(404, 'nothing is there; /openapi.json lists the routes');
}
