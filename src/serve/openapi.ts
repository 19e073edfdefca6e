/** The OpenAPI document, written from the table of routes. */
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { Route } from './define-route.js';

/** OpenAPI 3.1: the schemas that requests are checked against, as they are. */
export function openApiDocument(routes: readonly Route[], { isTokenNeeded = false } = {}): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = operationOf(route, isTokenNeeded);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'category2vec',
      version: '1',
      description:
        'Vectors of categories: neighbors, recommendations and predictions. Errors are problem documents (RFC 9457).',
    },
    paths,
    components: {
      schemas: { Problem: problemSchema },
      ...(isTokenNeeded ? { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } } : {}),
    },
  };
}

const problemSchema = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'one sentence: what, expected, received, what to do' },
    unknown: { type: 'array', items: { type: 'string' }, description: 'keys that the model does not know' },
  },
  required: ['type', 'title', 'status', 'detail'],
};

/** Statuses of a problem by what a route has. */
const bodyProblems = [400, 413, 415, 422, 429];
const modelProblems = [404];
const everyProblem = [401, 403, 503];

function operationOf({ path, summary, request, response, isForProbes }: Route, isTokenNeeded: boolean): unknown {
  const parameters = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const isForModel = request !== undefined || parameters.length > 0;
  const problems = isForProbes
    ? [403, 503]
    : [...(request === undefined ? [] : bodyProblems), ...(isForModel ? modelProblems : []), ...everyProblem];
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(isTokenNeeded && !isForProbes ? { security: [{ token: [] }] } : {}),
    ...(request === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(request, 'input') } } } }),
    responses: {
      200: {
        description: 'the answer',
        content:
          response === undefined
            ? { 'text/plain': { schema: { type: 'string' } } }
            : { 'application/json': { schema: schemaOf(response, 'output') } },
      },
      ...Object.fromEntries(problems.toSorted((a, b) => a - b).map((status) => [status, problemAnswer(status)])),
    },
  };
}

function problemAnswer(status: number): unknown {
  return {
    description: STATUS_CODES[status],
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _, ...document } = z.toJSONSchema(schema, { io });
  return document;
}
