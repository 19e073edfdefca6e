/** The table of routes. A new one is a file in `routes/` and a row here; the OpenAPI document follows. */
import type { Route } from './define-route.js';
import type { ResolvedLimits } from './limits.js';
import { modelRoute, modelsRoute } from './routes/models.js';
import { neighborsRoute } from './routes/neighbors.js';
import { predictRoute } from './routes/predict.js';
import { healthRoute, metricsRoute, openApiRoute, readyRoute } from './routes/probes.js';
import { recommendRoute } from './routes/recommend.js';
import { similarityRoute } from './routes/similarity.js';
import { vectorsRoute } from './routes/vectors.js';

/** Every route, in the order of the document. */
export function routesOf(limits: ResolvedLimits): readonly Route[] {
  return [
    neighborsRoute(limits),
    vectorsRoute(limits),
    similarityRoute(limits),
    recommendRoute(limits),
    predictRoute(limits),
    modelsRoute,
    modelRoute,
    healthRoute,
    readyRoute,
    metricsRoute,
    openApiRoute,
  ];
}
