/** `/healthz`, `/readyz`, `/metrics`, `/openapi.json`: what machines ask. */
import { z } from 'zod';
import { defineRoute } from '../define-route.js';
import { Problem } from '../problem.js';

const status = z.object({ status: z.string(), models: z.int() });

/** Whether the process lives. */
export const healthRoute = defineRoute({
  method: 'GET',
  path: '/healthz',
  summary: 'Whether the service runs',
  response: z.object({ status: z.string() }),
  isForProbes: true,
  respond: () => ({ status: 'ok' }),
});

/** Whether requests should be sent here. */
export const readyRoute = defineRoute({
  method: 'GET',
  path: '/readyz',
  summary: 'Whether it has a model to ask and is not about to end',
  response: status,
  isForProbes: true,
  respond: ({ shelf, isDraining }) => {
    const models = shelf.models.filter(({ versions }) => versions.length > 0).length;
    if (isDraining) throw new Problem(503, 'the service is about to end');
    if (models === 0) throw new Problem(503, 'no model is served; /v1/models says why');
    return { status: 'ready', models };
  },
});

/** Counts and times. */
export const metricsRoute = defineRoute({
  method: 'GET',
  path: '/metrics',
  summary: 'Counts and times for Prometheus',
  respond: ({ metrics }) => metrics.text(),
});

/** The document of the routes. */
export const openApiRoute = defineRoute({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document',
  response: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
  respond: ({ document }) => document(),
});
