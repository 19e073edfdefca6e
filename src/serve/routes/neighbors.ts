/** `POST /v1/neighbors`: what is most like a category, several, a vector, a history, or what is liked. */
import { z } from 'zod';
import type { Neighbor } from '../../embedding/nearest.js';
import { defineQuestion } from '../define-route.js';
import {
  admissionOf,
  answeredByOf,
  checkWays,
  originOf,
  queryOf,
  recallOfAnswer,
  splitKeys,
} from '../embedding-query.js';
import type { ResolvedLimits } from '../limits.js';
import type { EmbeddingVersion } from '../model-version.js';
import * as fields from '../schemas.js';

const neighbor = z
  .looseObject({
    category: z.string(),
    similarity: z.number(),
    count: z.number(),
    confidence: z.number().optional().describe('from 0 to 1, where training measured chance'),
    origin: fields.origin,
  })
  .describe('beside these, the attributes of the category by their names');

/** The route. */
export function neighborsRoute({ maxK, maxKeys }: ResolvedLimits) {
  return defineQuestion({
    path: '/v1/neighbors',
    summary: 'The nearest categories by cosine',
    request: z.strictObject({
      ...fields.modelChoice,
      key: fields.text.optional().describe('one category'),
      keys: fields.keyList(maxKeys, 1).optional().describe('several categories, each asked for itself'),
      vector: fields
        .listOf(fields.number, { min: 1, max: 1_000_000, what: 'numbers' })
        .optional()
        .describe('a direction'),
      alignment: fields.givenAlignment,
      ...fields.historyFields(maxKeys),
      like: fields.keyList(maxKeys).optional().describe('more like these'),
      unlike: fields.keyList(maxKeys).optional().describe('and less like these'),
      k: fields.wholeNumber({ min: 1, max: maxK }).default(10).describe('how many at most'),
      ...fields.admission,
      exclude: fields.keyList(maxKeys).optional().describe('categories that are no answer'),
    }),
    response: z.object({
      ...fields.answeredBy,
      alignment: fields.alignment,
      recall: fields.recall,
      category: z.string().optional().describe('the key that was asked for'),
      origin: fields.origin.optional().describe('rung of the vector of that key'),
      neighbors: z.array(neighbor).optional(),
      queries: z
        .array(z.object({ category: z.string(), origin: fields.origin, neighbors: z.array(neighbor) }))
        .optional()
        .describe('one for each known key of keys'),
      unknown: fields.unknownKeys,
    }),
    respond: ({ body, shelf }) =>
      shelf.use('embedding', body, async (served) => {
        checkWays(body, ['key', 'keys', 'vector', 'history', 'like', 'unlike']);
        const { options, unknown: excluded } = admissionOf(served, body);
        const { k } = body;
        const recall = recallOfAnswer(served, body);
        if (body.keys !== undefined) {
          const { known, unknown } = splitKeys(served, body.keys);
          const queries = known.map(async (category) => ({
            category,
            origin: originOf(served, category),
            neighbors: listed(served, await served.nearest({ query: category, k, ...options })),
          }));
          return {
            ...answeredByOf(served),
            ...recall,
            queries: await Promise.all(queries),
            unknown: [...unknown, ...excluded],
          };
        }
        const { query, unknown } = queryOf(served, body);
        const neighbors = listed(served, await served.nearest({ query, k, ...options }));
        const own = body.key === undefined ? {} : { category: body.key, origin: originOf(served, body.key) };
        return { ...answeredByOf(served), ...recall, ...own, neighbors, unknown: [...unknown, ...excluded] };
      }),
  });
}

function listed(served: EmbeddingVersion, neighbors: readonly Neighbor[]) {
  return neighbors.map(({ category, similarity, count, confidence, attributes }) => ({
    ...attributes,
    category,
    similarity,
    count,
    ...(confidence === undefined ? {} : { confidence }),
    origin: originOf(served, category),
  }));
}
