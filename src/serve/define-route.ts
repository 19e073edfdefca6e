/** A route as data: where it stands, what it takes, what it answers, and the step that it calls. */
import type { z } from 'zod';
import type { Metrics } from './metrics.js';
import type { ModelShelf } from './model-shelf.js';
import { Problem } from './problem.js';
import { sentenceOf } from './sentences.js';

/** What a route's step is given. */
export interface RouteCall<Body> {
  readonly body: Body;
  /** parts of the path that stand in braces */
  readonly params: Readonly<Record<string, string>>;
  readonly shelf: ModelShelf;
  readonly metrics: Metrics;
  /** whether the service is about to end */
  readonly isDraining: boolean;
  /** the document of all routes */
  readonly document: () => unknown;
}

/** One route. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** with names in braces: `/v1/models/{name}` */
  readonly path: string;
  readonly summary: string;
  /** of the body; undefined where there is none */
  readonly request?: z.ZodObject | undefined;
  /** of the answer; text where undefined */
  readonly response?: z.ZodType | undefined;
  /** whether it is answered without a token; default false */
  readonly isForProbes: boolean;
  /** @returns the body of the answer; @throws Problem 422 for a body that does not fit */
  readonly respond: (call: RouteCall<unknown>) => Promise<unknown>;
}

type RouteSpec = Omit<Route, 'isForProbes' | 'respond' | 'request'> & { readonly isForProbes?: boolean };

/** A route that takes no body. @param spec - `respond` gives the body of the answer */
export function defineRoute({
  respond,
  isForProbes = false,
  ...spec
}: RouteSpec & { readonly respond: (call: RouteCall<unknown>) => unknown }): Route {
  return { ...spec, isForProbes, respond: async (call) => respond(call) };
}

/** A route whose step is called with a checked body. @param spec - `respond` gives the body of the answer */
export function defineQuestion<Request extends z.ZodObject>({
  request,
  respond,
  ...spec
}: Omit<RouteSpec, 'isForProbes' | 'method'> & {
  readonly request: Request;
  readonly respond: (call: RouteCall<z.output<Request>>) => unknown;
}): Route {
  return {
    ...spec,
    method: 'POST',
    request,
    isForProbes: false,
    respond: async (call) => {
      const checked = request.safeParse(call.body);
      if (!checked.success) throw new Problem(422, sentenceOf(checked.error, Object.keys(request.shape)));
      return respond({ ...call, body: checked.data });
    },
  };
}
