/** `POST /v1/similarity`: the cosine of a category, a vector or a history with some categories. */
import { z } from 'zod';
import { cosineOf, directionOf } from '../../embedding/nearest.js';
import { defineQuestion } from '../define-route.js';
import { answeredByOf, checkWays, originOf, queryOf, splitKeys } from '../embedding-query.js';
import type { ResolvedLimits } from '../limits.js';
import * as fields from '../schemas.js';

/** The route. */
export function similarityRoute({ maxKeys }: ResolvedLimits) {
  return defineQuestion({
    path: '/v1/similarity',
    summary: 'Cosine with each of some categories',
    request: z.strictObject({
      ...fields.modelChoice,
      key: fields.text.optional().describe('one category'),
      vector: fields
        .listOf(fields.number, { min: 1, max: 1_000_000, what: 'numbers' })
        .optional()
        .describe('a direction'),
      alignment: fields.givenAlignment,
      ...fields.historyFields(maxKeys),
      keys: fields.keyList(maxKeys, 1).describe('the categories that it is compared with'),
    }),
    response: z.object({
      ...fields.answeredBy,
      alignment: fields.alignment,
      origin: fields.origin.optional().describe('rung of the vector of key'),
      similarities: z.array(z.object({ category: z.string(), similarity: z.number(), origin: fields.origin })),
      unknown: fields.unknownKeys,
    }),
    respond: ({ body, shelf }) =>
      shelf.use('embedding', body, (served) => {
        const { keys, ...asked } = body;
        checkWays(asked, ['key', 'vector', 'history']);
        const { embedding } = served;
        const { query, unknown } = queryOf(served, asked);
        const { direction } = directionOf(embedding, query);
        const others = splitKeys(served, keys);
        const similarities = others.known.map((category) => ({
          category,
          similarity: cosineOf(direction, 0, embedding.vector(category), 0, embedding.dimension),
          origin: originOf(served, category),
        }));
        return {
          ...answeredByOf(served),
          ...(body.key === undefined ? {} : { origin: originOf(served, body.key) }),
          similarities,
          unknown: [...unknown, ...others.unknown],
        };
      }),
  });
}
